import type { Reply } from '../adapters/adapter.ts'
import { every, limited, list, ordered, plain, sql } from '../sql.ts'
import type { SqlValue, Statement } from '../sql.ts'
import { RefusedValue } from './codec.ts'
import type { Dialect, FailureClass, TableDescription, TableName } from './dialect.ts'
import { sqliteClock, sqliteCodec, sqliteLease, sqliteVersion } from './sqlite-columns.ts'
import { classifySqlite, endsSqliteTransaction, isSqliteDuplicateKey, sqliteResultCode } from './sqlite-errors.ts'
import { asText, describeValue } from './values.ts'

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

const PLAIN =
  /^(?:\s|--[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*(?:select|insert|update|delete|replace|with|values|savepoint|release|rollback\s+(?:transaction\s+)?to)\b[^;]*;?\s*$/i

/** SQLite 3, by any driver. A transaction locks the whole file, so the locks of a read come from `begin immediate`. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  quote,

  describe: describeSqliteTable,
  codec: sqliteCodec,
  versionTypes: 'an integer, or a timestamp',
  versionCodec: sqliteVersion,
  clockCodec: sqliteClock,
  leaseTypes: 'text, or an integer of seconds',
  leaseCodec: sqliteLease,
  // The column's collation is not told by any pragma; ours compare bytes, so equal states are equal strings.
  sameState: (_column, first, second) => ({ sql: 'select ? = ? as same', parameters: [first, second] }),
  setValue: sqliteSetValue,

  placeholders: 'question marks',
  truth: (condition) => sql`(${condition})`,
  setParameter: (value) => value,
  ordered: (value) => value,

  update: ({ table, assignments, where }) => sql`
update ${table}
set ${list(assignments, '    ')}
where ${every(where)}`,
  changed: ({ affectedRows }) => ({ rows: affectedRows }),
  read: ({ table, columns, where }) => sql`
select ${list(columns, '       ')}
from ${table}
where ${every(where)}`,
  // A transaction locks the whole file, so there is nothing to skip.
  select: ({ table, columns, where, orderBy, limit }) => sql`
select ${list(columns, '       ')}
from ${table}
where ${every(where)}${ordered(orderBy)}${limited(limit)}`,
  skipsLocked: () => true,
  readCommitted: null,
  isDuplicateKey: isSqliteDuplicateKey,
  autocommit: null,
  openTransaction: () => null,

  readOnly: null,

  // A deferred transaction that reads and then writes gets SQLITE_BUSY_SNAPSHOT; this one has the write lock at once.
  // https://www.sqlite.org/lang_transaction.html
  begin: plain('begin immediate'),
  commit: plain('commit'),
  rollback: plain('rollback'),
  // Changes nothing, but needs the write lock: a transaction with a stale snapshot is refused it for good.
  takeWriteLock: (table) => plain(`delete from ${table.sql} where 0`),
  probe: plain('begin'),
  isOpen(answer) {
    if ('reply' in answer) return false
    return answer.error instanceof Error && answer.error.message.includes('within a transaction') ? true : null
  },
  frame: (name) => ({ before: plain(`savepoint ${name}`), after: plain(`release ${name}`) }),
  survival: (answer) => ('reply' in answer ? 'stands' : endsSqliteTransaction(answer.error) ? 'unknown' : 'ended'),
  asksBeforeCommit: false,
  isPlain: (statement) => PLAIN.test(statement),

  waitsForLocks: false,
  readsWait: false,
  lockWaitStepMs: 1000,
  shortestLockWaitMs: () => 0,
  lockBound: () => ({ before: null, after: null, wrap: (statement) => statement }),

  keepsTransactionAfterError: true,
  classify: classifySqlite,
  // BUSY from COMMIT: nothing is committed, and the transaction is still open. It is rolled back and tried again.
  classifyAlone: classifyCommit,
  classifyCommit,
  endsTransaction: endsSqliteTransaction,
}

/** An error of the disk leaves it open what of the commit has come to be on it. */
function classifyCommit(error: unknown): FailureClass {
  return sqliteResultCode(error) === 10 ? 'lost' : classifySqlite(error)
}

/** Numbers go as they are: the column's affinity decides how they are kept. */
function sqliteSetValue(value: unknown): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (value instanceof Date) throw new RefusedValue('is a Date, a type SQLite does not have. Pass the text or number')
  throw new RefusedValue(`is ${describeValue(value)}, which is no value of a column`)
}

function* describeSqliteTable(table: TableName): Generator<Statement, TableDescription | null, Reply> {
  const schema = table.schema ?? 'main'
  const parameters = [table.name, schema]
  const found = yield {
    sql: `select type from ${quote(schema)}.sqlite_schema where name = ? collate nocase and type in ('table', 'view')`,
    parameters: [table.name],
  }
  const type = found.rows[0]?.['type']
  if (type === undefined) return null
  const columns = yield {
    sql: 'select name, type, "notnull" as not_null, pk from pragma_table_xinfo(?, ?)',
    parameters,
  }
  const keyParts = yield {
    sql: `
select i.name as name, c.name as column_name
from pragma_index_list(?, ?) i, pragma_index_info(i.name, ?) c
where i."unique" = 1 and i.partial = 0
order by i.name, c.seqno`.trimStart(),
    parameters: [...parameters, schema],
  }
  const server = yield plain('select sqlite_version() as version')

  const primaryKey = columns.rows
    .filter((row) => Number(row['pk']) > 0)
    .sort((a, b) => Number(a['pk']) - Number(b['pk']))
    .map((row) => String(row['name']).toLowerCase())
  const keys = new Map<string, string[]>()
  for (const part of keyParts.rows) {
    // A part that is an expression, or the rowid, has no name: the key says nothing of plain columns.
    const column = asText(part['column_name'])?.toLowerCase() ?? ''
    keys.set(String(part['name']), [...(keys.get(String(part['name'])) ?? []), column])
  }
  return {
    table,
    columns: new Map(
      columns.rows.map((row) => [
        String(row['name']).toLowerCase(),
        {
          name: String(row['name']),
          type: String(row['type']).toLowerCase(),
          nullable: Number(row['not_null']) === 0,
          characterSet: null,
          collation: null,
          members: null,
          maxLength: null,
        },
      ]),
    ),
    uniqueKeys: [primaryKey, ...keys.values()].filter((key) => key.length > 0 && !key.includes('')),
    filteredKeys: [],
    unfit: type === 'view' ? 'is a view. Name the table under it' : null,
    server: {
      version: String(server.rows[0]?.['version']),
      isMariaDb: false,
      autocommit: true,
      unfitSession: null,
      noBackslashEscapes: false,
      tellsTransactionId: false,
    },
  }
}
