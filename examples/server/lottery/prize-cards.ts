import { createPool } from 'claim-once'
import type { CandidateQueue, LowStock, PoolEventHook } from 'claim-once'
import { kysely } from 'claim-once/kysely'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../shop/tables.ts'
import { PRIZE_CARDS } from './prize-tables.ts'

export interface PrizeCardsOptions {
  readonly queue?: CandidateQueue
  readonly drawTogether?: number
  readonly timeoutMs?: number
  readonly lowStock?: LowStock
  readonly onEvent?: PoolEventHook
}

/** What claim-once needs to know of the table of cards. */
export const createPrizeCards = (db: Kysely<ShopTables>, options: PrizeCardsOptions) =>
  createPool({
    database: kysely(db),
    table: PRIZE_CARDS,
    columns: {
      id: 'card_id',
      status: 'status',
      owner: 'owner',
      slot: 'slot',
      scope: 'campaign',
      token: 'draw_token',
      reservedUntil: 'reserved_until',
      takenAt: 'taken_at',
    },
    states: { free: 'Free', reserved: 'Reserved', taken: 'Taken' },
    ...options,
  })

export type PrizeCards = ReturnType<typeof createPrizeCards>
