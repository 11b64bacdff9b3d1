import type { RetryReason } from './events.ts'

/** What is kept free of a call's time by default, so that a lock wait ends well before the timer strikes. */
const SPARE_MS = 500
/** What is kept free at least. */
const LEAST_SPARE_MS = 200

export interface LockTime {
  /** As configured; `null` for the default. */
  readonly lockTimeoutMs: number | 'server' | null
  readonly timeoutMs: number
  /** What is left of the call's time, now that there is a connection. */
  readonly remainingMs: number
  readonly attempt: number
  /** The shortest bounded wait that the server knows. */
  readonly shortestMs: number
  /** In which steps it counts. */
  readonly stepMs: number
}

/**
 * How long a statement of this attempt may wait for a lock: milliseconds, or `null` to leave it to the server.
 * `'no time'`: a bounded wait does not fit any more. An answer that the timer cuts off is no answer: the claim would
 * be unknown, where the server's own "lock wait timeout" says that it did not happen.
 */
export function lockTimeoutFor(time: LockTime): number | null | 'no time' {
  const { lockTimeoutMs, timeoutMs, remainingMs, attempt, shortestMs, stepMs } = time
  if (lockTimeoutMs === 'server') return null
  const wanted = lockTimeoutMs === null ? down(timeoutMs - SPARE_MS, stepMs) : up(lockTimeoutMs, stepMs)
  const bound = Math.max(shortestMs, Math.min(wanted, down(remainingMs - LEAST_SPARE_MS, stepMs)))
  if (bound < remainingMs - LEAST_SPARE_MS) return bound
  return attempt === 1 ? null : 'no time'
}

/**
 * The same for a statement that is sent later in the attempt: no longer than what the statements before it have left of the
 * call's time.
 */
export function lockTimeoutOfLater({
  lockTimeoutMs,
  remainingMs,
  shortestMs,
  stepMs,
}: Pick<LockTime, 'remainingMs' | 'shortestMs' | 'stepMs'> & { readonly lockTimeoutMs: number }): number {
  const left = remainingMs - LEAST_SPARE_MS / 2
  return lockTimeoutMs <= left ? lockTimeoutMs : Math.max(shortestMs, Math.min(lockTimeoutMs, down(left, stepMs)))
}

/** To whole steps of the server's. */
const down = (ms: number, stepMs: number): number => Math.max(0, Math.floor(ms / stepMs) * stepMs)
const up = (ms: number, stepMs: number): number => Math.ceil(ms / stepMs) * stepMs

/**
 * Conflicts and dead connections are counted by `retries`. What is no failure is not: a version that moved while the
 * order waits, a file that another process has locked, a session that must be asked differently. Those end with the
 * call's time.
 */
export const isCounted = (reason: RetryReason): boolean => reason === 'conflict' || reason === 'connection'

/**
 * How long to wait before the next attempt, in milliseconds: random, so that those who met do not meet again, and
 * longer from try to try, up to 50.
 */
export function pauseBefore(attempt: number, reason: RetryReason): number {
  if (reason === 'autocommit') return 0
  return Math.random() * Math.min(50, 2 ** Math.min(attempt, 6))
}
