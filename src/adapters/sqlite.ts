import { sqliteDialect } from '../dialects/sqlite.ts'
import { ClaimError } from '../errors.ts'
import type { Adapter, Session } from './adapter.ts'
import { ConnectionPool } from './sqlite-connections.ts'
import { isSqliteDatabase, transactionState } from './sqlite-driver.ts'
import type { SqliteDatabase } from './sqlite-driver.ts'
import { SqliteSession } from './sqlite-session.ts'

/** The handle that an effect gets, and that `transaction` takes. */
export type DatabaseOf<Source> = Source extends () => infer Database ? Database : Source

/** What the adapter itself has opened. */
export interface OwnConnections {
  /** Closes the connections that the adapter has opened; never the handle it was given. */
  close(): void
}

/**
 * Claims on a SQLite file, through better-sqlite3 (13 or later) or Node's own `node:sqlite`.
 *
 * - `sqlite(db)`: on the program's own handle. A claim runs in one go, so nothing else falls into its transaction; an
 *   effect must be synchronous.
 * - `sqlite(() => new Database(file))`: on a connection of its own, opened when it is needed. Effects may
 *   be asynchronous.
 *
 * Neither way blocks the event loop while another process has the file locked: the claim asks again.
 *
 * Never open one file by both drivers in one process: each brings a SQLite of its own, and two of them in one process
 * do not see each other's locks. https://www.sqlite.org/howtocorrupt.html
 *
 * @param source a handle, or a function that opens one
 * @throws {ClaimError} `CLAIM_CONFIG` where it is neither
 *
 * @example
 * const orders = createClaims({ database: sqlite(() => new Database('shop.db')), … })
 */
export function sqlite<Source extends SqliteDatabase | (() => SqliteDatabase)>(
  source: Source,
): Adapter<DatabaseOf<Source>> & OwnConnections {
  const adapter = typeof source === 'function' ? onOwnConnections(source) : onHandle(source)
  return Object.freeze(adapter) as unknown as Adapter<DatabaseOf<Source>> & OwnConnections
}

function onOwnConnections(open: () => SqliteDatabase): Adapter<SqliteDatabase> & OwnConnections {
  const pool = new ConnectionPool(() => checked(open(), 'The function given to sqlite() returned no database.'))
  return {
    dialect: sqliteDialect,
    synchronous: false,
    tellsSession: true,
    escapesOnClient: false,
    pool,
    open: async (waiting) => {
      const database = await pool.take(waiting)
      return new SqliteSession(database, { release: () => pool.giveBack(database), destroy: () => pool.drop(database) })
    },
    join,
    close: () => pool.close(),
  }
}

function onHandle(given: SqliteDatabase): Adapter<SqliteDatabase> & OwnConnections {
  const database = checked(
    given,
    'sqlite() takes a database of better-sqlite3 or node:sqlite, or a function that opens one.',
  )
  return {
    dialect: sqliteDialect,
    synchronous: true,
    // Node before 22.16 does not tell whether a transaction is open; then every claim opens one, which tells.
    tellsSession: transactionState(database) !== undefined,
    escapesOnClient: false,
    pool: database,
    open: () => SqliteSession.onSharedHandle(database),
    join,
    close: () => {},
  }
}

function join(transaction: SqliteDatabase): Session<SqliteDatabase> {
  checked(transaction, 'transaction is no SQLite database.', 'CLAIM_INPUT')
  if (transactionState(transaction) === false) {
    throw new ClaimError('CLAIM_INPUT', 'transaction is a database without an open transaction. Begin one first.')
  }
  return SqliteSession.inCallersTransaction(transaction)
}

function checked(
  database: unknown,
  message: string,
  code: 'CLAIM_CONFIG' | 'CLAIM_INPUT' = 'CLAIM_CONFIG',
): SqliteDatabase {
  if (isSqliteDatabase(database)) return database
  throw new ClaimError(code, message)
}
