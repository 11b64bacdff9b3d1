import type { RetryReason } from './events.ts'

/** What is kept free of a call's time for its last answers, so that a lock wait ends before the timer strikes. */
const SPARE_MS = 500
const SPARE_ON_RETRY_MS = 200

export interface LockTime {
  readonly lockTimeoutMs: number | 'server' | null
  readonly timeoutMs: number
  readonly remainingMs: number
  readonly attempt: number
}

/**
 * How long a statement of this attempt may wait for a lock: milliseconds, or `null` to leave it to the server.
 * `'no time'`: a bounded wait does not fit any more. An answer that the timer cuts off is no answer: the claim would
 * be unknown, where the server's own "lock wait timeout" says that it did not happen.
 */
export function lockTimeoutFor({
  lockTimeoutMs,
  timeoutMs,
  remainingMs,
  attempt,
}: LockTime): number | null | 'no time' {
  if (lockTimeoutMs === 'server') return null
  const wanted = lockTimeoutMs ?? wholeSeconds(timeoutMs - SPARE_MS)
  if (lockTimeoutMs === null && wanted === 0) return null
  if (attempt === 1 || wanted === 0) return wanted
  const fits = wholeSeconds(remainingMs - SPARE_ON_RETRY_MS)
  if (fits >= wanted) return wanted
  return fits > 0 ? fits : 'no time'
}

const wholeSeconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000) * 1000)

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
