import type { DatabaseSync } from 'node:sqlite'
import type { Kysely, Transaction } from 'kysely'
import type { Pool, PoolConnection } from 'mysql2/promise'
import { expectTypeOf } from 'vitest'
import { kysely } from '../../src/adapters/kysely.ts'
import { mysql } from '../../src/adapters/mysql2.ts'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { createClaims } from '../../src/index.ts'
import type { Claims, ClaimResult } from '../../src/index.ts'
import {
  assertHistory,
  checkHistory,
  createHistory,
  inMemory,
  mergeHistories,
  race,
  withFaults,
} from '../../src/testing/index.ts'
import type { Faults, HistoryEvent, Race, Rule } from '../../src/testing/index.ts'

interface Shop {
  orders: { order_id: number; status: string; amount: string }
}
declare const db: Kysely<Shop>
declare const pool: Pool
declare const handle: DatabaseSync

const states = { waiting: 'Wait', claimed: 'Y' }
const columns = { id: 'order_id', status: 'status' } as const

// A race gives back what its calls give back.
expectTypeOf(race(3, (index) => index)).resolves.toEqualTypeOf<Race<number>>()
expectTypeOf(race(3, async () => ({ outcome: 'claimed' }) as const)).resolves.toEqualTypeOf<
  Race<{ readonly outcome: 'claimed' }>
>()

// Faults change nothing of an adapter's type.
const faulty = withFaults(kysely(db))
expectTypeOf(faulty.faults).toEqualTypeOf<Faults>()
const typed = createClaims({ database: faulty, table: 'orders', columns, states })
void typed.claimOnce(1, {
  read: ['amount'],
  effect: (tx, order) => {
    expectTypeOf(tx).toEqualTypeOf<Transaction<Shop>>()
    expectTypeOf(order).toEqualTypeOf<{ readonly amount: string }>()
  },
})
// @ts-expect-error there is no such table
createClaims({ database: faulty, table: 'order', columns, states })
void createClaims({ database: withFaults(mysql(pool)), table: 'orders', columns, states }).claimOnce(1, {
  effect: (tx) => expectTypeOf(tx).toEqualTypeOf<PoolConnection>(),
})
withFaults(sqlite(handle)).close()
withFaults(mysql(pool), [
  { fault: 'lost after', on: 'commit' },
  { fault: 'slow', on: /^update/, beforeMs: 5 },
  { fault: 'deadlock', on: ({ kind, sql }) => kind === 'effect' && sql.includes('accounts'), at: 2, times: Infinity },
])
// @ts-expect-error no such fault
withFaults(mysql(pool), [{ fault: 'fire' }])
// @ts-expect-error no such statement
faulty.faults.arm({ fault: 'deadlock', on: 'COMMIT' })
// @ts-expect-error a pool is no adapter
withFaults(pool)

// A history is of any claims, and watching them changes nothing of their type.
const history = createHistory()
expectTypeOf(history.watch(typed)).toEqualTypeOf(typed)
history.record({ kind: 'paid', order: 7 })
history.record({ kind: 'answered', order: { merchant: 1, no: 'A' }, reply: 'handled' })
// @ts-expect-error no such event
history.record({ kind: 'payed', order: 7 })
// @ts-expect-error what the gateway was told is missing
history.record({ kind: 'answered', order: 7 })
// @ts-expect-error time and process are added by the history
history.record({ kind: 'paid', order: 7, at: 1 })
createClaims({ database: mysql(pool), table: 'orders', columns, states, onEvent: history.onEvent })
assertHistory(history)
assertHistory(mergeHistories(history, history.events), { clockSkewMs: 10 })
expectTypeOf(checkHistory([])[0]?.rule).toEqualTypeOf<Rule | undefined>()
expectTypeOf<HistoryEvent['at']>().toEqualTypeOf<number>()

// In memory the rows say what the tables are.
const shop = inMemory({
  orders: {
    key: 'order_id',
    rows: [
      { order_id: 1, status: 'Wait', amount: '42.00', claim_token: null, note: null },
      { order_id: 2, status: 'Y', amount: '1.00', claim_token: null, note: 'moved', more: 1n },
    ],
    types: { gateway_txn: 'text' },
  },
  ledger: { key: 'id', rows: [], types: { id: 'integer', amount: 'text' } },
})
type ColumnValue = string | number | bigint | Date | Buffer | null
expectTypeOf(shop.rows('orders')[0]!).branded.toEqualTypeOf<{
  readonly order_id: number
  readonly status: string
  readonly amount: string
  readonly claim_token: ColumnValue
  readonly note: string | null
  readonly more: bigint | null
  readonly gateway_txn: ColumnValue
}>()
expectTypeOf(shop.rows('ledger')[0]!).branded.toEqualTypeOf<{
  readonly id: ColumnValue
  readonly amount: ColumnValue
}>()
// @ts-expect-error there is no such table
shop.rows('order')
const inShop = createClaims({
  database: shop.database,
  table: 'orders',
  columns: { ...columns, token: 'claim_token', paymentId: 'gateway_txn' },
  states,
})
expectTypeOf(
  inShop.claimOnce(1, {
    read: ['amount'],
    effect: (tx, order) => {
      expectTypeOf(tx).toEqualTypeOf<DatabaseSync>()
      expectTypeOf(order).branded.toEqualTypeOf<{ readonly amount: string }>()
      return 7
    },
  }),
).resolves.toEqualTypeOf<ClaimResult<number>>()
// @ts-expect-error there is no such column
createClaims({ database: shop.database, table: 'orders', columns: { id: 'id', status: 'status' }, states })
// @ts-expect-error SQLite knows no Date
inMemory({ orders: { key: 'id', rows: [{ id: 1, paid_at: new Date() }] } })
// @ts-expect-error which column is the key?
inMemory({ orders: { rows: [{ id: 1 }] } })

const fromText = inMemory('create table orders (order_id integer primary key, status text not null)')
const fromTables = createClaims({ database: fromText.database, table: 'orders', columns, states })
expectTypeOf(fromTables).toEqualTypeOf<Claims<DatabaseSync, Readonly<Record<string, ColumnValue>>, 'order_id'>>()
