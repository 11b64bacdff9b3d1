import type { FailureClass } from './dialect.ts'

/** The primary result codes that better-sqlite3 names. https://www.sqlite.org/rescode.html */
const PRIMARY: Readonly<Record<string, number>> = {
  SQLITE_ERROR: 1,
  SQLITE_PERM: 3,
  SQLITE_ABORT: 4,
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_NOMEM: 7,
  SQLITE_READONLY: 8,
  SQLITE_INTERRUPT: 9,
  SQLITE_IOERR: 10,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_TOOBIG: 18,
  SQLITE_CONSTRAINT: 19,
  SQLITE_MISMATCH: 20,
  SQLITE_AUTH: 23,
  SQLITE_NOTADB: 26,
}

const BUSY_SNAPSHOT = 517

interface DriverError {
  readonly code?: unknown
  readonly errcode?: unknown
}

/** The extended result code as far as it matters: node:sqlite gives a number, better-sqlite3 a name. */
function extendedCode(error: unknown): number {
  const { code, errcode }: DriverError = typeof error === 'object' && error !== null ? error : {}
  if (typeof errcode === 'number') return errcode
  if (typeof code !== 'string') return 0
  if (code === 'SQLITE_BUSY_SNAPSHOT') return BUSY_SNAPSHOT
  const primary = /^SQLITE_[A-Z]+/.exec(code)?.[0]
  return primary === undefined ? 0 : (PRIMARY[primary] ?? 0)
}

/** The primary result code: 5 for every kind of SQLITE_BUSY. 0 where it is none of SQLite's errors. */
export const sqliteResultCode = (error: unknown): number => extendedCode(error) & 0xff

export function classifySqlite(error: unknown): FailureClass {
  if (extendedCode(error) === BUSY_SNAPSHOT) return 'conflict'
  switch (sqliteResultCode(error)) {
    case 5: // BUSY: another connection has the lock
    case 6: // LOCKED: another statement of this connection has it
      return 'held'
    case 14: // CANTOPEN
      return 'away'
    case 1: // ERROR: no such table or column, syntax
    case 3: // PERM
    case 8: // READONLY
    case 23: // AUTH
    case 26: // NOTADB
      return 'misuse'
    case 18: // TOOBIG
    case 19: // CONSTRAINT
    case 20: // MISMATCH
      return 'rejected'
    default:
      return 'other'
  }
}

/**
 * After these SQLite may have rolled the transaction back by itself.
 * https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
 */
export function endsSqliteTransaction(error: unknown): boolean {
  return extendedCode(error) === BUSY_SNAPSHOT || [7, 9, 10, 13].includes(sqliteResultCode(error))
}

/** https://www.sqlite.org/rescode.html#constraint_unique */
const UNIQUE = 2067
const PRIMARY_KEY = 1555

export function isSqliteDuplicateKey(error: unknown): boolean {
  const { code, errcode }: DriverError = typeof error === 'object' && error !== null ? error : {}
  if (typeof errcode === 'number') return errcode === UNIQUE || errcode === PRIMARY_KEY
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
}
