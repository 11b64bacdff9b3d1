import { createClaims } from 'claim-once'
import type { EventHook } from 'claim-once'
import { kysely } from 'claim-once/kysely'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../../shop/tables.ts'
import { PRIZE_WINS } from './win-tables.ts'

/** What claim-once needs to know of the table of wins: to send a winner his card is to claim his win. */
export const createPrizeWins = (db: Kysely<ShopTables>, onEvent: EventHook) =>
  createClaims({
    database: kysely(db),
    table: PRIZE_WINS,
    columns: {
      id: 'winner',
      status: 'status',
      token: 'deliver_token',
      claimedAt: 'sent_at',
      leaseUntil: 'lease_until',
      dueAt: 'due_at',
      attempts: 'attempts',
      lastError: 'last_error',
    },
    states: { waiting: 'Wait', processing: 'Processing', claimed: 'Sent', failed: 'Failed' },
    onEvent,
  })

export type PrizeWins = ReturnType<typeof createPrizeWins>
