import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { Kysely, MysqlDialect, sql, SqliteDialect } from 'kysely'
import type { Transaction } from 'kysely'
import { createPool as createCallbackPool } from 'mysql2'
import type { PoolConnection as CallbackConnection, PoolOptions } from 'mysql2'
import { createPool } from 'mysql2/promise'
import type { PoolConnection } from 'mysql2/promise'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { kysely } from '../../src/adapters/kysely.ts'
import { mysql } from '../../src/adapters/mysql2.ts'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { openMysqlShop } from '../support/mysql-shop.ts'
import type { ShopTables } from '../support/orders.ts'
import { openNodeSqliteShop, openSqliteShop } from '../support/sqlite-shop.ts'
import type { OwnTransaction, Subject } from './subject.ts'

export const MYSQL_ADAPTERS = ['mysql2/promise', 'mysql2', 'kysely'] as const
export type MysqlAdapterName = (typeof MYSQL_ADAPTERS)[number]

const untyped = <Tx, Tables extends object>(adapter: Adapter<Tx, Tables>): Adapter<unknown, object> => adapter

/** The version is a number that whoever changes the order counts up, from 0. */
const integerVersion = (query: (sql: string) => Promise<unknown>): Pick<Subject, 'edit' | 'hasMoved'> => ({
  edit: (id) => query(`update orders set note = 'edited', row_version = row_version + 1 where order_id = ${id}`),
  hasMoved: (before, after, updates) => after === Number(before) + updates,
})

export async function mysqlSubject(
  name: MysqlAdapterName,
  serverUrl: string,
  options: PoolOptions = {},
): Promise<Subject> {
  const shop = await openMysqlShop(serverUrl)
  const pool = { uri: shop.url, connectionLimit: 20, ...options }
  const common = { family: 'mysql', shop, query: shop.run, ...integerVersion(shop.run) } as const
  switch (name) {
    case 'mysql2/promise': {
      const promises = createPool(pool)
      return {
        ...common,
        adapter: untyped(mysql(promises)),
        through: async (tx, ...statements) => {
          for (const statement of statements) await (tx as PoolConnection).query(statement)
        },
        begin: async () => {
          const connection = await promises.getConnection()
          await connection.beginTransaction()
          return ended(
            connection,
            () => connection.commit(),
            () => connection.rollback(),
            () => connection.release(),
          )
        },
        close: async () => {
          await promises.end()
          await shop.close()
        },
      }
    }
    case 'mysql2': {
      const callbacks = createCallbackPool(pool)
      const promises = callbacks.promise()
      return {
        ...common,
        adapter: untyped(mysql(callbacks)),
        through: async (tx, ...statements) => {
          for (const statement of statements) {
            await new Promise((resolve, reject) => {
              ;(tx as CallbackConnection).query(statement, (error, result) => (error ? reject(error) : resolve(result)))
            })
          }
        },
        begin: async () => {
          const connection = await promises.getConnection()
          await connection.beginTransaction()
          const { connection: core } = connection
          return ended(
            core,
            () => connection.commit(),
            () => connection.rollback(),
            () => connection.release(),
          )
        },
        close: async () => {
          await promises.end()
          await shop.close()
        },
      }
    }
    case 'kysely':
      return {
        ...common,
        ...kyselySubject(
          new Kysely<ShopTables>({ dialect: new MysqlDialect({ pool: createCallbackPool(pool) }) }),
          shop.close,
        ),
      }
  }
}

function ended(
  tx: unknown,
  commit: () => Promise<void>,
  rollback: () => Promise<void>,
  release: () => void,
): OwnTransaction {
  return {
    tx,
    commit: () => commit().finally(release),
    rollback: () => rollback().finally(release),
  }
}

function kyselySubject(
  db: Kysely<ShopTables>,
  closeShop: () => Promise<void>,
): Pick<Subject, 'adapter' | 'through' | 'begin' | 'close'> {
  return {
    adapter: untyped(kysely(db)),
    through: async (tx, ...statements) => {
      for (const statement of statements) await sql.raw(statement).execute(tx as Transaction<ShopTables>)
    },
    begin: async () => {
      const tx = await db.startTransaction().execute()
      return ended(
        tx,
        () => tx.commit().execute(),
        () => tx.rollback().execute(),
        () => {},
      )
    },
    close: async () => {
      await db.destroy()
      await closeShop()
    },
  }
}

export const SQLITE_ADAPTERS = [
  'better-sqlite3, shared handle',
  'better-sqlite3, own connection',
  'node:sqlite, shared handle',
  'node:sqlite, own connection',
  'kysely',
] as const
export type SqliteAdapterName = (typeof SQLITE_ADAPTERS)[number]

interface Handle {
  exec(statement: string): unknown
  close(): unknown
}

const throughHandle = (tx: unknown, ...statements: readonly string[]): void => {
  for (const statement of statements) (tx as Handle).exec(statement)
}

/** The caller's own transaction on a handle: asynchronous code between its statements, on a connection of its own. */
function beginOn(open: () => Handle): () => Promise<OwnTransaction> {
  return async () => {
    const handle = open()
    handle.exec('begin')
    const end = (statement: string) => async (): Promise<void> => {
      handle.exec(statement)
      handle.close()
    }
    return { tx: handle, commit: end('commit'), rollback: end('rollback') }
  }
}

export async function sqliteSubject(name: SqliteAdapterName): Promise<Subject> {
  const onNode = name.startsWith('node:sqlite')
  const shop = onNode ? openNodeSqliteShop() : openSqliteShop()
  const open = (): Database.Database => new Database(shop.file, { timeout: 0 })
  const openNode = (): DatabaseSync => new DatabaseSync(shop.file)
  const common = {
    family: 'sqlite',
    shop,
    query: async (statement: string) => shop.rows(statement),
    ...integerVersion(async (statement) => shop.rows(statement)),
    through: throughHandle,
    begin: beginOn(onNode ? openNode : open),
  } as const
  switch (name) {
    case 'better-sqlite3, shared handle': {
      const handle = open()
      return { ...common, adapter: untyped(sqlite(handle)), close: () => closing(shop, handle) }
    }
    case 'better-sqlite3, own connection': {
      const adapter = sqlite(open)
      return { ...common, adapter: untyped(adapter), close: () => closing(shop, adapter) }
    }
    case 'node:sqlite, shared handle': {
      const handle = openNode()
      return { ...common, adapter: untyped(sqlite(handle)), close: () => closing(shop, handle) }
    }
    case 'node:sqlite, own connection': {
      const adapter = sqlite(openNode)
      return { ...common, adapter: untyped(adapter), close: () => closing(shop, adapter) }
    }
    case 'kysely':
      return {
        ...common,
        ...kyselySubject(new Kysely<ShopTables>({ dialect: new SqliteDialect({ database: open() }) }), shop.close),
      }
  }
}

async function closing(shop: { close(): Promise<void> }, handle: { close(): unknown }): Promise<void> {
  handle.close()
  await shop.close()
}
