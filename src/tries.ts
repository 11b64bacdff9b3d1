import type { Adapter, Session } from './adapters/adapter.ts'
import { aborted, callersTransactionLost, notOpened, unavailable } from './attempt.ts'
import type { CallBase, Progress, Unanswered } from './call.ts'
import type { Bounds } from './config.ts'
import type { Deadline } from './deadline.ts'
import { Interruption } from './deadline.ts'
import type { RetryReason } from './events.ts'
import { isCounted, lockTimeoutFor, pauseBefore } from './retry.ts'
import { runAttempt } from './run.ts'

/** The bounds of a call, its own or those of the configuration. */
export interface CallBounds {
  readonly timeoutMs: number
  /** `null` for the default. */
  readonly lockTimeoutMs: number | 'server' | null
  readonly retries: number
  readonly resolveTimeoutMs: number
}

/** The bounds of a call where it names them, else those of the configuration. */
export const boundsOf = (options: Bounds, config: CallBounds): CallBounds => ({
  timeoutMs: options.timeoutMs ?? config.timeoutMs,
  lockTimeoutMs: options.lockTimeoutMs ?? config.lockTimeoutMs,
  retries: options.retries ?? config.retries,
  resolveTimeoutMs: options.resolveTimeoutMs ?? config.resolveTimeoutMs,
})

/** What a call came to, if it did not throw. */
export type Decided<Result> = { readonly is: 'done'; readonly result: Result } | Unanswered

/** Takes connections and tries, until the call is decided or its time is over. */
export async function tryUntilDecided<Result>(
  call: CallBase<Result>,
  bounds: CallBounds,
  joined: Session<unknown> | null,
  progress: Progress,
): Promise<Decided<Result>> {
  const { deadline, adapter } = call
  let otherwise = (): Result => call.busy
  const giveUp = (): Decided<Result> => ({ is: 'done', result: otherwise() })
  try {
    for (let counted = 0; ; progress.attempt += 1) {
      const opened = joined ?? openSession(adapter, deadline)
      const session = opened instanceof Promise ? await opened : opened
      if (session === null) {
        return progress.attempt > 1 ? giveUp() : unavailable(new Error('no connection became free within timeoutMs'))
      }
      const bound = lockBound(call, bounds, progress.attempt)
      if (bound === 'no time') {
        session.release()
        return giveUp()
      }
      const end = await runAttempt(call, session, progress.attempt, bound)
      if (end.is !== 'again') return end
      otherwise = end.otherwise
      if (isCounted(end.reason)) counted += 1
      if (counted > bounds.retries) return giveUp()
      if (end.reason === 'held' && isNumber(bounds.lockTimeoutMs) && deadline.elapsedMs >= bounds.lockTimeoutMs) {
        return giveUp()
      }
      call.tell({ type: 'retry', reason: end.reason, error: end.error })
      if (!(await pause(call, progress.attempt, end.reason))) return giveUp()
    }
  } finally {
    deadline.stop()
  }
}

/** How long a statement of this attempt may wait for a lock. */
export const lockBound = (
  { adapter, table, deadline }: CallBase,
  { lockTimeoutMs, timeoutMs }: Pick<CallBounds, 'lockTimeoutMs' | 'timeoutMs'>,
  attempt: number,
): number | null | 'no time' =>
  lockTimeoutFor({
    lockTimeoutMs,
    timeoutMs,
    remainingMs: deadline.remainingMs,
    attempt,
    stepMs: adapter.dialect.lockWaitStepMs,
    shortestMs: adapter.dialect.shortestLockWaitMs(table.server),
  })

/** Waits before the next attempt; `false`: there is no time for one. */
async function pause({ deadline, joined }: CallBase, attempt: number, reason: RetryReason): Promise<boolean> {
  try {
    await deadline.pause(pauseBefore(attempt, reason))
    return true
  } catch (thrown) {
    if (!(thrown instanceof Interruption)) throw thrown
    if (joined) throw callersTransactionLost(thrown)
    if (thrown.by === 'signal') throw aborted(thrown)
    return false
  }
}

/** A pool at its limit lets wait without end; the call does not: `null`. A connection that comes too late goes back. */
export function openSession(
  adapter: Adapter<unknown, object>,
  deadline: Deadline,
): Session<unknown> | null | Promise<Session<unknown> | null> {
  let opening: Promise<Session<unknown>> | undefined
  const failed = (error: unknown): null => {
    if (!(error instanceof Interruption)) return notOpened(error, adapter.dialect)
    opening?.then((late) => late.release()).catch(() => {})
    if (error.by === 'signal') throw aborted(error)
    return null
  }
  try {
    deadline.check()
    const opened = adapter.open(deadline)
    if (!(opened instanceof Promise)) return opened
    opening = opened
  } catch (error) {
    return failed(error)
  }
  return deadline.race(opening).catch(failed)
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
