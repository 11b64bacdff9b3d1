import type { EventDetail } from '../events.ts'
import type { PickStrategy } from './pool-config.ts'
import type { ConfirmResult, DrawResult, ReleaseResult } from './pool-outcome.ts'

interface EventOfDraw {
  readonly owner: unknown
  readonly strategy: PickStrategy
  /** The first attempt is 1. */
  readonly attempt: number
  /** Since the call, in milliseconds. */
  readonly elapsedMs: number
}

type OfTheTransaction = Extract<
  EventDetail,
  { readonly type: 'failed' | 'retry' | 'effect_failed' | 'connection_destroyed' | 'unknown' }
>

/** Why the table was asked, and not the queue. */
export type FallbackReason =
  /** There are fewer candidates in the queue than items asked for. `refill()` is due. */
  | 'empty'
  /** The queue has failed, or has not answered in time; it is left alone for a second. */
  | 'down'
  /** Whatever the queue named was not free. `refill()` is due. */
  | 'stale'

/** Everything of note that happens to a draw. One call ends with one `outcome` or `failed`. */
export type PoolEvent = EventOfDraw &
  (
    | OfTheTransaction
    | {
        readonly type: 'outcome'
        readonly result: DrawResult<unknown, unknown> | ConfirmResult<unknown, unknown> | ReleaseResult
      }
    /** So many requests were drawn in one transaction. */
    | { readonly type: 'drawn_together'; readonly requests: number }
    /** The strategy is `queue`, and the table was asked. */
    | { readonly type: 'queue_fallback'; readonly reason: FallbackReason; readonly error: unknown }
  )

/** Is called at once and not awaited. What it throws, or rejects with, is dropped. */
export type PoolEventHook = (event: PoolEvent) => unknown
