import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import SqliteFile from 'better-sqlite3'
import { mssqlDialectFrom } from 'claim-once/kysely/mssql'
import { Kysely, MysqlDialect, SqliteDialect } from 'kysely'
import { createPool } from 'mysql2'
import { createTables } from './create-tables.ts'
import { isSqlServer, sqlServerPlace } from './sql-server-address.ts'
import type { ShopTables } from './tables.ts'

export interface ShopDatabase {
  readonly db: Kysely<ShopTables>
  /** For people: which database this is. Holds no password. */
  readonly description: string
  /** What another process must be started with to have the same, as a shell takes it. Holds no password. */
  readonly sharedBy: string
  /** How many there may be at the same time. */
  readonly connections: number
  close(): Promise<void>
}

/**
 * The database of `DATABASE_URL`, or without one a fresh SQLite file. The shop's tables are there afterwards.
 *
 * @param options `create: false`: a SQLite file must be there. Default: it is created
 */
export async function openDatabase(
  url: string | undefined,
  { create = true }: { readonly create?: boolean } = {},
): Promise<ShopDatabase> {
  const database = open(url, create)
  try {
    await createTables(database.db)
  } catch (cause) {
    await database.close()
    throw new Error(`This database cannot be used: ${database.description}`, { cause })
  }
  return database
}

function open(url: string | undefined, create: boolean): ShopDatabase {
  if (url === undefined || url === '') return openNewFile()
  if (url.startsWith(SQLITE)) return openFile(resolve(url.slice(SQLITE.length)), create)
  return isSqlServer(url) ? openSqlServer(url) : openMysql(url)
}

const SQLITE = 'sqlite:'

function openNewFile(): ShopDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-example-'))
  const path = join(folder, 'shop.db')
  const opened = openFile(path, true)
  return {
    ...opened,
    description: `SQLite, ${path} (new, and removed at the end)`,
    async close() {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Several processes may have it open at the same time. */
function openFile(path: string, create: boolean): ShopDatabase {
  if (!create && !existsSync(path)) throw new Error(`There is no file ${path}. Has its shop ended?`)
  const file = new SqliteFile(path)
  file.pragma('journal_mode = wal')
  const db = new Kysely<ShopTables>({ dialect: new SqliteDialect({ database: file }) })
  return {
    db,
    description: `SQLite, ${path}`,
    sharedBy: `DATABASE_URL='${SQLITE}${path}'`,
    connections: 1,
    close: () => db.destroy(),
  }
}

/** On a server. */
const CONNECTIONS = 20

function openMysql(text: string): ShopDatabase {
  const url = URL.parse(text)
  if (url?.protocol !== 'mysql:' && url?.protocol !== 'mariadb:') {
    // It may hold a password, so it is not repeated.
    throw new Error(
      `DATABASE_URL ${url === null ? 'is no URL' : `begins with "${url.protocol}"`}. This example runs on mysql://, ` +
        'mariadb://, mssql:// and sqlserver://, on Server=…;Database=… of SQL Server, and on sqlite:path.',
    )
  }
  const pool = createPool({ uri: url.href, connectionLimit: CONNECTIONS })
  const db = new Kysely<ShopTables>({ dialect: new MysqlDialect({ pool }) })
  return onServer(db, `${url.host}${url.pathname}`)
}

function openSqlServer(connection: string): ShopDatabase {
  const db = new Kysely<ShopTables>({ dialect: mssqlDialectFrom(connection, { max: CONNECTIONS }) })
  return onServer(db, sqlServerPlace(connection))
}

const onServer = (db: Kysely<ShopTables>, place: string): ShopDatabase => ({
  db,
  description: `${place}, tables claim_once_example_… (they stay; drop them when you are done)`,
  sharedBy: 'DATABASE_URL=…',
  connections: CONNECTIONS,
  close: () => db.destroy(),
})
