import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createPool } from 'mysql2/promise'
import type { PoolConnection } from 'mysql2/promise'
import { mysql } from '../../../src/adapters/mysql2.ts'
import { sqlite } from '../../../src/adapters/sqlite.ts'
import { createClaims } from '../../../src/index.ts'
import type { ClaimEvent, DrainOptions, DrainResult } from '../../../src/index.ts'
import { DELIVERIES } from '../deliveries.ts'
import { ACCOUNTS } from './contest.ts'
import type { Contest, Told } from './contest.ts'

interface Order {
  readonly delivery_id: unknown
}

let begun = false
/** The first orders are done: from now on it is worth killing. */
const onEvent = ({ type }: ClaimEvent): void => {
  if (type === 'order_done' && !begun) process.send?.('begun' satisfies Told)
  begun ||= type === 'order_done'
}

const COMMON = { ...DELIVERIES, timeoutMs: 10_000, onEvent } as const
const READ = ['delivery_id'] as const

/** One in fifty fails, and is to be tried again. */
const sometimesFails = (): void => {
  if (Math.random() < 0.02) throw new Error('not now')
}

const entries = (orders: readonly Order[]): string[] => {
  const ids = orders.map((order) => Number(order.delivery_id))
  return [
    `insert into delivered (delivery_id) values ${ids.map((id) => `(${id})`).join(', ')}`,
    // In one order, so that batches do not wait for each other in a circle.
    ...ids
      .map((id) => id % ACCOUNTS)
      .sort((a, b) => a - b)
      .map((account) => `update accounts set balance = balance + 1 where id = ${account + 1}`),
  ]
}

const OPTIONS = {
  leaseMs: 1500,
  maxAttempts: 1000,
  backoff: { firstMs: 50, factor: 2, mostMs: 500 },
  poll: { intervalMs: 100 },
  concurrency: 4,
} as const satisfies DrainOptions

async function work({ database, kind, outside }: Contest, signal: AbortSignal): Promise<DrainResult> {
  const options = { ...OPTIONS, signal, batchSize: kind === 'work' ? 3 : 10 }
  const call = async (order: Order, { idempotencyKey }: { readonly idempotencyKey: string }): Promise<void> => {
    sometimesFails()
    appendFileSync(outside, `${Number(order.delivery_id)} ${idempotencyKey}\n`)
    await pause(Math.random() * 5)
  }
  if (!database.startsWith('mysql:')) {
    const orders = createClaims({ ...COMMON, database: sqlite(() => new Database(database)) })
    const enter = (tx: Database.Database, all: readonly Order[]): void => {
      for (const statement of entries(all)) tx.exec(statement)
      sometimesFails()
    }
    const effect = (tx: Database.Database, order: Order): void => enter(tx, [order])
    if (kind === 'batch') return await orders.drain({ read: READ, batch: enter }, options)
    if (kind === 'effect') return await orders.drain({ read: READ, effect }, options)
    return await orders.drain({ read: READ, work: call, effect }, options)
  }
  const pool = createPool({ uri: database, connectionLimit: 8 })
  const orders = createClaims({ ...COMMON, database: mysql(pool) })
  const enter = async (tx: PoolConnection, all: readonly Order[]): Promise<void> => {
    for (const statement of entries(all)) await tx.query(statement)
    sometimesFails()
  }
  const effect = (tx: PoolConnection, order: Order): Promise<void> => enter(tx, [order])
  if (kind === 'batch') return await orders.drain({ read: READ, batch: enter }, options)
  if (kind === 'effect') return await orders.drain({ read: READ, effect }, options)
  return await orders.drain({ read: READ, work: call, effect }, options)
}

const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
process.once('message', (contest) => {
  process.send?.('ready' satisfies Told)
  work(contest as Contest, stop.signal).then(
    (result) => process.send?.(result satisfies Told, () => process.exit()),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())
