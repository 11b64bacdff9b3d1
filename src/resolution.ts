import type { Session } from './adapters/adapter.ts'
import { aborted } from './attempt.ts'
import type { CallBase, Progress, Unanswered } from './call.ts'
import { Deadline, Interruption } from './deadline.ts'
import { isCounted } from './retry.ts'
import { runAttempt } from './run.ts'
import type { CallBounds, Decided } from './tries.ts'
import { lockBound, openSession, tryUntilDecided } from './tries.ts'

/** How long to wait before the database is asked again, in milliseconds: it may be starting. */
const LONGEST_PAUSE_MS = 250

/** Tries until the call is decided. What nobody answers is found out, as far as the time for it goes. */
export async function decideOrResolve<Result>(
  call: CallBase<Result>,
  bounds: CallBounds,
  joined: Session<unknown> | null,
  progress: Progress,
): Promise<Decided<Result>> {
  const decided = await tryUntilDecided(call, bounds, joined, progress)
  if (decided.is === 'done') return decided
  call.tell({ type: 'unknown', phase: decided.phase, error: decided.error })
  const inDoubt = bounds.resolveTimeoutMs === 0 ? null : call.inDoubt()
  return inDoubt === null ? decided : await resolveUnknown(inDoubt, bounds, progress, decided)
}

/**
 * Finds out what became of a call that nobody has answered, with the token that it wrote or would have written.
 *
 * 1. On a new connection, the guarded UPDATE with the same token. A statement or COMMIT that is still on its way at the
 *    server holds the row's lock, or has not reached it: either way the two cannot both succeed. One row: the call had
 *    not been committed, and is won now; its effect runs. What was on its way finds no waiting order any more.
 * 2. No row: a *locking* read, which waits for whoever is about to commit. The own token, and the order does not wait:
 *    it had been committed. Otherwise the order says what it is, as ever.
 * 3. No answer, a lock that is not got, a server that is away: nothing is ruled out. It is asked again, until the time
 *    for it is over.
 *
 * If the process dies meanwhile: as if it had died before; the next callback reads what became of it.
 *
 * @param call as it is in doubt
 * @param unanswered what left the call unknown
 */
export async function resolveUnknown<Result>(
  call: CallBase<Result>,
  bounds: CallBounds & { readonly signal?: AbortSignal | undefined },
  progress: Progress,
  unanswered: Unanswered,
): Promise<Decided<Result>> {
  const deadline = new Deadline(bounds.resolveTimeoutMs, bounds.signal)
  let isKnown = false
  // Once it is known, it is a call like any other, which has its own time for its effect: one time, for all its attempts.
  const known = (): void => {
    if (!isKnown) deadline.extend(bounds.timeoutMs)
    isKnown = true
  }
  const resolving = { ...call, deadline, known }
  let last = unanswered
  /** What it comes to where it is known that nothing of it stands, and the time is over. */
  let otherwise: (() => Result) | null = null
  let counted = 0
  try {
    for (let pauseMs = 1; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      progress.attempt += 1
      const end = await once(resolving, bounds, progress.attempt)
      if (end?.is === 'done') return end
      if (end?.is === 'unknown' && (otherwise === null || mayStand(call, end))) {
        last = end
        otherwise = null
      }
      if (end?.is === 'again') {
        if (end.claimed) otherwise = end.otherwise
        if (end.claimed && isCounted(end.reason)) counted += 1
        if (counted > bounds.retries) return { is: 'done', result: end.otherwise() }
        call.tell({ type: 'retry', reason: end.reason, error: end.error })
      }
      await deadline.pause(pauseMs * (0.5 + Math.random()))
    }
  } catch (thrown) {
    if (!(thrown instanceof Interruption)) throw thrown
    if (otherwise === null) return last
    if (thrown.by === 'signal') throw aborted(thrown)
    return { is: 'done', result: otherwise() }
  } finally {
    deadline.stop()
  }
}

/** Whether something of an attempt may stand: of a claim with an effect only what was cut off in its COMMIT. */
const mayStand = ({ effect }: CallBase, { phase }: Unanswered): boolean => effect === undefined || phase === 'commit'

/** `null`: there was no connection. Errors of an effect that has run are thrown: then the call is known. */
async function once<Result>(call: CallBase<Result>, bounds: CallBounds, attempt: number) {
  const session = await opened(call)
  if (session === null) return null
  const bound = lockBound(call, { ...bounds, timeoutMs: bounds.resolveTimeoutMs }, 1)
  return await runAttempt(call, session, attempt, bound === 'no time' ? null : bound)
}

/** Whatever keeps the database from being asked now, it does not make the call known. */
async function opened({ adapter, deadline }: CallBase) {
  try {
    return await openSession(adapter, deadline)
  } catch {
    deadline.check()
    return null
  }
}
