import type * as NodeSqlite from 'node:sqlite'
import type { DatabaseSync } from 'node:sqlite'
import type { Adapter, Waiting } from '../../adapters/adapter.ts'
import { sqlite } from '../../adapters/sqlite.ts'
import { apartFromOthers, lentDatabase } from './lent-database.ts'
import { fill, quote } from './tables.ts'
import type { Cell, MemoryTable, MemoryTables } from './tables.ts'

/** A database that lives as long as a test. */
export interface InMemory<Tables extends object> {
  /** For `database` of `createClaims`. Effects get the handle, and may be asynchronous. */
  readonly database: Adapter<DatabaseSync, Tables>
  /** The one handle: for statements of the test's own, and for `transaction`. */
  readonly db: DatabaseSync
  /** What a table holds, in the order in which its rows came. Integers are numbers where they are exact, else bigints. */
  readonly rows: <Table extends keyof Tables & string>(table: Table) => Tables[Table][]
  readonly close: () => void
}

/**
 * A database in memory, for unit tests of handlers: no server, no file, nothing to install. It is Node's own SQLite, so the
 * statements of a claim are really run.
 *
 * It shows what a handler does with each outcome, and that an effect is undone with a claim that fails. It shows no races
 * between processes, and nothing that is particular to another database: for that, run the test on the database that you
 * use. There is one connection: claims wait in line for it, and what the test itself sends while an asynchronous effect
 * waits becomes a part of that claim.
 *
 * @param tables the rows of each table and its key; or SQL text that creates and fills the tables
 * @throws {Error} where this Node has no `node:sqlite` (before 22.13), and what SQLite says of the text
 * @throws {TypeError} for a key that is no column, and for values that SQLite does not know
 *
 * @example
 * const shop = inMemory({
 *   orders: { key: 'order_id', rows: [{ order_id: 1, status: 'Wait', account_id: 1 }] },
 *   accounts: { key: 'id', rows: [{ id: 1, balance: 0 }] },
 * })
 * const orders = createClaims({ database: shop.database, table: 'orders', … })
 * await orders.claimOnce(1, { effect: (tx) => tx.exec('update accounts set balance = balance + 42') })
 * expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 42 }])
 */
export function inMemory<const Source extends string | Readonly<Record<string, MemoryTable>>>(
  tables: Source,
): InMemory<MemoryTables<Source>> {
  const { DatabaseSync } = nodeSqlite()
  const db = new DatabaseSync(':memory:')
  if (typeof tables === 'string') db.exec(tables)
  else for (const [sql, values] of fill(tables)) db.prepare(sql).run(...values)

  const lent = lentDatabase(db)
  const adapter = sqlite(() => lent)
  const database: Adapter<DatabaseSync> = Object.freeze({
    ...adapter,
    open: async (waiting: Waiting) => apartFromOthers(await adapter.open(waiting), db),
  })
  return Object.freeze({
    database: database as unknown as Adapter<DatabaseSync, MemoryTables<Source>>,
    db,
    rows: (table: string) => rowsOf(db, table) as never,
    close() {
      adapter.close()
      db.close()
    },
  })
}

/** Loaded here and not imported: everything else of `claim-once/testing` runs on a Node without it. */
function nodeSqlite(): typeof NodeSqlite {
  const node: { readonly getBuiltinModule?: (name: string) => object | undefined } = process
  const found = node.getBuiltinModule?.('node:sqlite')
  if (found !== undefined) return found as typeof NodeSqlite
  throw new Error(`inMemory() needs node:sqlite, which Node has from 22.13 on. This is ${process.version}.`)
}

function rowsOf(db: DatabaseSync, table: string): Record<string, Cell>[] {
  const statement = db.prepare(`select * from ${quote(table)}`)
  statement.setReadBigInts(true)
  return statement
    .all()
    .map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, exact(value)])))
}

const exact = (value: Cell): Cell =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
