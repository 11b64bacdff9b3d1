import type { Pool, PoolConnection } from 'mysql2/promise'
import { createClaims } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import { createHistory } from 'claim-once/testing'

export declare const pool: Pool

/** All of the configuration but the database. */
export const table = {
  table: 'orders',
  columns: { id: 'order_id', status: 'status', token: 'claim_token', paymentId: 'gateway_txn' },
  states: { waiting: 'Wait', claimed: 'Y' },
} as const

export const orders = createClaims({ database: mysql(pool), ...table })
export const history = createHistory()

/** The shop's own code under test. */
export declare function callback(order: number): Promise<{ readonly body: string }>
export declare function recharge(
  tx: PoolConnection,
  order: { readonly account_id: unknown; readonly amount: unknown },
): Promise<void>
/** Reads what the tables hold. */
export declare function balances(): Promise<readonly string[]>
export declare function newOrder(): Promise<number>
export declare function statusOf(order: number): Promise<string>
export declare function entriesOf(order: number): Promise<number>
