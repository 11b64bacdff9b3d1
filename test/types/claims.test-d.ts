import type { DatabaseSync } from 'node:sqlite'
import type Database from 'better-sqlite3'
import type { ColumnType, Generated, Kysely, Transaction } from 'kysely'
import type { ConnectionPool, Transaction as MssqlTransaction } from 'mssql'
import type { Pool as CallbackPool, PoolConnection as CallbackConnection } from 'mysql2'
import type { Pool, PoolConnection } from 'mysql2/promise'
import { expectTypeOf } from 'vitest'
import { kysely } from '../../src/adapters/kysely.ts'
import { mssql } from '../../src/adapters/mssql.ts'
import { mysql } from '../../src/adapters/mysql2.ts'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { createClaims } from '../../src/index.ts'
import type { ClaimError, ClaimErrorCode, ClaimResult, ReplyAdvice } from '../../src/index.ts'

interface Orders {
  order_id: Generated<number>
  status: string
  row_version: number
  amount: ColumnType<string, string | number, string>
  account_id: number
}
interface Shop {
  orders: Orders
  'archive.orders': Orders
  accounts: { id: number; balance: string }
}

declare const db: Kysely<Shop>
declare const transaction: Transaction<Shop>
declare const promiseConnection: PoolConnection
declare const promisePool: Pool
declare const callbackPool: CallbackPool
declare const mssqlPool: ConnectionPool
declare const mssqlTransaction: MssqlTransaction
declare const betterSqlite: Database.Database
declare const nodeSqlite: DatabaseSync

const states = { waiting: 'Wait', claimed: 'Y' }

// With kysely the compiler knows tables and columns, and what the effect reads.
const typed = createClaims({
  database: kysely(db),
  table: 'orders',
  columns: { id: 'order_id', status: 'status', version: 'row_version' },
  states,
})
const claimed = typed.claimOnce(1, {
  strategy: 'optimistic',
  read: ['amount', 'account_id'],
  effect: async (tx, order, { attempt, signal }) => {
    expectTypeOf(tx).toEqualTypeOf<Transaction<Shop>>()
    expectTypeOf(order).toEqualTypeOf<{ readonly amount: string; readonly account_id: number }>()
    expectTypeOf(attempt).toEqualTypeOf<number>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    await tx.updateTable('accounts').set({ balance: order.amount }).where('id', '=', order.account_id).execute()
    return { credited: order.amount }
  },
})
expectTypeOf(claimed).resolves.toEqualTypeOf<ClaimResult<{ credited: string }>>()
expectTypeOf(typed.claimOnce(1)).resolves.toEqualTypeOf<ClaimResult>()

// @ts-expect-error there is no such table
createClaims({ database: kysely(db), table: 'order', columns: { id: 'order_id', status: 'status' }, states })
// @ts-expect-error there is no such column
createClaims({ database: kysely(db), table: 'orders', columns: { id: 'id', status: 'status' }, states })
createClaims({ database: kysely(db), table: 'archive.orders', columns: { id: 'order_id', status: 'status' }, states })
// @ts-expect-error states is missing
createClaims({ database: mysql(promisePool), table: 'orders', columns: { id: 'order_id', status: 'status' } })
// @ts-expect-error there is no such column to read
void typed.claimOnce(1, { read: ['amuont'], effect: () => 1 })
// @ts-expect-error there is no such column to set
void typed.claimOnce(1, { set: { paid: 1 } })
// @ts-expect-error there is no such column to expect
void typed.claimOnce(1, { expect: { price: '1.00' } })
// @ts-expect-error no such strategy
void typed.claimOnce(1, { strategy: 'hopeful' })
// @ts-expect-error in one's own transaction the work comes after the claim
void typed.claimOnce(1, { transaction, effect: () => 1 })
// @ts-expect-error a Kysely is no transaction
void typed.claimOnce(1, { transaction: db })
void typed.claimOnce(1, { transaction })
void typed.reset(1, { transaction })
// @ts-expect-error nobody asks what became of it: it is called again
void typed.reset(1, { resolveTimeoutMs: 100 })
// @ts-expect-error an id is no object
void typed.claimOnce({ order_id: 1 })

// A composite id is an object with a value for each column.
const composite = createClaims({
  database: mysql(promisePool),
  table: 'orders',
  columns: { id: ['merchant_id', 'order_no'], status: 'status' },
  states: { waiting: 0, claimed: 1, afterClaimed: [2, 3] },
})
void composite.claimOnce({ merchant_id: 7, order_no: 'A-1' })
// @ts-expect-error a part of the id is missing
void composite.claimOnce({ merchant_id: 7 })
// @ts-expect-error the id has two parts
void composite.claimOnce('A-1')

// The effect's handle is of the kind of the pool.
const untyped = { table: 'orders', columns: { id: 'id', status: 'status' }, states } as const
void createClaims({ database: mysql(promisePool), ...untyped }).claimOnce('1', {
  read: ['amount'],
  effect: (tx, order) => {
    expectTypeOf(tx).toEqualTypeOf<PoolConnection>()
    expectTypeOf(order).toEqualTypeOf<{ readonly amount: string | number | bigint | Date | Buffer | null }>()
  },
})
void createClaims({ database: mysql(callbackPool), ...untyped }).claimOnce('1', {
  effect: (tx) => expectTypeOf(tx).toEqualTypeOf<CallbackConnection>(),
})
void createClaims({ database: sqlite(betterSqlite), ...untyped }).claimOnce('1', {
  effect: (tx) => expectTypeOf(tx).toEqualTypeOf<Database.Database>(),
})
void createClaims({ database: sqlite(() => nodeSqlite), ...untyped }).claimOnce('1', {
  effect: (tx) => expectTypeOf(tx).toEqualTypeOf<DatabaseSync>(),
})
// @ts-expect-error a connection is no pool
mysql(promiseConnection)

// The outcomes are a closed union, and each carries its reply.
export function exhaustive(result: ClaimResult<number>): ReplyAdvice {
  switch (result.outcome) {
    case 'claimed':
      expectTypeOf(result.value).toEqualTypeOf<unknown>()
      if (!result.recovered) expectTypeOf(result.value).toEqualTypeOf<number>()
      expectTypeOf(result.reply).toEqualTypeOf<'handled'>()
      break
    case 'duplicate':
    case 'second_payment':
    case 'not_found':
    case 'wrong_status':
    case 'mismatch':
    case 'busy':
      break
    default:
      expectTypeOf(result).toEqualTypeOf<never>()
  }
  return result.reply
}
expectTypeOf<ClaimError['code']>().toEqualTypeOf<ClaimErrorCode>()
expectTypeOf<ClaimError['reply']>().toEqualTypeOf<ReplyAdvice>()

// node-mssql: the effect gets the library's own Transaction, and `transaction` takes one.
const onSqlServer = createClaims({
  database: mssql(mssqlPool),
  table: 'dbo.orders',
  columns: { id: 'order_id', status: 'status', version: 'row_version' },
  states,
})
void onSqlServer.claimOnce('7', {
  effect: async (tx) => {
    expectTypeOf(tx).toEqualTypeOf<MssqlTransaction>()
    return await tx.request().query('update accounts set balance = balance + 1')
  },
})
void onSqlServer.claimOnce('7', { transaction: mssqlTransaction })
// @ts-expect-error a transaction of another library
void onSqlServer.claimOnce('7', { transaction: promiseConnection })
