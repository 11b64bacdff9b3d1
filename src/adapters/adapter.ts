import type { Dialect } from '../dialects/dialect.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'

export type Row = Readonly<Record<string, unknown>>

/** What the server answered to one statement. */
export interface Reply {
  readonly rows: readonly Row[]
  readonly affectedRows: number
  /** What the server says of its session after the statement, where the driver passes it on. */
  readonly session?: { readonly inTransaction: boolean; readonly autocommit: boolean }
}

/**
 * One connection, held for one attempt. `send`, and what stands on it, answers at once on a synchronous adapter and
 * with a promise on the others.
 */
export interface Session<Tx> {
  send(statement: Statement): Reply | Promise<Reply>
  /** The handle of the user's own library, through which every statement of the effect passes the watch. */
  handle(watch: TransactionWatch): Tx
  /** Whether a transaction is open, where the driver tells at no cost. */
  isOpen?(): boolean | undefined
  /** Gives the connection back, in the state it was taken in. */
  release(): void
  /** Closes the connection; it is never used again. */
  destroy(): void
}

/** What a column holds, as far as a driver without types can say. */
export type ColumnValue = string | number | bigint | Date | Buffer | null

/** The tables of a driver that knows no types: any table, any column. */
export type UntypedTables = Readonly<Record<string, Readonly<Record<string, ColumnValue>>>>

/**
 * Sends statements through a driver the user already has. It knows nothing of claims.
 *
 * @typeParam Tx the handle an effect gets, and the one `transaction` takes
 * @typeParam Tables the tables and their columns, where the library knows them (kysely)
 */
export interface Adapter<Tx, Tables extends object = UntypedTables> {
  readonly dialect: Dialect
  /** Every statement is answered at once, so the effect must be synchronous, too: nothing may run in between. */
  readonly synchronous: boolean
  /**
   * The reply of a write tells whether a transaction is open ({@link Reply.session}), so a bare claim may be one
   * autocommitted statement. Where it does not, every claim runs in a transaction of its own.
   */
  readonly tellsSession: boolean
  /** String parameters are written into the SQL text by the client, which is unsafe under NO_BACKSLASH_ESCAPES. */
  readonly escapesOnClient: boolean
  /** What lends the connections: claims by two adapters on one pool are known to share it. */
  readonly pool: object
  /** Takes a connection out of the pool. The signal fires when nobody waits for it any more. */
  open(waiting: Waiting): Session<Tx> | Promise<Session<Tx>>
  /** The connection of a transaction that the caller has opened. */
  join(transaction: Tx): Session<Tx>
  /** The real name of a table or column, where the library renames (kysely's plugins). */
  readonly resolveNames?: (table: string, columns: readonly string[]) => ResolvedNames
  /** Present on the type level only. */
  readonly tables?: Tables
}

/** Whoever waits for a connection. The signal is made when it is asked for. */
export interface Waiting {
  readonly signal: AbortSignal
}

export interface ResolvedNames {
  readonly schema?: string
  readonly table: string
  readonly columns: readonly string[]
}
