import type { Reply } from '../adapters/adapter.ts'
import { every, fixed, list, plain, sql } from '../sql.ts'
import type { Statement, Template } from '../sql.ts'
import type { Answer, Dialect, ReadLock, Survival, TableDescription, TableName } from './dialect.ts'
import { cast, describeMssqlColumn, mssqlCodec } from './mssql-columns.ts'
import { classifyMssql, classifyMssqlCommit, endsMssqlTransaction } from './mssql-errors.ts'
import { castParameter, mssqlSetValue } from './mssql-values.ts'
import { mssqlClock, mssqlVersion } from './mssql-versions.ts'
import { asText } from './values.ts'

/*
 * Every statement of a claim is one batch that brings its own settings: a `set` inside `sp_executesql`, by which the
 * drivers send, is undone when it returns, so what one batch sets does not reach the next, nor the pooled session.
 * https://learn.microsoft.com/sql/t-sql/statements/set-statements-transact-sql
 *
 * READ COMMITTED, because a session may come from the pool in any isolation level: under READ UNCOMMITTED a read would
 * show what is rolled back later, under SNAPSHOT what has been long ago. XACT_ABORT, so that no error leaves half of a
 * batch behind.
 */
const SETTINGS = sql`
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
`

/**
 * `readcommittedlock` reads what is committed also where READ_COMMITTED_SNAPSHOT is on; `updlock` locks the row to the
 * end of the transaction. `rowlock` keeps the lock from starting with a page.
 * https://learn.microsoft.com/sql/t-sql/queries/hints-transact-sql-table
 */
const HINT: Readonly<Record<ReadLock, string>> = {
  none: '',
  share: ' with (readcommittedlock, rowlock)',
  update: ' with (updlock, rowlock)',
  'update nowait': ' with (updlock, rowlock)', // lock_timeout 0 says the rest
}

/** Asked of a transaction: how deep it is nested, and whether it can be committed. */
const STATE = plain('select @@trancount as transactions, xact_state() as state')

/** The session's options, of which 2 is IMPLICIT_TRANSACTIONS. */
const IMPLICIT = fixed('@@options & 2')

const SERVER = plain(`
select cast(serverproperty('ProductVersion') as nvarchar(128)) as version,
       @@options & 2 as implicit_transactions`)

const TABLE = `
select o.object_id,
       schema_name(o.schema_id) as schema_name,
       o.name,
       rtrim(o.type) as type,
       t.is_memory_optimized,
       (select count(*)
        from sys.triggers g
        join sys.trigger_events e on e.object_id = g.object_id
        where g.parent_id = o.object_id
          and g.is_instead_of_trigger = 1
          and g.is_disabled = 0
          and e.type_desc = 'UPDATE') as instead_of_update
from sys.objects o
left join sys.tables t on t.object_id = o.object_id
where o.object_id = object_id(@1)
  and o.type in ('U', 'V', 'SN')`

const COLUMNS = `
select c.name,
       type_name(c.system_type_id) as type,
       c.max_length,
       c.precision,
       c.scale,
       c.is_nullable,
       c.collation_name as collation,
       collationproperty(c.collation_name, 'CodePage') as code_page
from sys.columns c
where c.object_id = object_id(@1)
order by c.column_id`

/** A filtered index says nothing of the rows that it leaves out. */
const UNIQUE_KEYS = `
select i.name,
       c.name as column_name
from sys.indexes i
join sys.index_columns ic on ic.object_id = i.object_id and ic.index_id = i.index_id
join sys.columns c on c.object_id = ic.object_id and c.column_id = ic.column_id
where i.object_id = object_id(@1)
  and i.is_unique = 1
  and i.is_disabled = 0
  and i.has_filter = 0
  and ic.key_ordinal > 0
order by i.index_id, ic.key_ordinal`

/**
 * Statements that can neither commit nor roll back. T-SQL needs no semicolon between two statements, so a word that
 * could begin the second one is enough to be looked at closely.
 */
const PLAIN = /^(?:\s|--[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*(?:select|insert|update|delete|merge|with)\b/i
const RISKY =
  /\b(?:begin|commit|rollback|save|exec|execute|set\s+(?:implicit_transactions|xact_abort|ansi_defaults))\b/i

const quote = (identifier: string): string => `[${identifier.replaceAll(']', ']]')}]`

/** SQL Server 2016 and later, and Azure SQL. */
export const mssqlDialect: Dialect = {
  name: 'mssql',
  quote,

  splitName: splitMssqlName,
  describe: describeMssqlTable,
  codec: mssqlCodec,
  versionCodec: mssqlVersion,
  clockCodec: mssqlClock,
  sameState: (column, first, second) => ({
    sql: `select ${truth(`${cast('@1', column)} = ${cast('@2', column)}`)} as same`,
    parameters: [first, second],
  }),
  setValue: mssqlSetValue,

  placeholders: 'numbered',
  truth: (condition) => sql`case when ${indented(condition)} then 1 else 0 end`,
  setParameter: castParameter,

  // Whether the row was changed is read from a row. Row counts lie: NOCOUNT hides them, and triggers add their own.
  // OUTPUT without INTO is refused (334) on a table with a trigger.
  // https://learn.microsoft.com/sql/t-sql/queries/output-clause-transact-sql
  update: ({ table, assignments, where, status }) => sql`
${SETTINGS}declare @claimed table (status nvarchar(4000));
update ${table}
set ${list(assignments, '    ')}
output inserted.${status} into @claimed
where ${every(where)};
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       ${IMPLICIT} as claim_implicit
from @claimed`,
  changed: readChange,
  read: ({ table, columns, where }, lock) => sql`
${SETTINGS}select ${list(columns, '       ')}
from ${table}${fixed(HINT[lock])}
where ${every(where)}`,
  autocommit: sql`case when ${IMPLICIT} = 0 then 1 else 0 end`,
  openTransaction: () => fixed('case when @@trancount > 0 then 1 else 0 end'),

  begin: { ...plain('begin transaction'), control: 'begin' },
  commit: { ...plain('commit transaction'), control: 'commit' },
  rollback: { ...plain('rollback transaction'), control: 'rollback' },
  takeWriteLock: () => null,
  probe: STATE,
  isOpen: (answer) => ('reply' in answer ? stateIn(answer.reply).state === 1 : null),
  // A savepoint cannot be released here, but the state of the transaction can be asked for.
  frame: () => ({ before: null, after: STATE }),
  survival,
  asksBeforeCommit: true,
  isPlain: (statement) => PLAIN.test(statement) && !RISKY.test(statement),

  waitsForLocks: true,
  lockWaitStepMs: 1,
  shortestLockWaitMs: () => 0,
  lockBound: (lockTimeoutMs) => ({
    before: null,
    after: null,
    wrap: (statement) =>
      lockTimeoutMs === null
        ? statement
        : { ...statement, sql: `set lock_timeout ${lockTimeoutMs};\n${statement.sql}` },
  }),

  classify: classifyMssql,
  classifyCommit: classifyMssqlCommit,
  endsTransaction: endsMssqlTransaction,
}

const indented = ({ sql: text, names }: Template): Template => ({ sql: text.replaceAll('\n', '\n         '), names })

const truth = (condition: string): string => `case when ${condition} then 1 else 0 end`

const stateIn = ({ rows }: Reply): { readonly transactions: number; readonly state: number } => ({
  transactions: Number(rows[0]?.['transactions']),
  state: Number(rows[0]?.['state']),
})

/** A doomed transaction (-1) can only be rolled back; COMMIT of a nested one only lowers a count. */
function survival(answer: Answer): Survival {
  if ('error' in answer) return 'unknown'
  const { transactions, state } = stateIn(answer.reply)
  if (state !== 1) return 'ended'
  return transactions === 1 ? 'stands' : 'nested'
}

/** A trigger may send rows of its own, so ours are known by their name. */
function readChange({ rows }: Reply): ReturnType<Dialect['changed']> {
  const told = rows.findLast((row) => Object.hasOwn(row, 'claim_rows'))
  if (told === undefined) throw new TypeError('The claim was answered without the row that says what it changed.')
  const transactions = Number(told['claim_transactions'])
  return {
    rows: Number(told['claim_rows']),
    session: { inTransaction: transactions > 0, autocommit: Number(told['claim_implicit']) === 0 },
    nested: transactions > 1,
  }
}

/** `dbo.orders`, also in brackets: `[dbo].[order]`. */
function splitMssqlName(table: string): TableName {
  const parts = [...table.matchAll(/\[((?:[^\]]|\]\])*)\]|[^.[\]]+/g)].map(
    ([part, bracketed]) => bracketed?.replaceAll(']]', ']') ?? part,
  )
  const [first = table, second] = parts
  return second === undefined ? { schema: null, name: first } : { schema: first, name: parts.slice(1).join('.') }
}

function* describeMssqlTable(table: TableName): Generator<Statement, TableDescription | null, Reply> {
  const parameters = [(table.schema === null ? '' : `${quote(table.schema)}.`) + quote(table.name)]
  const server = (yield SERVER).rows[0]
  const found = (yield { sql: TABLE, parameters }).rows[0]
  if (found === undefined) return null
  const columns = (yield { sql: COLUMNS, parameters }).rows.map(describeMssqlColumn)
  const keys = new Map<string, string[]>()
  for (const part of (yield { sql: UNIQUE_KEYS, parameters }).rows) {
    const key = String(part['name'])
    keys.set(key, [...(keys.get(key) ?? []), String(part['column_name']).toLowerCase()])
  }
  return {
    table: { schema: String(found['schema_name']), name: String(found['name']) },
    columns: new Map(columns.map((column) => [column.name.toLowerCase(), column])),
    uniqueKeys: [...keys.values()],
    unfit: unfitReason(found),
    server: {
      version: asText(server?.['version']) ?? '',
      isMariaDb: false,
      autocommit: true,
      noBackslashEscapes: false,
      unfitSession:
        Number(server?.['implicit_transactions']) === 0
          ? null
          : 'its sessions have IMPLICIT_TRANSACTIONS on, so every statement opens a transaction that nobody ends. Leave ' +
            'enableImplicitTransactions off in the options of the connection',
    },
  }
}

function unfitReason(found: Readonly<Record<string, unknown>>): string | null {
  if (found['type'] !== 'U') return 'is a view or a synonym. Name the table under it'
  if (Number(found['is_memory_optimized']) === 1)
    return 'is memory-optimized, and takes no row locks. Use a disk-based table'
  if (Number(found['instead_of_update']) > 0) {
    return 'has an INSTEAD OF UPDATE trigger, under which an UPDATE reports rows that it has not changed. Claims cannot be made there'
  }
  return null
}
