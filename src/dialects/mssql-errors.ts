import type { FailureClass } from './dialect.ts'

/**
 * https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
 * https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
 */
const BY_NUMBER: Readonly<Record<number, FailureClass>> = {
  1205: 'conflict', // deadlock victim
  3960: 'conflict', // snapshot isolation: the row was changed meanwhile
  41301: 'conflict', // memory-optimized tables: a transaction this one depends on was rolled back
  41302: 'conflict', // … the row was changed meanwhile
  41305: 'conflict', // … repeatable read validation
  41325: 'conflict', // … serializable validation

  1222: 'held', // lock request time-out

  701: 'away', // out of memory
  976: 'away', // the availability group's secondary is not readable
  983: 'away', // … its role is being resolved
  1204: 'away', // no lock resources left
  3906: 'away', // the database is read-only
  4221: 'away', // login to a secondary that waits
  8645: 'away', // no memory for the query in time
  8651: 'away', // … less than asked for
  9002: 'away', // the log is full
  10928: 'away', // Azure: limit of workers or sessions
  10929: 'away', // Azure: too busy
  17142: 'away', // the server is paused
  17197: 'away', // login timed out
  18401: 'away', // the server is in upgrade mode
  40501: 'away', // Azure: busy
  40613: 'away', // Azure: database not available
  49918: 'away', // Azure: not enough resources
  49919: 'away', // Azure: too many operations
  49920: 'away', // Azure: too many operations

  64: 'lost', // the connection was closed by the other side
  233: 'lost', // no process at the other end
  596: 'lost', // the session was killed
  6005: 'lost', // shutdown in progress
  10053: 'lost', // connection aborted
  10054: 'lost', // connection reset
  10060: 'lost', // no answer in time
  40197: 'lost', // Azure: error while processing, perhaps in a failover

  102: 'misuse', // syntax
  156: 'misuse', // syntax near a keyword
  195: 'misuse', // unknown function
  207: 'misuse', // no such column
  208: 'misuse', // no such table
  229: 'misuse', // permission denied on the table
  230: 'misuse', // … on the column
  262: 'misuse', // … in the database
  297: 'misuse', // … for the action
  300: 'misuse', // … on the server
  334: 'misuse', // OUTPUT without INTO on a table with triggers
  468: 'misuse', // collations that cannot be brought together
  650: 'misuse', // READPAST under this isolation level
  916: 'misuse', // no access to the database
  1934: 'misuse', // SET options that an index of the table needs
  2812: 'misuse', // no such procedure
  3952: 'misuse', // snapshot isolation is not allowed in the database
  4060: 'misuse', // no such database, or no access
  18452: 'misuse', // login refused
  18456: 'misuse', // login refused
  18470: 'misuse', // the login is disabled
  18487: 'misuse', // the password has expired
  18488: 'misuse', // the password must be changed

  220: 'rejected', // overflow
  235: 'rejected', // no money
  236: 'rejected', // money overflow
  241: 'rejected', // no date
  242: 'rejected', // date out of range
  244: 'rejected', // text with a number too large for tinyint or smallint
  245: 'rejected', // no number
  248: 'rejected', // text with a number too large for int
  271: 'rejected', // computed column
  272: 'rejected', // rowversion column
  515: 'rejected', // NULL in a NOT NULL column
  547: 'rejected', // CHECK or foreign key
  2601: 'rejected', // duplicate in a unique index
  2627: 'rejected', // duplicate key
  2628: 'rejected', // text too long
  3609: 'rejected', // a trigger rolled back
  8114: 'rejected', // conversion
  8115: 'rejected', // overflow
  8152: 'rejected', // text or bytes too long
  8169: 'rejected', // no uniqueidentifier
}

/** What tedious, mssql and tarn report where no server has spoken. */
const BY_CODE: Readonly<Record<string, FailureClass>> = {
  // Nothing was sent.
  EINVALIDSTATE: 'away',
  ENOTOPEN: 'away',
  ENOCONN: 'away',
  ECONNCLOSED: 'away',
  EINSTLOOKUP: 'away',
  ECONNREFUSED: 'away',
  ENOTFOUND: 'away',
  EAI_AGAIN: 'away',
  ELOGIN: 'away', // unless it says why, see below
  // Sent, and not answered.
  ESOCKET: 'lost',
  ETIMEOUT: 'lost',
  ECLOSE: 'lost',
  ECANCEL: 'lost',
  ECONNRESET: 'lost',
  EPIPE: 'lost',
  ETIMEDOUT: 'lost',
  EHOSTUNREACH: 'lost',
  ENETUNREACH: 'lost',
  // Refused by the driver itself.
  EPARAM: 'other',
  EARGS: 'other',
  EINJECT: 'other',
  EDUPEPARAM: 'other',
  EREQINPROG: 'other',
  ENOTBEGUN: 'other',
  EALREADYBEGUN: 'other',
  EABORT: 'other',
}

/**
 * tedious does not pass the number of a refused login on. These are 18452, 18456, 18470, 18487, 18488 and 4060; whatever
 * else is said at the login (40613, 40501, …: Azure moves the database, or is busy) may pass.
 */
const REFUSED_LOGIN = /^(?:Login failed for user|Login failed\. The login|Cannot open (?:database|server))/

/** Raised by a trigger, or a procedure, of the user's own. */
const FIRST_OF_USERS = 50_000

/** The most serious of several errors decides: the last is often only "the statement has been terminated". */
const BY_WEIGHT: readonly FailureClass[] = ['lost', 'conflict', 'held', 'away', 'misuse', 'rejected', 'other']

interface DriverError {
  readonly name?: unknown
  readonly message?: unknown
  readonly number?: unknown
  readonly code?: unknown
  readonly errors?: unknown
  readonly precedingErrors?: unknown
  readonly originalError?: unknown
  readonly cause?: unknown
}

/**
 * An error and what stands behind it. tedious gives one error or an AggregateError, kysely an array of them, mssql the
 * last one with `precedingErrors` and, inside, tedious' own.
 */
function* errorsIn(error: unknown, depth = 0): Generator<DriverError> {
  if (typeof error !== 'object' || error === null || depth > 4) return
  if (Array.isArray(error)) {
    for (const one of error) yield* errorsIn(one, depth + 1)
    return
  }
  const one: DriverError = error
  yield one
  for (const inner of [one.errors, one.precedingErrors, one.originalError, one.cause]) yield* errorsIn(inner, depth + 1)
}

function classOf({ name, message, number, code }: DriverError): FailureClass | null {
  // Without SQL Server's number, mssql says what tedious says.
  if (typeof number === 'number') {
    return BY_NUMBER[number] ?? (number >= FIRST_OF_USERS && number < 2 ** 31 ? 'rejected' : 'other')
  }
  if (code === 'ELOGIN' && typeof message === 'string' && REFUSED_LOGIN.test(message)) return 'misuse'
  if (typeof code === 'string' && BY_CODE[code] !== undefined) return BY_CODE[code]
  // tarn: no connection became free in time, or the wait for one was given up.
  if (name === 'TimeoutError' || message === 'aborted') return 'away'
  return null
}

/**
 * Where neither the server has said that the statement failed, nor the driver that it was not sent (ESOCKET, ETIMEOUT,
 * ECONNRESET, EHOSTUNREACH, whatever a socket or TLS may say), it may have been carried out.
 */
export function classifyMssql(error: unknown): FailureClass {
  const classes = [...errorsIn(error)].map(classOf).filter((found) => found !== null)
  return BY_WEIGHT.find((found) => classes.includes(found)) ?? 'lost'
}

/**
 * After a deadlock or a failed validation nothing is committed, and where nothing could be sent neither. Any other
 * error leaves COMMIT in doubt.
 */
export function classifyMssqlCommit(error: unknown): FailureClass {
  const failure = classifyMssql(error)
  const notSent = [...errorsIn(error)].some(
    ({ code }) => typeof code === 'string' && (BY_CODE[code] ?? 'lost') !== 'lost',
  )
  return failure === 'conflict' || notSent ? failure : 'lost'
}

export function endsMssqlTransaction(error: unknown): boolean {
  const failure = classifyMssql(error)
  return failure === 'conflict' || failure === 'lost' || failure === 'away'
}

/** The number that SQL Server gave to the error itself. */
export function mssqlErrorNumber(error: unknown): number | undefined {
  for (const { number } of errorsIn(error)) if (typeof number === 'number') return number
  return undefined
}
