import { every, fixed, list, ordered, plain, sql } from '../sql.ts'
import type { Statement, Template } from '../sql.ts'
import type { Dialect, ReadLock, SelectLock, ServerTraits } from './dialect.ts'
import { cast, mssqlCodec } from './mssql-columns.ts'
import { describeMssqlTable, quote } from './mssql-describe.ts'
import type { Catalog } from './mssql-describe.ts'
import { classifyMssql, classifyMssqlCommit, endsMssqlTransaction, mssqlErrorNumber } from './mssql-errors.ts'
import { isOpenTransaction, readChange, splitName, survival } from './mssql-replies.ts'
import { castParameter, mssqlSetValue, typedParameter } from './mssql-values.ts'
import { mssqlClock, mssqlLease, mssqlVersion } from './mssql-versions.ts'

/*
 * Every statement of a claim is one batch that brings its own settings: a `set` inside `sp_executesql`, by which the
 * drivers send, is undone when it returns, so what one batch sets does not reach the next, nor the pooled session.
 * https://learn.microsoft.com/sql/t-sql/statements/set-statements-transact-sql
 */
const IN_TRANSACTION = sql`
set nocount on;
set xact_abort on;
`

/**
 * READ COMMITTED, because a session may come from the pool in any isolation level: under READ UNCOMMITTED a read would
 * show what is rolled back later, under SNAPSHOT what has been long ago. Not inside a transaction, which has its level
 * from the beginning: one that is changed cannot go back to SNAPSHOT (3951).
 */
const ALONE = sql`
${IN_TRANSACTION}set transaction isolation level read committed;
`

/**
 * READ COMMITTED for the whole transaction, the effect too. The level stays with the session, so the one before is asked
 * for, to be put back. Sent as a batch, in which a `set` lasts.
 * https://learn.microsoft.com/sql/t-sql/statements/set-transaction-isolation-level-transact-sql
 */
const BEGIN = plain(`
select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction`)

const LEVELS = ['read uncommitted', 'read committed', 'repeatable read', 'serializable', 'snapshot']

/** By the number that `sys.dm_exec_sessions` has for it. */
export const setIsolationLevel = (level: number): Statement | null => {
  const name = LEVELS[level - 1]
  return name === undefined ? null : plain(`set transaction isolation level ${name}`)
}

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

const SELECT_HINT: Readonly<Record<SelectLock, string>> = {
  none: ' with (readcommittedlock, rowlock)',
  update: ' with (updlock, rowlock)',
  skip: ' with (updlock, readpast, rowlock, readcommittedlock)',
}

/** Asked of a transaction: how deep it is nested, whether it can be committed, and whether it is still the same one. */
const STATE = plain('select @@trancount as transactions, xact_state() as state')
const STATE_OF_TRANSACTION = plain(
  'select @@trancount as transactions, xact_state() as state, current_transaction_id() as id',
)

/** The session's options, of which 2 is IMPLICIT_TRANSACTIONS. */
const IMPLICIT = fixed('@@options & 2')

/** What is asked of the catalog on first use; `@1` is the quoted name of the table. */
const CATALOG: Catalog = {
  server: plain(`
select cast(serverproperty('ProductVersion') as nvarchar(128)) as version,
       cast(@@version as nvarchar(300)) as full_version,
       @@options & 2 as implicit_transactions`),
  table: `
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
  and o.type in ('U', 'V', 'SN')`,
  columns: `
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
order by c.column_id`,
  uniqueKeys: `
select i.name,
       c.name as column_name,
       case when i.has_filter = 1 then i.filter_definition end as filter
from sys.indexes i
join sys.index_columns ic on ic.object_id = i.object_id and ic.index_id = i.index_id
join sys.columns c on c.object_id = ic.object_id and c.column_id = ic.column_id
where i.object_id = object_id(@1)
  and i.is_unique = 1
  and i.is_disabled = 0
  and i.is_hypothetical = 0
  and ic.key_ordinal > 0
order by i.index_id, ic.key_ordinal`,
}

/**
 * Statements that can neither commit nor roll back. T-SQL needs no semicolon between two statements, so a word that
 * could begin the second one is enough to be looked at closely.
 */
const PLAIN = /^(?:\s|--[^\n]*\n|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)*(?:select|insert|update|delete|merge|with)\b/i
const RISKY =
  /\b(?:begin|commit|rollback|save|exec|execute|set\s+(?:implicit_transactions|xact_abort|ansi_defaults))\b/i

/** SQL Server 2016 and later, and Azure SQL. */
export const mssqlDialect: Dialect = {
  name: 'mssql',
  quote,

  splitName,
  describe: describeMssqlTable(CATALOG),
  codec: mssqlCodec,
  versionTypes: 'a rowversion, or an integer',
  versionCodec: mssqlVersion,
  clockCodec: mssqlClock,
  leaseTypes: 'datetime2(3) or finer, datetimeoffset(3) or finer, datetime, or an integer of seconds',
  leaseCodec: mssqlLease,
  sameState: (column, first, second) => ({
    sql: `select ${truth(`${cast('@1', column)} = ${cast('@2', column)}`)} as same`,
    parameters: [first, second],
  }),
  setValue: mssqlSetValue,

  placeholders: 'numbered',
  truth: ({ sql: condition, names }) => ({ sql: truth(condition.replaceAll('\n', '\n         ')), names }),
  setParameter: castParameter,
  ordered: typedParameter,

  // Whether the row was changed is read from a row. Row counts lie: NOCOUNT hides them, and triggers add their own.
  // OUTPUT without INTO is refused (334) on a table with a trigger.
  // https://learn.microsoft.com/sql/t-sql/queries/output-clause-transact-sql
  update({ table, assignments, where, status }, { alone, server }) {
    const update = sql`
update ${table}
set ${list(assignments, '    ')}
output inserted.${status} into @claimed
where ${every(where)};
`
    return alone ? updateAlone(update) : updateInTransaction(update, server)
  },
  changed: readChange,
  read: ({ table, columns, where }, lock, { alone }) => sql`
${alone ? ALONE : IN_TRANSACTION}select ${list(columns, '       ')}
from ${table}${fixed(HINT[lock])}
where ${every(where)}`,
  // `readcommittedlock` and `readpast` together, where READ_COMMITTED_SNAPSHOT would read versions of the rows.
  // https://learn.microsoft.com/sql/t-sql/queries/hints-transact-sql-table
  select: ({ table, columns, where, orderBy, limit }, lock) => sql`
${IN_TRANSACTION}select ${fixed(limit === null ? '' : `top (${limit}) `)}${list(columns, '       ')}
from ${table}${fixed(SELECT_HINT[lock])}
where ${every(where)}${ordered(orderBy)}`,
  skipsLocked: () => true,
  readCommitted: null, // `begin` sets it
  isDuplicateKey: (error) => [2601, 2627].includes(mssqlErrorNumber(error) ?? 0),
  autocommit: sql`case when ${IMPLICIT} = 0 then 1 else 0 end`,
  openTransaction: () => fixed('@@trancount'),
  // A secondary ignores lock hints, and may lag behind.
  readOnly: fixed("case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end"),

  begin: { ...BEGIN, control: 'begin' },
  commit: { ...plain('commit transaction'), control: 'commit' },
  rollback: { ...plain('rollback transaction'), control: 'rollback' },
  takeWriteLock: () => null,
  probe: STATE,
  isOpen: (answer) => ('reply' in answer ? isOpenTransaction(answer.reply) : null),
  // A savepoint cannot be released here, but the state of the transaction can be asked for.
  frame: (_name, transactionId) => ({ before: null, after: transactionId === null ? STATE : STATE_OF_TRANSACTION }),
  survival,
  asksBeforeCommit: true,
  isPlain: (statement) => PLAIN.test(statement) && !RISKY.test(statement),

  waitsForLocks: true,
  readsWait: true,
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

  keepsTransactionAfterError: false, // XACT_ABORT
  classify: classifyMssql,
  classifyAlone: classifyMssql, // it is a transaction of its own, which the batch ends
  classifyCommit: classifyMssqlCommit,
  endsTransaction: endsMssqlTransaction,
}

const truth = (condition: string): string => `case when ${condition} then 1 else 0 end`

/**
 * Outside of a transaction an error does not undo what came before it in the batch: a trigger that raises one leaves the
 * claim standing. So the update is a transaction of its own, begun and ended within the batch, at no round trip.
 */
const updateAlone = (update: Template): Template => sql`
${ALONE}declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
${update}select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
select @rows as claim_rows,
       @@trancount as claim_transactions,
       ${IMPLICIT} as claim_implicit`

const updateInTransaction = (update: Template, { tellsTransactionId }: ServerTraits): Template => sql`
${IN_TRANSACTION}declare @claimed table (status nvarchar(4000));
${update}select count(*) as claim_rows,
       @@trancount as claim_transactions,
       ${IMPLICIT} as claim_implicit${
         tellsTransactionId
           ? fixed(`,
       current_transaction_id() as claim_transaction_id`)
           : fixed('')
       }
from @claimed`
