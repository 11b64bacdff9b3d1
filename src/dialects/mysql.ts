import { every, fixed, limited, list, ordered, plain, sql } from '../sql.ts'
import type { SqlValue } from '../sql.ts'
import { RefusedValue } from './codec.ts'
import type { ColumnDescription, Dialect, LockBound, ReadLock, SelectLock } from './dialect.ts'
import { mysqlClock, mysqlCodec, mysqlLease, mysqlVersion } from './mysql-columns.ts'
import { describeMysqlTable } from './mysql-describe.ts'
import { classifyMysql, classifyMysqlCommit, endsMysqlTransaction } from './mysql-errors.ts'
import { describeValue } from './values.ts'

/** `for share` is an error on MariaDB; the older spelling works on both. */
const LOCK: Readonly<Record<ReadLock, string>> = {
  none: '',
  share: '\nlock in share mode',
  update: '\nfor update',
  'update nowait': '\nfor update nowait',
}

const SELECT_LOCK: Readonly<Record<SelectLock, string>> = {
  none: '',
  update: '\nfor update',
  skip: '\nfor update skip locked',
}

/**
 * Statements that can neither commit nor roll back: a trigger or stored function that tries is refused with 1422.
 * https://dev.mysql.com/doc/refman/9.0/en/stored-program-restrictions.html
 */
const PLAIN =
  /^(?:\s|--\s[^\n]*\n|#[^\n]*\n|\/\*(?!M?!)[^*]*\*+(?:[^/*][^*]*\*+)*\/)*(?:select|insert|update|delete|replace|with|values|do|savepoint|release\s+savepoint|rollback\s+(?:work\s+)?to)\b[^;]*;?\s*$/i

const NO_BOUND: LockBound = { before: null, after: null, wrap: (statement) => statement }

/** MySQL and MariaDB. */
export const mysqlDialect: Dialect = {
  name: 'mysql',
  quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,

  describe: describeMysqlTable,
  codec: mysqlCodec,
  versionTypes: 'an integer, or a time with microseconds: timestamp(6)',
  versionCodec: mysqlVersion,
  clockCodec: mysqlClock,
  leaseTypes: 'datetime(3) or finer, which is kept in UTC, or an integer of seconds',
  leaseCodec: mysqlLease,
  sameState(column, first, second) {
    const { characterSet, collation } = column
    if (characterSet === null || collation === null) return { sql: 'select ? = ? as same', parameters: [first, second] }
    const text = `
select convert(? using ${characterSet}) collate ${collation}
     = convert(? using ${characterSet}) collate ${collation} as same`
    return { sql: text.trimStart(), parameters: [first, second] }
  },
  setValue: mysqlSetValue,

  placeholders: 'question marks',
  truth: (condition) => sql`(${condition})`,
  setParameter: (value) => value,
  ordered: (value) => value,

  update: ({ table, assignments, where }) => sql`
update ${table}
set ${list(assignments, '    ')}
where ${every(where)}`,
  changed: ({ affectedRows, session }) => ({ rows: affectedRows, ...(session && { session }) }),
  read: ({ table, columns, where }, lock) => sql`
select ${list(columns, '       ')}
from ${table}
where ${every(where)}${fixed(LOCK[lock])}`,
  select: ({ table, columns, where, orderBy, limit }, lock) => sql`
select ${list(columns, '       ')}
from ${table}
where ${every(where)}${ordered(orderBy)}${limited(limit)}${fixed(SELECT_LOCK[lock])}`,
  // MySQL 8.0.1 and MariaDB 10.6.
  skipsLocked({ version, isMariaDb }) {
    const [major = 0, minor = 0] = version.split('.').map(Number)
    return isMariaDb ? major > 10 || (major === 10 && minor >= 6) : major >= 8
  },
  // For the next transaction only. https://dev.mysql.com/doc/refman/9.0/en/set-transaction.html
  readCommitted: plain('set transaction isolation level read committed'),
  isDuplicateKey: (error) => errnoOf(error) === 1062,
  autocommit: fixed('@@autocommit'),
  openTransaction: (server) => (server.isMariaDb ? fixed('@@in_transaction') : null),

  readOnly: null,

  begin: plain('start transaction'),
  commit: plain('commit'),
  rollback: plain('rollback'),
  takeWriteLock: () => null,
  // Refused with 1568 while a transaction is open, and only then; it asks for what is the default anyway.
  // https://dev.mysql.com/doc/refman/9.0/en/set-transaction.html
  probe: plain('set transaction read write'),
  isOpen: (answer) => ('reply' in answer ? false : errnoOf(answer.error) === 1568 ? true : null),
  frame: (name) => ({ before: plain(`savepoint ${name}`), after: plain(`release savepoint ${name}`) }),
  survival: (answer) => ('reply' in answer ? 'stands' : endsMysqlTransaction(answer.error) ? 'unknown' : 'ended'),
  asksBeforeCommit: false,
  isPlain: (statement) => PLAIN.test(statement),

  waitsForLocks: true,
  readsWait: false,
  lockWaitStepMs: 1000,
  shortestLockWaitMs: (server) => (server.isMariaDb ? 0 : 1000),
  lockBound(lockTimeoutMs, server) {
    if (lockTimeoutMs === null) return NO_BOUND
    const seconds = Math.ceil(lockTimeoutMs / 1000)
    if (server.isMariaDb) {
      return {
        ...NO_BOUND,
        // What skips locks waits for none. With a bound of 0 MariaDB answers error 1180, "during COMMIT", where it meets one.
        wrap: (statement) =>
          statement.sql.endsWith(SELECT_LOCK.skip)
            ? statement
            : { ...statement, sql: `set statement innodb_lock_wait_timeout = ${seconds} for\n${statement.sql}` },
      }
    }
    // MySQL has the session's variable only, of at least one second. The old value is kept on the server meanwhile.
    return {
      ...NO_BOUND,
      before: plain(
        `set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = ${Math.max(1, seconds)}`,
      ),
      after: plain('set innodb_lock_wait_timeout = @claim_once_lock_wait'),
    }
  },

  keepsTransactionAfterError: true,
  classify: classifyMysql,
  classifyAlone: classifyMysql,
  classifyCommit: classifyMysqlCommit,
  endsTransaction: endsMysqlTransaction,
}

const errnoOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'errno' in error ? error.errno : undefined

/** Numbers go as text: a parameter that was once a number stays one for its prepared statement, and rounds. */
function mysqlSetValue(value: unknown, column: ColumnDescription): SqlValue {
  if (column.type.startsWith('bit') && value !== null && !(value instanceof Uint8Array)) return bits(value)
  if (value === null || typeof value === 'string' || value instanceof Date) return value
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  throw new RefusedValue(`is ${describeValue(value)}, which is no value of a column`)
}

/** Text written into a BIT column is taken for its bytes: '0' would be 48. */
function bits(value: unknown): SqlValue {
  const number = typeof value === 'boolean' ? Number(value) : value
  if (typeof number !== 'bigint' && !(typeof number === 'number' && Number.isSafeInteger(number) && number >= 0)) {
    throw new RefusedValue(`is ${describeValue(value)}. A bit column takes a boolean, a whole number or a Buffer`)
  }
  const hex = BigInt(number).toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
}
