import { PlayedRows } from '../played-rows.ts'
import type { PlayedRecord } from '../played-rows.ts'

/** A played table of cards. */
export class PlayedCards extends PlayedRows {
  constructor() {
    super(
      'card_id',
      `card_id integer primary key, campaign text, status text default 'Free', owner text, slot integer, taken_at integer,
       draw_token text, reserved_until integer, card_number text, worth integer default 10`,
    )
  }

  /** So many free cards of a campaign; otherwise as the table has it. */
  addFree(campaign: string, count: number): void {
    for (let card = 0; card < count; card += 1) this.add({ campaign, card_number: `${campaign}-${card}` })
  }

  all(campaign: string): readonly PlayedRecord[] {
    const statement = this.database.prepare('select * from current where campaign = ? order by card_id')
    return statement.all(campaign) as PlayedRecord[]
  }

  /** Two cards of one owner with one slot: what the filtered unique key refuses. */
  get collides(): boolean {
    const twice = `select 1 from current where owner is not null group by campaign, owner, slot having count(*) > 1`
    return this.database.prepare(twice).get() !== undefined
  }
}
