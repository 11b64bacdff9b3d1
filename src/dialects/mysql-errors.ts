import type { FailureClass } from './dialect.ts'

/** https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-code-reference/ */
const BY_NUMBER: Readonly<Record<number, FailureClass>> = {
  1213: 'conflict', // deadlock; on Galera the loser of certification
  1020: 'conflict', // MariaDB with innodb_snapshot_isolation: the record has changed since the snapshot
  1206: 'conflict', // the lock table is full: InnoDB rolls the whole transaction back
  3101: 'conflict', // group replication rolled the transaction back
  8022: 'conflict', // TiDB: commit failed, to be retried
  9007: 'conflict', // TiDB: write conflict

  1205: 'held', // lock wait time-out; also NOWAIT on MariaDB
  3572: 'held', // NOWAIT on MySQL
  3024: 'held', // max_execution_time
  1969: 'held', // max_statement_time on MariaDB
  1317: 'held', // KILL QUERY

  1040: 'away', // too many connections
  1203: 'away', // too many connections of this user
  1226: 'away', // the user's quota is used up
  1290: 'away', // read-only, or another option prevents the statement
  1836: 'away', // read-only mode
  1461: 'away', // too many prepared statements on the server
  1047: 'away', // Galera: the node is not in the primary component

  1053: 'lost', // server shutdown in progress
  1180: 'lost', // error during commit: in doubt
  1927: 'lost', // MariaDB: connection was killed
  4031: 'lost', // disconnected for inactivity

  1044: 'misuse', // no access to the database
  1045: 'misuse', // access denied
  1049: 'misuse', // unknown database
  1054: 'misuse', // unknown column
  1064: 'misuse', // syntax
  1142: 'misuse', // statement denied on the table
  1143: 'misuse', // denied on the column
  1146: 'misuse', // no such table
  1227: 'misuse', // a privilege is missing
  1698: 'misuse', // access denied, MariaDB's socket authentication
  1792: 'misuse', // write in a read-only transaction

  1048: 'rejected', // column cannot be null
  1062: 'rejected', // duplicate key
  1264: 'rejected', // out of range
  1265: 'rejected', // data truncated
  1292: 'rejected', // incorrect value
  1366: 'rejected', // incorrect value for the column
  1406: 'rejected', // data too long
  1451: 'rejected', // foreign key, parent
  1452: 'rejected', // foreign key, child
  1644: 'rejected', // SIGNAL in a trigger
  1977: 'rejected', // MariaDB: a character that the column's character set does not have
  3854: 'rejected', // MySQL: the same
  3988: 'rejected', // MySQL: the same, of a prepared parameter
  3105: 'rejected', // generated column
  3819: 'rejected', // CHECK on MySQL
  4025: 'rejected', // CHECK on MariaDB
}

/** What Node's sockets and mysql2 itself report, where no server has spoken. */
const BY_CODE: Readonly<Record<string, FailureClass>> = {
  ECONNREFUSED: 'away',
  ENOTFOUND: 'away',
  EAI_AGAIN: 'away',
  PROTOCOL_CONNECTION_LOST: 'lost',
  PROTOCOL_SEQUENCE_TIMEOUT: 'lost',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  EHOSTUNREACH: 'lost', // also of a connection that was open
  ENETUNREACH: 'lost',
}

/** mysql2 gives these neither number nor code. Each is raised before anything is sent. */
const NOTHING_SENT =
  /^(?:Can't add new command when connection is in closed state|Pool is closed|Queue limit reached|No connections available)/

interface DriverError {
  readonly errno?: unknown
  readonly code?: unknown
  readonly sqlState?: unknown
  readonly fatal?: unknown
  readonly message?: unknown
}

const asDriverError = (error: unknown): DriverError => (typeof error === 'object' && error !== null ? error : {})

/** mysql2's names are MySQL's and can be wrong on MariaDB, so the number decides; names only where there is none. */
export function classifyMysql(error: unknown): FailureClass {
  const { errno, code, sqlState, fatal, message } = asDriverError(error)
  if (typeof errno === 'number' && errno > 0) {
    const known = BY_NUMBER[errno]
    if (known !== undefined) return known
    if (sqlState === '40001') return 'conflict'
  }
  if (typeof code === 'string' && BY_CODE[code] !== undefined) return BY_CODE[code]
  if (typeof message === 'string' && NOTHING_SENT.test(message)) return 'away'
  return fatal === true ? 'lost' : 'other'
}

/**
 * COMMIT that the server answers with an error has not been refused for sure: 1180 and 1047 (Galera without quorum),
 * 1290 (made read-only meanwhile), 1317 (killed) leave it in doubt, and so does any error we do not know.
 */
export function classifyMysqlCommit(error: unknown): FailureClass {
  const failure = classifyMysql(error)
  const spoken = typeof asDriverError(error).errno === 'number'
  const inDoubt = failure === 'other' || (spoken && (failure === 'away' || asDriverError(error).errno === 1317))
  return inDoubt ? 'lost' : failure
}

/**
 * 1205 rolls back the statement only (or everything, with innodb_rollback_on_timeout): the transaction cannot be
 * committed in good faith either way.
 * https://dev.mysql.com/doc/refman/9.0/en/innodb-error-handling.html
 */
export function endsMysqlTransaction(error: unknown): boolean {
  const failure = classifyMysql(error)
  return failure === 'conflict' || failure === 'lost' || failure === 'away' || asDriverError(error).errno === 1205
}
