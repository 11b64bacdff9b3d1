import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteFile from 'better-sqlite3'
import { Kysely, MysqlDialect, SqliteDialect } from 'kysely'
import { createPool } from 'mysql2'
import { createTables } from './tables.ts'
import type { ShopTables } from './tables.ts'

export interface ShopDatabase {
  readonly db: Kysely<ShopTables>
  /** For people: which database this is. Holds no password. */
  readonly description: string
  close(): Promise<void>
}

/** The database of `DATABASE_URL`, or without one a fresh SQLite file. The shop's tables are there afterwards. */
export async function openDatabase(url: string | undefined): Promise<ShopDatabase> {
  const database = url === undefined || url === '' ? openSqlite() : openMysql(new URL(url))
  try {
    await createTables(database.db)
  } catch (cause) {
    await database.close()
    throw new Error(`This database cannot be used: ${database.description}`, { cause })
  }
  return database
}

function openSqlite(): ShopDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-example-'))
  const path = join(folder, 'shop.db')
  const file = new SqliteFile(path)
  file.pragma('journal_mode = wal')
  const db = new Kysely<ShopTables>({ dialect: new SqliteDialect({ database: file }) })
  return {
    db,
    description: `SQLite, ${path} (new, and removed at the end)`,
    async close() {
      await db.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function openMysql(url: URL): ShopDatabase {
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') {
    throw new Error(`DATABASE_URL begins with "${url.protocol}". This example runs on mysql:// and mariadb://.`)
  }
  const pool = createPool({ uri: url.href, connectionLimit: 20 })
  const db = new Kysely<ShopTables>({ dialect: new MysqlDialect({ pool }) })
  return {
    db,
    description: `${url.host}${url.pathname}, tables claim_once_example_… (they stay; drop them when you are done)`,
    close: () => db.destroy(),
  }
}
