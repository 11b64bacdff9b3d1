import type { ColumnTypeName } from './columns.ts'
import type { TdsErrorDetails } from './tokens.ts'
import type { TdsValue } from './values.ts'

/** What a script answers: the parts, in the order in which the client reads them. Nothing at all is a plain success. */
export type Reply = readonly ReplyPart[]

export type ColumnTypes = Readonly<Record<string, ColumnTypeName>>

export type ReplyPart =
  | {
      readonly part: 'rows'
      readonly columns: ColumnTypes
      readonly rows: readonly Readonly<Record<string, TdsValue>>[]
    }
  | { readonly part: 'count'; readonly count: number }
  | { readonly part: 'error'; readonly details: TdsErrorDetails }
  | { readonly part: 'info'; readonly details: TdsErrorDetails }
  | { readonly part: 'output'; readonly name: string; readonly type: ColumnTypeName; readonly value: TdsValue }
  | { readonly part: 'begun' | 'committed' | 'rolled back' | 'stays open' }

/** One recordset, and the count of its rows. */
export const rows = (columns: ColumnTypes, values: readonly Readonly<Record<string, TdsValue>>[]): ReplyPart => ({
  part: 'rows',
  columns,
  rows: values,
})

/** A statement that gave no rows, and affected so many. */
export const count = (affected: number): ReplyPart => ({ part: 'count', count: affected })

export const error = (details: TdsErrorDetails): ReplyPart => ({ part: 'error', details })

/** What PRINT and low severities send. Drivers tell it by an event. */
export const info = (details: TdsErrorDetails): ReplyPart => ({ part: 'info', details })

/** The value of an output parameter of an RPC, its name with the `@`. */
export const output = (name: string, type: ColumnTypeName, value: TdsValue): ReplyPart => ({
  part: 'output',
  name,
  type,
  value,
})

/** A transaction began by SQL (`begin tran`): the session gets a descriptor, and the client is told. */
export const begun = (): ReplyPart => ({ part: 'begun' })

/** The session's transaction was committed by SQL (`commit`). */
export const committed = (): ReplyPart => ({ part: 'committed' })

/** The session's transaction was rolled back, by SQL or by the server (a deadlock, XACT_ABORT). Nothing if none was open. */
export const rolledBack = (): ReplyPart => ({ part: 'rolled back' })

/** To a commit or rollback request: done, but the transaction is open as before, as with a nested one. */
export const staysOpen = (): ReplyPart => ({ part: 'stays open' })
