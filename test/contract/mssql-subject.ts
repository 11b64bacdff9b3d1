import { Kysely, sql } from 'kysely'
import type { ControlledTransaction, Transaction as KyselyTransaction } from 'kysely'
import driver from 'mssql'
import type { Transaction } from 'mssql'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { mssqlDialectFrom } from '../../src/adapters/kysely-mssql-dialect.ts'
import { kysely } from '../../src/adapters/kysely.ts'
import { mssql } from '../../src/adapters/mssql.ts'
import { lendFromKysely, lendFromPool, openMssqlPool } from '../support/mssql-pool.ts'
import { openMssqlShop } from '../support/mssql-shop.ts'
import type { MssqlShop, MssqlShopOptions } from '../support/mssql-shop.ts'
import type { ShopTables } from '../support/orders.ts'
import { until } from '../support/until.ts'
import { isBlocked } from './is-blocked.ts'
import type { OwnTransaction, Rows, Subject } from './subject.ts'

export const MSSQL_ADAPTERS = ['mssql', 'kysely'] as const
export type MssqlAdapterName = (typeof MSSQL_ADAPTERS)[number]

/** A pool of one connection, whose session can be brought into any state and looked at. */
export interface OneSession {
  readonly adapter: Adapter<unknown, object>
  readonly begin: () => Promise<OwnTransaction>
  /** A batch of its own on that connection: what it sets stays set. */
  readonly batch: (sql: string) => Promise<Rows>
  readonly close: () => Promise<void>
}

export interface MssqlSubject extends Subject {
  readonly family: 'mssql'
  readonly shop: MssqlShop
  /** In a transaction: lets others read the order, and stops their updates. */
  readonly stopUpdates: (id: number) => string
  /** Waits until a connection of the shop's database waits for a lock. */
  readonly untilBlocked: () => Promise<void>
  /** A transaction of the caller's own at SNAPSHOT. */
  readonly beginSnapshot: () => Promise<OwnTransaction>
  readonly oneSession: (...batches: readonly string[]) => Promise<OneSession>
}

interface Client extends Pick<MssqlSubject, 'adapter' | 'begin' | 'beginSnapshot' | 'close'> {
  /** A batch on the pool's next connection. */
  readonly batch: (text: string) => Promise<Rows>
}

export async function mssqlSubject(
  name: MssqlAdapterName,
  serverUrl: string,
  options: MssqlShopOptions = {},
): Promise<MssqlSubject> {
  const shop = await openMssqlShop(serverUrl, options)
  const open = name === 'mssql' ? openPool : openKysely
  const client = await open(shop.url, 20)
  return {
    family: 'mssql',
    shop,
    adapter: client.adapter,
    begin: client.begin,
    beginSnapshot: client.beginSnapshot,
    query: shop.run,
    through: name === 'mssql' ? throughTransaction : throughKysely,
    edit: (id) => shop.run(`update orders set note = N'edited' where order_id = ${id}`),
    // Eight bytes, which the server moves on by itself.
    hasMoved: (before, after) => Buffer.compare(after as Buffer, before as Buffer) > 0,
    stopUpdates: (id) =>
      shop.locksForReads
        ? `select note from orders with (repeatableread, rowlock) where order_id = ${id}`
        : `update orders set note = N'held' where order_id = ${id}`,
    untilBlocked: () =>
      until(() => isBlocked({ family: 'mssql', query: shop.run }, ''), 'a connection waits for a lock'),
    async oneSession(...batches) {
      const one = await open(shop.url, 1)
      for (const text of batches) await one.batch(text)
      return { adapter: one.adapter, begin: one.begin, batch: one.batch, close: one.close }
    },
    async close() {
      await client.close()
      await shop.close()
    },
  }
}

async function throughTransaction(tx: unknown, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await (tx as Transaction).request().query(statement)
}

async function throughKysely(tx: unknown, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(tx as KyselyTransaction<ShopTables>)
}

async function openPool(url: string, max: number): Promise<Client> {
  const pool = await openMssqlPool(url, max)
  const begin = async (isolationLevel: number): Promise<OwnTransaction> => {
    const tx = new driver.Transaction(pool)
    await tx.begin(isolationLevel)
    return { tx, commit: () => tx.commit(), rollback: () => tx.rollback() }
  }
  return {
    adapter: mssql(pool),
    begin: () => begin(driver.ISOLATION_LEVEL.READ_COMMITTED),
    beginSnapshot: () => begin(driver.ISOLATION_LEVEL.SNAPSHOT),
    close: () => pool.close(),
    batch: (text) => lendFromPool(pool)((run) => run(text)),
  }
}

async function openKysely(url: string, max: number): Promise<Client> {
  const db = new Kysely<ShopTables>({ dialect: mssqlDialectFrom(url, { max }) })
  return {
    adapter: kysely(db),
    begin: async () => own(await db.startTransaction().execute()),
    async beginSnapshot() {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return own(await db.startTransaction().setIsolationLevel('snapshot').execute())
        } catch (error) {
          // kysely makes up a name for such a transaction, and one in six of its names is refused.
          if (attempt === 10) throw error
        }
      }
    },
    close: () => db.destroy(),
    batch: (text) => lendFromKysely(db)((run) => run(text)),
  }
}

const own = (tx: ControlledTransaction<ShopTables>): OwnTransaction => ({
  tx,
  commit: () => tx.commit().execute(),
  rollback: () => tx.rollback().execute(),
})
