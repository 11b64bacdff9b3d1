import { createClaims } from 'claim-once'
import { kysely } from 'claim-once/kysely'
import type { Kysely } from 'kysely'
import { ORDERS } from './tables.ts'
import type { ShopTables } from './tables.ts'

/** What claim-once needs to know of the shop's table. Table and columns are checked by the compiler. */
export const createOrderClaims = (db: Kysely<ShopTables>) =>
  createClaims({
    database: kysely(db),
    table: ORDERS,
    columns: {
      id: 'order_id',
      status: 'status',
      version: 'row_version',
      token: 'claim_token',
      claimedAt: 'claimed_at',
      paymentId: 'gateway_deal',
    },
    states: { waiting: 'Wait', claimed: 'Y' },
  })

export type OrderClaims = ReturnType<typeof createOrderClaims>
