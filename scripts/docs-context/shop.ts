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
    phone: string
    paid_at: string | null
    claim_token: string | null
    lease_until: string | null
    due_at: string | null
    attempts: number
    last_error: string | null
    result: string | null
  }
  notices: { transaction_id: string; order_id: string; amount: string; currency: string; paid_at: string }
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
export declare function remember(pending: string): Promise<void>
export declare function remembered(): Promise<readonly string[]>
export declare function topUp(
  phone: string,
  amount: string,
  options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
): Promise<{ readonly receipt: string }>
export declare function sendCards(
  tx: Transaction<Shop>,
  orders: readonly { readonly order_id: number }[],
): Promise<void>
export declare function putBackOnTheShelf(tx: Transaction<Shop>, orderId: string): Promise<void>
export declare function verified(request: Request): Promise<Notice>

export const orders = createClaims({
  database: kysely(db),
  table: 'orders',
  columns: {
    id: 'order_id',
    status: 'status',
    version: 'row_version',
    token: 'claim_token',
    claimedAt: 'claimed_at',
    paymentId: 'gateway_txn',
    leaseUntil: 'lease_until',
    dueAt: 'due_at',
    attempts: 'attempts',
    lastError: 'last_error',
    result: 'result',
  },
  states: {
    waiting: 'Wait',
    claimed: 'Y',
    afterClaimed: ['Shipped'],
    processing: 'Working',
    failed: 'Failed',
    closed: ['Expired', 'Cancelled'],
  },
})
