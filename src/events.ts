import type { ClaimResult, ResetResult } from './outcome.ts'
import type { StrategyName } from './config.ts'

/** What every event tells. */
interface EventOfOrder {
  readonly orderId: unknown
  readonly strategy: StrategyName
  /** The first attempt is 1. */
  readonly attempt: number
  /** Since the call, in milliseconds. */
  readonly elapsedMs: number
}

/** Why a claim is tried again. */
export type RetryReason =
  /** The server rolled the transaction back: a deadlock, a certification failure, a stale snapshot. */
  | 'conflict'
  /** The order still waits, but its version moved, or it was put back meanwhile. */
  | 'moved'
  /** The pool gave out a connection that was dead before the claim was sent. */
  | 'connection'
  /** The file is locked, and SQLite does not wait by itself. */
  | 'held'
  /** The session does not commit by itself, so the claim is made in a transaction of its own. */
  | 'autocommit'

/** What happened. */
export type EventDetail =
  | { readonly type: 'outcome'; readonly result: ClaimResult<unknown> | ResetResult }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'retry'; readonly reason: RetryReason; readonly error?: unknown }
  | { readonly type: 'effect_failed'; readonly error: unknown }
  /** Nobody knows the state of the connection: it is closed, and not given back to the pool. */
  | { readonly type: 'connection_destroyed' }

/** Everything of note that happens to a claim, for logs and metrics. One call ends with one `outcome` or `failed`. */
export type ClaimEvent = EventOfOrder & EventDetail

/** Is called at once and not awaited. What it throws, or rejects with, is dropped: a log must not decide a payment. */
export type EventHook = (event: ClaimEvent) => unknown
