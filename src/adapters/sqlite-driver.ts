import type { SqlValue, Statement } from '../sql.ts'
import type { Reply, Row } from './adapter.ts'

/** A database handle of better-sqlite3 or node:sqlite, as far as it is used here. */
export interface SqliteDatabase {
  prepare(sql: string): object
  exec(sql: string): unknown
  close(): unknown
}

/** A prepared statement of either driver. */
interface SqliteStatement {
  all(...parameters: readonly unknown[]): unknown[]
  run(...parameters: readonly unknown[]): { readonly changes: number | bigint }
  /** better-sqlite3 */
  safeIntegers?(on: boolean): unknown
  /** node:sqlite */
  setReadBigInts?(on: boolean): unknown
}

export const isSqliteDatabase = (value: unknown): value is SqliteDatabase =>
  typeof value === 'object' && value !== null && 'prepare' in value && 'exec' in value && 'close' in value

/** Whether a transaction is open; `undefined` where the driver does not tell. */
export function transactionState(database: SqliteDatabase): boolean | undefined {
  if ('inTransaction' in database) return database.inTransaction === true // better-sqlite3
  if ('isTransaction' in database) return database.isTransaction === true // node:sqlite
  return undefined
}

const prepared = new WeakMap<SqliteDatabase, Map<string, SqliteStatement>>()

/** Integers are read exactly: node:sqlite would throw beyond 2^53, and better-sqlite3 would round. */
function prepare(database: SqliteDatabase, sql: string): SqliteStatement {
  const kept = prepared.get(database) ?? new Map<string, SqliteStatement>()
  prepared.set(database, kept)
  const known = kept.get(sql)
  if (known !== undefined) return known
  const statement = database.prepare(sql) as SqliteStatement
  if (statement.safeIntegers !== undefined) statement.safeIntegers(true)
  else statement.setReadBigInts?.(true)
  kept.set(sql, statement)
  return statement
}

const READS = /^\s*(?:select|pragma)\b/i

/** Runs one statement of ours; statements are prepared once for each handle. */
export function runStatement(database: SqliteDatabase, { sql, parameters }: Statement): Reply {
  const statement = prepare(database, sql)
  if (READS.test(sql)) return { rows: statement.all(...parameters).map(toRow), affectedRows: 0 }
  const { changes } = statement.run(...parameters)
  const open = transactionState(database)
  return {
    rows: [],
    affectedRows: Number(changes),
    ...(open === undefined ? {} : { session: { inTransaction: open, autocommit: true } }),
  }
}

/** A number where it is exact, else a bigint. */
function toRow(row: unknown): Row {
  return Object.fromEntries(
    Object.entries(row as Record<string, SqlValue>).map(([name, value]) => [
      name,
      typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value,
    ]),
  )
}
