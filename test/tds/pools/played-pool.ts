import { error } from '../../support/tds/reply.ts'
import type { PlayedTable } from '../claims/played-table.ts'
import { PlayedRowsServer } from '../played-rows-server.ts'
import { PlayedCards } from './played-cards.ts'

const LATIN = 'Latin1_General_CI_AS'
const CARDS: PlayedTable = {
  name: 'cards',
  columns: [
    ['card_id', 'bigint', 8],
    ['campaign', 'varchar', 20, LATIN],
    ['status', 'varchar', 10, LATIN],
    ['owner', 'varchar', 40, LATIN],
    ['slot', 'int', 4],
    ['taken_at', 'datetime2', 8],
    ['draw_token', 'char', 36, LATIN],
    ['reserved_until', 'datetime2', 8],
    ['card_number', 'varchar', 30, LATIN],
    ['worth', 'int', 4],
  ],
  notNull: ['card_id', 'campaign', 'status'],
  uniqueKeys: [
    { name: 'pk', column_name: 'card_id', filter: null },
    ...['campaign', 'owner', 'slot'].map((name) => ({
      name: 'owners',
      column_name: name,
      filter: '([owner] IS NOT NULL)',
    })),
  ],
}

const DUPLICATE = error({ number: 2601, message: 'Cannot insert duplicate key row.', state: 1, class: 14 })

/** The filtered key lets no owner have a slot twice. */
export class PlayedPool extends PlayedRowsServer {
  readonly cards: PlayedCards

  constructor() {
    const cards = new PlayedCards()
    super(CARDS, cards)
    this.cards = cards
  }

  protected override refusal(): typeof DUPLICATE | null {
    return this.cards.collides ? DUPLICATE : null
  }
}
