import type { Session } from './adapters/adapter.ts'
import type { AttemptEnd, CallBase, Need, Phase, Unanswered } from './call.ts'
import { Interruption } from './deadline.ts'
import type { Dialect, FailureClass } from './dialects/dialect.ts'
import { EffectFailure } from './effect.ts'
import { ClaimError, messageOf } from './errors.ts'
import type { RetryReason } from './events.ts'
import { NotCommitted, StatementFailure, UnreadableAnswer } from './failure.ts'
import type { Steps } from './steps.ts'
import type { Unit } from './unit.ts'

/**
 * One attempt, on one connection.
 *
 * 1. The strategy decides. What is not claimed ends here, and a transaction of ours is rolled back.
 * 2. The effect runs in the claim's transaction ({@link runEffect}).
 * 3. COMMIT. Only then is anything answered.
 *
 * If the process dies before COMMIT, the server rolls back: the order waits and the effect is undone.
 */
export function* attempt<Result>(
  call: CallBase<Result>,
  session: Session<unknown>,
  number: number,
  lockTimeoutMs: number | null,
): Steps<Need, AttemptEnd<Result>> {
  const unit = call.newUnit(session, lockTimeoutMs)
  try {
    if (call.joined) yield* unit.join()
    const verdict = yield* unit.decide()
    if (verdict.is === 'claimed') {
      if (call.resolving) stillWanted(call)
      yield* unit.clearLockBound()
      const value = yield* unit.finish(number)
      yield* unit.commit()
      return { is: 'done', result: call.won(value) }
    }
    yield* unit.leave()
    if (verdict.is === 'moved') return again('moved', () => call.busy, unit)
    if (verdict.is === 'decided') return { is: 'done', result: verdict.result }
    if (call.recovered === null) throw new TypeError('Only what has a token can be recovered.')
    return { is: 'done', result: call.recovered(verdict.value) }
  } catch (thrown) {
    return yield* afterFailure(thrown, call, unit)
  } finally {
    if (!unit.destroyed) session.release()
  }
}

/**
 * While it is being found out what became of a claim, a failure before the guarded UPDATE has changed the row rules
 * nothing out. After it the claim that was unknown is known: it had not been committed, and cannot be any more.
 */
function* afterFailure<Result>(
  thrown: unknown,
  call: CallBase<Result>,
  unit: Unit<Result>,
): Steps<Need, AttemptEnd<Result>> {
  try {
    return yield* meaningOf(thrown, call, unit)
  } catch (failure) {
    if (!call.resolving || call.joined || unit.claimed) throw failure
    return unanswered('claim', failure)
  }
}

/** What a failure makes of the call. Before it is answered, nothing of the attempt is left on the server. */
function* meaningOf<Result>(
  thrown: unknown,
  call: CallBase<Result>,
  unit: Unit<Result>,
): Steps<Need, AttemptEnd<Result>> {
  const failed = thrown instanceof StatementFailure
  const interrupted = failed && thrown.error instanceof Interruption
  const kind = failed && !interrupted ? classify(thrown, call, unit.failedAlone) : null
  if (interrupted || kind === 'lost' || kind === 'away') unit.destroy()
  yield* unit.leave()

  if (thrown instanceof NotCommitted) return again('autocommit', () => call.busy, unit)
  if (thrown instanceof EffectFailure) {
    const rethrow = (): never => {
      throw thrown.error
    }
    return thrown.conflict ? again('conflict', rethrow, unit, thrown.error) : rethrow()
  }
  if (thrown instanceof Interruption) return betweenSteps(thrown, call, unit)
  if (!failed) throw thrown
  const { error, phase } = thrown
  if (error instanceof Interruption) return inFlight(error, phase, call, unit)
  const stands = call.adapter.dialect.keepsTransactionAfterError && (kind === 'misuse' || kind === 'rejected')
  if (call.joined && !stands) throw callersTransactionLost(error)

  switch (kind) {
    case 'conflict':
      return again('conflict', () => call.busy, unit, error)
    case 'held':
      return call.adapter.dialect.waitsForLocks && !call.resolving
        ? { is: 'done', result: call.busy }
        : again('held', () => call.busy, unit, error)
    case 'lost':
      if (phase === 'claim' || phase === 'commit') return unanswered(phase, error)
      return again('connection', () => unavailable(error), unit, error)
    case 'away':
      return again('connection', () => unavailable(error), unit, error)
    case 'misuse':
      throw new ClaimError('CLAIM_CONFIG', `The database refused the claim: ${messageOf(error)}`, error)
    case 'rejected':
      throw new ClaimError('CLAIM_REJECTED', `The database refused the values of the claim: ${messageOf(error)}`, error)
    case 'other':
    case null:
      throw new ClaimError('CLAIM_FAILED', `The claim failed, and nothing of it stands: ${messageOf(error)}`, error)
  }
}

function classify({ phase, error }: StatementFailure, { adapter }: CallBase, alone: boolean): FailureClass {
  if (error instanceof UnreadableAnswer) return 'lost'
  if (phase === 'commit') return adapter.dialect.classifyCommit(error)
  return phase === 'claim' && alone ? adapter.dialect.classifyAlone(error) : adapter.dialect.classify(error)
}

/** No statement was in flight, so what was begun could be rolled back. */
function betweenSteps<Result>(
  interruption: Interruption,
  call: CallBase<Result>,
  unit: Unit<Result>,
): AttemptEnd<Result> {
  if (call.joined) throw callersTransactionLost(interruption)
  if (interruption.by === 'signal') throw aborted(interruption)
  if (unit.claimed) throw timedOut(interruption)
  return call.resolving ? unanswered('claim', interruption) : { is: 'done', result: call.busy }
}

/** A statement was in flight, and its connection is closed. What the statement does now, nobody is told. */
function inFlight<Result>(
  interruption: Interruption,
  phase: Phase,
  call: CallBase<Result>,
  unit: Unit<Result>,
): AttemptEnd<Result> {
  if (call.joined) throw callersTransactionLost(interruption)
  if (phase === 'claim' || phase === 'commit') return unanswered(phase, interruption)
  return betweenSteps(interruption, call, unit)
}

const again = <Result>(
  reason: RetryReason,
  otherwise: () => Result,
  { claimed }: Unit<Result>,
  error?: unknown,
): AttemptEnd<Result> => ({ is: 'again', reason, otherwise, error, claimed })

/**
 * What was in doubt had not been committed, and cannot be any more: the row is locked by this attempt. So a caller who
 * has given up is not given an effect now. A bare claim is made all the same: its UPDATE may be on its way to a row that
 * is free again.
 */
function stillWanted<Result>(call: CallBase<Result>): void {
  const signal = call.gaveUp()
  if (signal !== undefined && call.effect !== undefined) throw new Interruption('signal', signal.reason)
  call.known?.()
}

const unanswered = (phase: Unanswered['phase'], error: unknown): Unanswered => ({ is: 'unknown', phase, error })

export const unavailable = (cause: unknown): never => {
  throw new ClaimError(
    'CLAIM_UNAVAILABLE',
    `The database cannot be used now, and nothing was claimed: ${messageOf(cause)}`,
    cause,
  )
}

/** No connection was to be had. */
export const notOpened = (cause: unknown, dialect: Dialect): never => {
  if (dialect.classify(cause) !== 'misuse') return unavailable(cause)
  throw new ClaimError('CLAIM_CONFIG', `The database refused the connection: ${messageOf(cause)}`, cause)
}

export const aborted = (interruption: Interruption): ClaimError =>
  new ClaimError(
    'CLAIM_ABORTED',
    'The signal of the caller fired before the order was claimed; it waits.',
    interruption.cause,
  )

const timedOut = (cause: unknown): ClaimError =>
  new ClaimError(
    'CLAIM_TIMEOUT',
    'timeoutMs passed before the effect was done; it was rolled back, and the order waits.',
    cause,
  )

export const callersTransactionLost = (cause: unknown): ClaimError =>
  new ClaimError(
    'CLAIM_TRANSACTION_LOST',
    `The claim in your transaction failed: ${messageOf(cause)}. Roll the transaction back, and do not commit it.`,
    cause,
  )
