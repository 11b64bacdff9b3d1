import type { Kysely, Transaction } from 'kysely'
import type { Pool } from 'mysql2/promise'
import { createClaims } from 'claim-once'
import { kysely } from 'claim-once/kysely'

export interface Shop {
  orders: {
    order_id: number
    status: string
    row_version: number
    claimed_at: string | null
    gateway_txn: string | null
    amount: string
    currency: string
    account_id: number
    paid_at: string | null
  }
  accounts: { id: number; balance: string }
}

/** What the gateway says, once its signature has been verified. */
export interface Notice {
  readonly orderId: string
  readonly amount: string
  readonly currency: string
  readonly transactionId: string
  readonly paidAt: string
}

export declare const pool: Pool
export declare const db: Kysely<Shop>
export declare const notice: Notice
export declare const orderId: string
export declare function recharge(
  tx: Transaction<Shop>,
  order: { readonly account_id: number; readonly amount: string },
): Promise<void>
export declare function acknowledge(): void
export declare function haveItCalledAgain(): void
export declare function tellAPerson(why: unknown): void
export declare function balances(): Promise<readonly string[]>

export const orders = createClaims({
  database: kysely(db),
  table: 'orders',
  columns: {
    id: 'order_id',
    status: 'status',
    version: 'row_version',
    claimedAt: 'claimed_at',
    paymentId: 'gateway_txn',
  },
  states: { waiting: 'Wait', claimed: 'Y', afterClaimed: ['Shipped'] },
})
