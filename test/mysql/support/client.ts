import { CompiledQuery, Kysely, MysqlDialect } from 'kysely'
import type { Transaction } from 'kysely'
import { createPool as createCorePool } from 'mysql2'
import type { Pool as CorePool, PoolConnection as CoreConnection, PoolOptions } from 'mysql2'
import { createPool } from 'mysql2/promise'
import type { PoolConnection } from 'mysql2/promise'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { mysql } from '../../../src/adapters/mysql2.ts'
import type { ShopTables } from '../../support/orders.ts'

export type Row = Readonly<Record<string, unknown>>

/** The handle of an effect or of a transaction, whichever the library: it sends text. */
export interface Tx {
  run(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>
  /** What the library itself calls it. */
  readonly raw: unknown
}

export const CLIENTS = ['mysql2/promise', 'mysql2', 'kysely'] as const
export type ClientName = (typeof CLIENTS)[number]

/** A pool as a shop has it, with the adapter over it. */
export interface Client {
  readonly name: ClientName
  readonly adapter: Adapter<unknown>
  /** mysql2's own pool, which stands under every one of the libraries. */
  readonly core: CorePool
  /** A handle as an effect gets it, made uniform. */
  tx(raw: unknown): Tx
  /** A transaction of the library's own: committed, or rolled back when `work` throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** The threads of the connections that the pool has. */
  threads(): number[]
  end(): Promise<void>
}

export interface ClientOptions extends PoolOptions {
  /** What every connection is told first. */
  readonly session?: readonly string[]
}

export function openClient(name: ClientName, url: string, { session = [], ...options }: ClientOptions = {}): Client {
  const settings = { uri: url, connectionLimit: 10, ...options }
  const prepare = (core: CorePool): CorePool => {
    core.on('connection', (connection: CoreConnection) => {
      for (const statement of session) connection.query(statement)
    })
    return core
  }
  switch (name) {
    case 'mysql2/promise':
      return promiseClient(settings, prepare)
    case 'mysql2':
      return callbackClient(prepare(createCorePool(settings)))
    case 'kysely':
      return kyselyClient(prepare(createCorePool(settings)))
  }
}

type Prepare = (core: CorePool) => CorePool

function promiseClient(settings: PoolOptions, prepare: Prepare): Client {
  const pool = createPool(settings)
  const core = prepare((pool as unknown as { readonly pool: CorePool }).pool)
  const tx = (raw: unknown): Tx => ({
    raw,
    run: async (sql, values = []) => rowsOf((await (raw as PoolConnection).query(sql, [...values]))[0]),
  })
  return {
    name: 'mysql2/promise',
    adapter: mysql(pool),
    core,
    tx,
    threads: () => threadsOf(core),
    end: () => pool.end(),
    async transaction(work) {
      const connection = await pool.getConnection()
      const ended = async <T>(sql: string, value: T): Promise<T> => {
        await connection.query(sql)
        connection.release()
        return value
      }
      return await inTransaction(tx(connection), work, ended, () => connection.destroy())
    },
  }
}

function callbackClient(core: CorePool): Client {
  const tx = (raw: unknown): Tx => ({ raw, run: (sql, values) => runOn(raw as CoreConnection, sql, values) })
  return {
    name: 'mysql2',
    adapter: mysql(core),
    core,
    tx,
    threads: () => threadsOf(core),
    end: () => endOf(core),
    async transaction(work) {
      const connection = await connectionOf(core)
      const ended = async <T>(sql: string, value: T): Promise<T> => {
        await runOn(connection, sql)
        connection.release()
        return value
      }
      return await inTransaction(tx(connection), work, ended, () => connection.destroy())
    },
  }
}

function kyselyClient(core: CorePool): Client {
  const db = new Kysely<ShopTables>({ dialect: new MysqlDialect({ pool: core }) })
  const tx = (raw: unknown): Tx => ({
    raw,
    async run(sql, values = []) {
      const { rows } = await (raw as Transaction<ShopTables>).executeQuery<Row>(CompiledQuery.raw(sql, [...values]))
      return rows
    },
  })
  return {
    name: 'kysely',
    adapter: kysely(db),
    core,
    tx,
    threads: () => threadsOf(core),
    end: () => db.destroy(),
    transaction: (work) => db.transaction().execute((transaction) => work(tx(transaction))),
  }
}

async function inTransaction<T>(
  tx: Tx,
  work: (tx: Tx) => Promise<T>,
  ended: <V>(sql: string, value: V) => Promise<V>,
  destroy: () => void,
): Promise<T> {
  await tx.run('start transaction')
  let value: T
  try {
    value = await work(tx)
  } catch (error) {
    await ended('rollback', null).catch(destroy)
    throw error
  }
  return await ended('commit', value)
}

export function runOn(connection: CoreConnection, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    connection.query(sql, [...values], (error, rows) => (error ? reject(error as Error) : resolve(rowsOf(rows))))
  })
}

export function connectionOf(core: CorePool): Promise<CoreConnection> {
  return new Promise((resolve, reject) => {
    core.getConnection((error, connection) => (error ? reject(error) : resolve(connection)))
  })
}

const endOf = (core: CorePool): Promise<void> =>
  new Promise((resolve, reject) => core.end((error) => (error ? reject(error) : resolve())))

const rowsOf = (result: unknown): Row[] => (Array.isArray(result) ? (result as Row[]) : [])

interface Ring<T> {
  readonly length: number
  get(index: number): T
}

function threadsOf(core: CorePool): number[] {
  const { _allConnections: all } = core as unknown as { readonly _allConnections: Ring<CoreConnection> }
  return Array.from({ length: all.length }, (_, index) => all.get(index).threadId)
}
