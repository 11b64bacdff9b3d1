import type { Reply } from '../adapters/adapter.ts'
import type { Placeholders, SqlValue, Statement, Template } from '../sql.ts'
import type { ClockCodec, Codec, LeaseCodec, VersionCodec } from './codec.ts'

export type DialectName = 'mysql' | 'mssql' | 'sqlite'

export interface TableName {
  readonly schema: string | null
  readonly name: string
}

/** One column as the database describes it. */
export interface ColumnDescription {
  readonly name: string
  /** The type as the database writes it, in lower case: `bigint(20) unsigned zerofill`, `varchar(64)`, `datetime2(7)`. */
  readonly type: string
  readonly nullable: boolean
  /** The column's character set (SQL Server: code page) and collation; `null` for what is not text, or is Unicode. */
  readonly characterSet: string | null
  readonly collation: string | null
  /** The members of an ENUM. */
  readonly members: readonly string[] | null
  /** The longest text it holds, in characters. */
  readonly maxLength: number | null
}

export interface TableDescription {
  readonly table: TableName
  /** By lower-case name. */
  readonly columns: ReadonlyMap<string, ColumnDescription>
  /** The columns of each unique key over plain columns, in lower case. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** The same of each unique key that leaves rows out, with what of it the server tells: `([owner] IS NOT NULL)`. */
  readonly filteredKeys: readonly { readonly columns: readonly string[]; readonly filter: string }[]
  /** Why claims cannot live in this table at all: it is a view, its engine cannot roll back. */
  readonly unfit: string | null
  /** What the server can do; read once with the table. */
  readonly server: ServerTraits
}

export interface ServerTraits {
  readonly version: string
  /** It can do what MySQL cannot: bound the lock wait of one statement, and tell whether a transaction is open. */
  readonly isMariaDb: boolean
  /** Why claims cannot be made in the sessions of this pool: a character set that changes text on its way. */
  readonly unfitSession: string | null
  /** Its sessions commit by themselves. Where they do not, every claim is made in a transaction of its own. */
  readonly autocommit: boolean
  /** SQL Server: it can tell by which transaction a statement runs. */
  readonly tellsTransactionId: boolean
  /** Backslashes do not escape in string literals, so a client that writes values into the text is unsafe. */
  readonly noBackslashEscapes: boolean
}

/** Everything a statement is built of. Names are quoted, conditions exact. */
export interface Clauses {
  readonly table: Template
  readonly assignments: readonly Template[]
  readonly columns: readonly Template[]
  readonly where: readonly Template[]
  /** The column that the update changes in any case. */
  readonly status: Template
}

/** What a read of several rows is built of. */
export interface SelectClauses extends Pick<Clauses, 'table' | 'columns' | 'where'> {
  readonly orderBy: readonly Template[]
  /** How many rows at most; `null` for all. */
  readonly limit: number | null
}

/** Which lock a read of several rows takes; `skip`: past the rows that others have locked. */
export type SelectLock = 'none' | 'update' | 'skip'

/** Which lock a read takes: none, against writers until the statement's end, or to the end of the transaction. */
export type ReadLock = 'none' | 'share' | 'update' | 'update nowait'

/** What a failure means for the call, before it is known in which phase it struck. */
export type FailureClass =
  /** The transaction was rolled back by the server for another one's sake; the whole of it may be tried again. */
  | 'conflict'
  /** A lock was not got in time; the statement did not happen. */
  | 'held'
  /** The server cannot be reached, or refuses; the statement was not run. */
  | 'away'
  /** The connection broke, or the client gave up: a statement in flight may have happened, or may yet. */
  | 'lost'
  /** Configuration, rights or SQL are wrong. */
  | 'misuse'
  /** The server refused the values. */
  | 'rejected'
  | 'other'

/** What the guarded UPDATE came to. */
export interface Change {
  readonly rows: number
  /** What the server says of its session after the statement, where it is told. */
  readonly session?: { readonly inTransaction: boolean; readonly autocommit: boolean }
  /** Our transaction was begun inside another one that is still open: COMMIT would only lower a count. */
  readonly nested?: boolean
  /** By which the server knows the transaction. */
  readonly transactionId?: string
}

/** Where a statement runs: its text may differ. */
export interface Surroundings {
  /** Outside of any transaction of ours or the caller's. */
  readonly alone: boolean
  readonly server: ServerTraits
}

/** What the server said to a question: rows, or an error. */
export type Answer = { readonly reply: Reply } | { readonly error: unknown }

/** What became of the transaction; `unknown`: the question itself failed. */
export type Survival = 'stands' | 'ended' | 'nested' | 'unknown'

/** What is sent around a statement that could end the transaction, to find out whether it did. */
export interface Frame {
  readonly before: Statement | null
  readonly after: Statement
}

/** How the wait for a lock is bounded: around the statement, or in front of it. */
export interface LockBound {
  /** Sent before the first locking statement. */
  readonly before: Statement | null
  /** Sent when it is over, also after a failure. */
  readonly after: Statement | null
  /** Wraps one statement. */
  wrap(statement: Statement): Statement
}

/**
 * SQL text, types and error numbers of one database family. It opens no connection.
 */
export interface Dialect {
  readonly name: DialectName
  readonly quote: (identifier: string) => string

  /** Schema and name of a table, where they are written otherwise than `schema.table`. */
  readonly splitName?: (table: string) => TableName
  /** Reads what the database says of a table; `null` when there is none. Each step is one statement. */
  readonly describe: (table: TableName) => Generator<Statement, TableDescription | null, Reply>
  /** `null`: a column of this type cannot be compared exactly. */
  readonly codec: (column: ColumnDescription) => Codec | null
  /** What a version column may be, for messages. */
  readonly versionTypes: string
  /** `null`: a column of this type cannot be a version. */
  readonly versionCodec: (column: ColumnDescription) => VersionCodec | null
  /** `null`: a column of this type cannot hold a time. */
  readonly clockCodec: (column: ColumnDescription) => ClockCodec | null
  /** What may say until when a lease lasts, for messages. */
  readonly leaseTypes: string
  /** `null`: a column of this type cannot say it, or not exactly enough. */
  readonly leaseCodec: (column: ColumnDescription) => LeaseCodec | null
  /** Asks the server whether two states are the same under the column's collation. */
  readonly sameState: (column: ColumnDescription, first: SqlValue, second: SqlValue) => Statement
  /** A value of `set` as a parameter. Throws {@link RefusedValue}. */
  readonly setValue: (value: unknown, column: ColumnDescription) => SqlValue

  readonly placeholders: Placeholders
  /** A condition as a value: 1 or 0. */
  readonly truth: (condition: Template) => Template
  /** The parameter of a value of `set`, cast where the server would not convert it. */
  readonly setParameter: (value: Template, column: ColumnDescription) => Template

  /** A value that a column is compared with by its order: of the column's own type, so that its index serves. */
  readonly ordered: (value: Template, column: ColumnDescription) => Template

  /** The guarded UPDATE. */
  readonly update: (
    clauses: Pick<Clauses, 'table' | 'assignments' | 'where' | 'status'>,
    surroundings: Surroundings,
  ) => Template
  /** What the answer to it says. */
  readonly changed: (reply: Reply) => Change
  /** Reads one order. */
  readonly read: (
    clauses: Pick<Clauses, 'table' | 'columns' | 'where'>,
    lock: ReadLock,
    surroundings: Surroundings,
  ) => Template
  /** Reads several rows. */
  readonly select: (clauses: SelectClauses, lock: SelectLock) => Template
  /** Rows can be locked past those that others have locked. */
  readonly skipsLocked: (server: ServerTraits) => boolean
  /** Sent before `begin`: the transaction reads what is committed at each statement. `null`: it does anyway. */
  readonly readCommitted: Statement | null
  /** A unique key refuses what was written. */
  readonly isDuplicateKey: (error: unknown) => boolean
  /** Told by every read, beside the columns: 0 where the session does not commit by itself. */
  readonly autocommit: Template | null

  /** Told by every read, where the server can: how many transactions are open, ours included. */
  readonly openTransaction: (server: ServerTraits) => Template | null

  /** Told by every read, where the server can: 1 where the database takes no writes, as a replica does. */
  readonly readOnly: Template | null

  readonly begin: Statement
  readonly commit: Statement
  readonly rollback: Statement
  /**
   * Takes the write lock inside a transaction that has perhaps read before, so that what is read next is current; or
   * fails because the snapshot is stale. `null` where a locking read does that.
   */
  readonly takeWriteLock: (table: Template) => Statement | null
  /** Asks whether a transaction is open: after an error of the effect, and of a transaction that was given. */
  readonly probe: Statement
  /** `null`: the question itself failed. */
  readonly isOpen: (answer: Answer) => boolean | null
  /** Around a statement of an effect that could end the transaction. The name is a random one. */
  readonly frame: (name: string, transactionId: string | null) => Frame
  /** What the answer to the end of a frame says. */
  readonly survival: (answer: Answer, transactionId: string | null) => Survival
  /** The end of a frame is sent before COMMIT in any case: an error may have passed unseen. */
  readonly asksBeforeCommit: boolean

  /**
   * A statement that cannot end a transaction, whatever it does, and holds no second statement. Anything else that
   * an effect sends is framed by a savepoint, which shows whether the transaction has survived.
   */
  readonly isPlain: (statement: string) => boolean

  /** A wait for a lock is the server's; without it, the call has to ask again. */
  readonly waitsForLocks: boolean
  /** A read that asks for no lock may wait for one all the same. */
  readonly readsWait: boolean
  /** In which steps the server counts a wait for a lock, in milliseconds. */
  readonly lockWaitStepMs: number
  /** The shortest bounded wait that the server knows, in milliseconds; 0 is "do not wait". */
  readonly shortestLockWaitMs: (server: ServerTraits) => number
  readonly lockBound: (lockTimeoutMs: number | null, server: ServerTraits) => LockBound

  /** An error that refuses a statement leaves the transaction as it was. Otherwise the whole is rolled back with it. */
  readonly keepsTransactionAfterError: boolean
  readonly classify: (error: unknown) => FailureClass
  /** The same for an UPDATE that commits itself. */
  readonly classifyAlone: (error: unknown) => FailureClass
  /** The same for an error that COMMIT was answered with. */
  readonly classifyCommit: (error: unknown) => FailureClass
  /** After this error the transaction is gone, or must not be committed. */
  readonly endsTransaction: (error: unknown) => boolean
}
