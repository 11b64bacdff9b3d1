import type { Pool, RowDataPacket } from 'mysql2/promise'

/** The campaign that all cards are of. */
export const CAMPAIGN = 'spring'

export const COLUMNS = {
  id: 'card_id',
  status: 'status',
  owner: 'owner',
  slot: 'slot',
  scope: 'campaign',
  takenAt: 'taken_at',
  token: 'draw_token',
} as const

export interface Cards {
  readonly cards: number
  /** How many of them are taken before the first draw, in percent: those of the lowest ids, as draws leave them. */
  readonly takenPercent: number
  /** With the index that serves filter and order of a pick. */
  readonly indexed: boolean
}

/** A table of cards, in the state that every slice finds it in. */
export class CardTable {
  readonly name: string
  readonly has: Cards
  readonly #pool: Pool
  #taken = 0

  private constructor(name: string, has: Cards, pool: Pool) {
    this.name = name
    this.has = has
    this.#pool = pool
  }

  /** Rows first, then the keys: sorted once, and not filled row by row. */
  static async create(pool: Pool, has: Cards, suffix = ''): Promise<CardTable> {
    const name = `claim_once_cards_${has.cards}_${has.takenPercent}${has.indexed ? '_indexed' : ''}${suffix}`
    const taken = Math.round((has.cards * has.takenPercent) / 100)
    await pool.query(`drop table if exists ${name}`)
    await pool.query(`
create table ${name} (
  card_id     bigint not null auto_increment primary key,
  campaign    varchar(20) not null,
  status      varchar(10) not null default 'Free',
  owner       varchar(40) null,
  slot        int null,
  taken_at    datetime(6) null,
  draw_token  char(36) null,
  card_number varchar(30) not null
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
    await pool.query(`
insert into ${name} (card_id, campaign, status, owner, slot, taken_at, card_number)
select seq, '${CAMPAIGN}',
       if(seq <= ${taken}, 'Taken', 'Free'),
       if(seq <= ${taken}, concat('before ', seq), null),
       if(seq <= ${taken}, 1, null),
       if(seq <= ${taken}, utc_timestamp(6), null),
       concat('N', seq)
from seq_1_to_${has.cards}`)
    const index = has.indexed ? ', add key free_cards (campaign, status, card_id)' : ''
    await pool.query(`alter table ${name} add unique key owners (campaign, owner, slot)${index}`)
    await pool.query(`analyze table ${name}`)
    return new CardTable(name, has, pool)
  }

  get free(): number {
    return this.has.cards - Math.round((this.has.cards * this.has.takenPercent) / 100) - this.#taken
  }

  /** Takes the first free cards, as so many draws would. */
  async take(cards: number): Promise<void> {
    await this.#pool.query(
      `update ${this.name} set status = 'Taken', owner = concat('before ', card_id), slot = 1, taken_at = utc_timestamp(6)
       where campaign = '${CAMPAIGN}' and status = 'Free' order by card_id limit ${cards}`,
    )
    this.#taken += cards
  }

  /** Frees what the owners of that prefix have; gives the ids of those cards. */
  async restore(prefix: string): Promise<readonly string[]> {
    const theirs = `where campaign = '${CAMPAIGN}' and owner like ?`
    const [cards] = await this.#pool.query<RowDataPacket[]>(
      `select card_id from ${this.name} force index (owners) ${theirs}`,
      [`${prefix}%`],
    )
    await this.#pool.query(
      `update ${this.name} force index (owners)
       set status = 'Free', owner = null, slot = null, taken_at = null, draw_token = null ${theirs}`,
      [`${prefix}%`],
    )
    return cards.map((card) => String(card['card_id']))
  }

  /** The plan of a statement, as one line. */
  async plan(sql: string, values: readonly unknown[]): Promise<string> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(`explain ${sql}`, [...values])
    return rows
      .map((row) => `${String(row['type'])} on ${String(row['key'] ?? 'no key')}: ${String(row['Extra'])}`)
      .join('; ')
  }

  async drop(): Promise<void> {
    await this.#pool.query(`drop table ${this.name}`)
  }
}
