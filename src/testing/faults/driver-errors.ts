import type { DialectName } from '../../dialects/dialect.ts'

/** The faults that throw. Whether a connection is lost before or after, its error is the same. */
export type Failing = 'deadlock' | 'lock timeout' | 'lost'

interface DriverError {
  readonly message: string
  readonly name?: string
  /** What the driver says beside the message. */
  readonly says: Readonly<Record<string, string | number | boolean>>
}

/** As tedious passes it on, to node-mssql and to kysely. */
const fromSqlServer = (number: number, severity: number, message: string): DriverError => ({
  name: 'RequestError',
  message,
  says: { code: 'EREQUEST', number, class: severity, state: 51, serverName: '', procName: '', lineNumber: 1 },
})

/** https://dev.mysql.com/doc/mysql-errors/9.0/en/server-error-reference.html; as mysql2 passes it on, to kysely too */
const fromMysql = (errno: number, code: string, sqlState: string, message: string): DriverError => ({
  message,
  says: { code, errno, sqlState, sqlMessage: message },
})

/** Of better-sqlite3 the name of the code, of node:sqlite its number: `sqlite()` takes either. */
const fromSqlite = (code: string, errcode: number, message: string): DriverError => ({
  name: 'SqliteError',
  message,
  says: { code, errcode, errstr: message },
})

const ERRORS = {
  mysql: {
    deadlock: fromMysql(
      1213,
      'ER_LOCK_DEADLOCK',
      '40001',
      'Deadlock found when trying to get lock; try restarting transaction',
    ),
    'lock timeout': fromMysql(
      1205,
      'ER_LOCK_WAIT_TIMEOUT',
      'HY000',
      'Lock wait timeout exceeded; try restarting transaction',
    ),
    lost: {
      message: 'Connection lost: The server closed the connection.',
      says: { code: 'PROTOCOL_CONNECTION_LOST', fatal: true },
    },
  },
  mssql: {
    deadlock: fromSqlServer(
      1205,
      13,
      'Transaction (Process ID 60) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
    ),
    'lock timeout': fromSqlServer(1222, 16, 'Lock request time out period exceeded.'),
    lost: {
      name: 'RequestError',
      message: 'Connection closed before request completed.',
      says: { code: 'ECLOSE' },
    },
  },
  sqlite: {
    deadlock: fromSqlite('SQLITE_BUSY_SNAPSHOT', 517, 'database is locked'),
    'lock timeout': fromSqlite('SQLITE_BUSY', 5, 'database is locked'),
    lost: fromSqlite('SQLITE_IOERR', 10, 'disk I/O error'),
  },
} as const satisfies Record<DialectName, Record<Failing, DriverError>>

/** A new error, with everything by which the driver's own is known. */
export function driverError(dialect: DialectName, failing: Failing): Error {
  const { message, says, name }: DriverError = ERRORS[dialect][failing]
  return Object.assign(new Error(message), says, name === undefined ? {} : { name })
}
