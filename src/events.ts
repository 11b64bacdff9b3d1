import type { ClaimResult, LeaseResult, MoveResult, ResetResult } from './outcome.ts'
import type { StrategyName } from './config.ts'
import type { DrainCounts, DrainResult } from './drain/drain-options.ts'

/** The method of `Claims` that was called. */
export type Operation = 'claimOnce' | 'leaseOnce' | 'moveOnce' | 'reset' | 'resolve' | 'drain'

/** What every event tells. */
interface EventOfOrder {
  readonly operation: Operation
  /** `null` where `resolve()` was called, before what it was given could be read; and what `drain()` tells of no single order. */
  readonly orderId: unknown
  /** How it is decided; a lease, a move and a reset by their own guarded UPDATE. */
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
  | {
      readonly type: 'outcome'
      readonly result: ClaimResult<unknown> | LeaseResult<unknown> | MoveResult<unknown> | ResetResult | DrainResult
    }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'retry'; readonly reason: RetryReason; readonly error?: unknown }
  | { readonly type: 'effect_failed'; readonly error: unknown }
  /** Nobody knows the state of the connection: it is closed, and not given back to the pool. */
  | { readonly type: 'connection_destroyed' }
  /** No answer came to the claiming statement, or to COMMIT. What became of it is being found out. */
  | { readonly type: 'unknown'; readonly phase: 'claim' | 'commit'; readonly error: unknown }
  /** What the effect returned is no JSON, or too long for `columns.result`: the claim stands, and keeps no result. */
  | { readonly type: 'result_not_kept'; readonly why: string }
  /** The failure of an effect, or of a lease's work, could not be written beside its order. */
  | { readonly type: 'failure_not_noted'; readonly error: unknown }
  /** `work` is running: the order is leased to it. */
  | { readonly type: 'leased'; readonly lease: number; readonly leaseMs: number }
  /** The lease lasts for another `leaseMs`, from some instant of the last `tookMs` on. */
  | { readonly type: 'lease_renewed'; readonly lease: number; readonly leaseMs: number; readonly tookMs: number }
  /** A lease could not be renewed now; it is tried again while it lasts. */
  | { readonly type: 'renewal_failed'; readonly error: unknown }
  /** Somebody else has the order now, or may have: the signal of `work` has fired. */
  | { readonly type: 'lease_lost' }
  /** `work` has failed; the order waits again, or has the failed status. */
  | { readonly type: 'work_failed'; readonly lease: number; readonly error: unknown; readonly final: boolean }
  /** `drain` has leased so many orders; the leases of `takenOver` had run out with somebody else. */
  | { readonly type: 'taken'; readonly orders: number; readonly takenOver: number }
  /** `drain` is done with an order, which is claimed. `recovered`: it was, and the answer was lost. */
  | { readonly type: 'order_done'; readonly lease: number; readonly recovered: boolean }
  /** `drain` has given back so many orders as if they had not been taken: it stops, or the database is away. */
  | { readonly type: 'given_back'; readonly orders: number }
  /** `drain` cannot go on now, or not take the next batch ahead; it tries again after a pause, or when it needs them. */
  | { readonly type: 'waits'; readonly error: unknown; readonly pauseMs: number }
  /** What `drain` has done so far, and how many orders are due. `due: null`: they could not be counted. */
  | { readonly type: 'progress'; readonly due: number | null; readonly counts: DrainCounts }

/** Everything of note that happens to a claim, for logs and metrics. One call ends with one `outcome` or `failed`. */
export type ClaimEvent = EventOfOrder & EventDetail

/** Is called at once and not awaited. What it throws, or rejects with, is dropped: a log must not decide a payment. */
export type EventHook = (event: ClaimEvent) => unknown
