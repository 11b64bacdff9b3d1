import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { openShop } from '../../examples/recipes/shop.ts'
import type { ShopTables } from '../../examples/recipes/shop.ts'

/** The shop by its URL, or by the path of its file. */
export function openDatabase(database: string): Kysely<ShopTables> {
  if (database.startsWith('mysql:')) return openShop(database, 12)
  const file = new Database(database)
  file.pragma('journal_mode = wal')
  return new Kysely({ dialect: new SqliteDialect({ database: file }) })
}
