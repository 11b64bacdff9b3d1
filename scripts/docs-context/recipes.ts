import type { Job } from 'bullmq'
import type { Kysely, Transaction } from 'kysely'
import { createClaims } from 'claim-once'
import type { ClaimResult, DrainResult } from 'claim-once'
import { kysely } from 'claim-once/kysely'

export interface ShopTables {
  orders: {
    order_id: number
    status: string
    account_id: number
    phone: string
    amount: string
    claim_token: string | null
    gateway_txn: string | null
    lease_until: string | null
    due_at: string | null
    attempts: number
  }
  accounts: { account_id: number; balance: string }
}

export declare const db: Kysely<ShopTables>
export declare function recharge(
  tx: Transaction<ShopTables>,
  order: { readonly account_id: number; readonly amount: string },
): Promise<void>

export const ordersOf = (shop: Kysely<ShopTables>) =>
  createClaims({
    database: kysely(shop),
    table: 'orders',
    columns: {
      id: 'order_id',
      status: 'status',
      token: 'claim_token',
      paymentId: 'gateway_txn',
      leaseUntil: 'lease_until',
      dueAt: 'due_at',
      attempts: 'attempts',
    },
    states: { waiting: 'Wait', claimed: 'Y', processing: 'Working', failed: 'Failed' },
  })

export type Orders = ReturnType<typeof ordersOf>

export interface Payment {
  readonly orderId: string
  readonly transactionId: string
  readonly amount: string
}

export type TopUp = (
  order: { readonly phone: string; readonly amount: string },
  options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
) => Promise<unknown>

export type Outcome = ClaimResult<unknown>['outcome']
export type PaymentJob = Job<Payment, Outcome, 'recharge' | 'top_up'>

export interface TaskHelpers {
  readonly logger: { readonly info: (message: string) => void }
  readonly abortSignal?: AbortSignal | undefined
}

export declare function shown(result: DrainResult): string
export declare function deliverDue(orders: Orders, signal?: AbortSignal): Promise<DrainResult>
