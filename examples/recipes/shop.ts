/**
 * Stands for your own shop in the recipes beside it: its table, what claim-once is told of it, and the effect.
 *
 *     create table orders (
 *       order_id bigint not null auto_increment primary key, status varchar(10) not null default 'Wait',
 *       account_id int not null, phone varchar(20) not null, amount decimal(12, 2) not null,
 *       claim_token char(36) null, gateway_txn varchar(64) null, lease_until datetime(6) null, due_at datetime(6) null,
 *       attempts int not null default 0, last_error varchar(500) null, index due (due_at, status)
 *     );
 *     create table accounts (account_id int not null primary key, balance decimal(12, 2) not null);
 */
import { createClaims } from 'claim-once'
import type { EventHook } from 'claim-once'
import { kysely } from 'claim-once/kysely'
import { Kysely, MysqlDialect } from 'kysely'
import type { Transaction } from 'kysely'
import { createPool } from 'mysql2'

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
    last_error: string | null
  }
  accounts: { account_id: number; balance: string }
}

export const openShop = (url: string, connections: number): Kysely<ShopTables> =>
  new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: connections }) }) })

export const ordersOf = (db: Kysely<ShopTables>, onEvent?: EventHook) =>
  createClaims({
    database: kysely(db),
    table: 'orders',
    columns: {
      id: 'order_id',
      status: 'status',
      token: 'claim_token',
      paymentId: 'gateway_txn',
      leaseUntil: 'lease_until',
      dueAt: 'due_at',
      attempts: 'attempts',
      lastError: 'last_error',
    },
    states: { waiting: 'Wait', claimed: 'Y', processing: 'Working', failed: 'Failed', closed: ['Cancelled'] },
    ...(onEvent && { onEvent }),
  })

export type Orders = ReturnType<typeof ordersOf>

/** The effect: everything goes through `tx`, so that it is committed with the claim, or undone with it. */
export async function recharge(
  tx: Transaction<ShopTables>,
  order: { readonly account_id: number; readonly amount: string },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('accounts')
    .set((account) => ({ balance: account('balance', '+', order.amount) }))
    .where('account_id', '=', order.account_id)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new Error(`There is no account ${order.account_id} to recharge.`)
}
