import type { CallBase, Need } from './call.ts'
import { Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import { holding } from './nested.ts'
import type { Steps } from './steps.ts'
import type { Unit } from './unit.ts'
import { TransactionWatch } from './watch.ts'

/** The effect failed. Its error goes to the caller unchanged, unless a conflict was behind it and there is a next try. */
export class EffectFailure extends Error {
  readonly error: unknown
  readonly conflict: boolean

  constructor(error: unknown, conflict: boolean) {
    super('The effect failed.', { cause: error })
    this.error = error
    this.conflict = conflict
  }
}

/**
 * Runs the effect of a claim that has been made and not committed.
 *
 * 1. It runs, on a handle that is watched.
 * 2. What it has started is waited for, and the transaction is known to stand. Only then may it be committed.
 *
 * @param subject what the effect is about: the order, or the items of a pool
 */
export function* runEffect(
  call: CallBase,
  unit: Unit<unknown>,
  subject: unknown,
  attempt: number,
): Steps<Need, unknown> {
  const { effect, adapter, deadline } = call
  if (effect === undefined) return undefined
  const watch = new TransactionWatch(adapter.dialect, (statement) => unit.session.send(statement), {
    isOpen: () => unit.session.isOpen?.(),
    transactionId: unit.transactionId,
  })
  const tx = unit.session.handle(watch)
  let value: unknown
  try {
    call.learned.effectRan = true
    value = yield {
      effect: () => holding(adapter.pool, () => effect(tx, subject, { attempt, signal: deadline.signal })),
    }
    yield { settle: watch }
  } catch (thrown) {
    throw yield* afterFailure(thrown, call, unit, watch)
  }
  if (watch.misuse !== null) return refuse(watch.misuse, unit)
  if (watch.lost !== null) {
    // The effect swallowed the error that ended its transaction: what it returned was never done.
    const lost = new ClaimError(
      'CLAIM_TRANSACTION_LOST',
      "The claim's transaction was rolled back while the effect ran, and the effect went on. Let database errors pass.",
      watch.lost.error,
    )
    throw failure(lost, watch.lost.error, call, unit)
  }
  return value
}

/** Ends what is left of the effect; gives what the attempt fails with. */
function* afterFailure(
  thrown: unknown,
  call: CallBase,
  unit: Unit<unknown>,
  watch: TransactionWatch,
): Steps<Need, unknown> {
  const interrupted = thrown instanceof Interruption
  if (!interrupted) {
    try {
      yield { settle: watch }
    } catch {
      // The time is over while a statement is under way: its connection is not waited for.
    }
  }
  watch.close()
  if (watch.busy) unit.destroy()
  if (watch.misuse !== null) return refuse(watch.misuse, unit)
  if (interrupted) return thrown
  if (thrown instanceof ClaimError && thrown.code === 'CLAIM_EFFECT_MISUSE') return thrown
  return watch.lost === null ? failure(thrown, null, call, unit) : failure(thrown, watch.lost.error, call, unit)
}

/** The session may be in any state, also with a transaction of the effect's own. */
function refuse(misuse: ClaimError, unit: Unit<unknown>): never {
  unit.destroy()
  throw misuse
}

function failure(thrown: unknown, lostBy: unknown, call: CallBase, unit: Unit<unknown>): EffectFailure {
  call.tell({ type: 'effect_failed', error: thrown })
  const failureClass = lostBy === null ? null : call.adapter.dialect.classify(lostBy)
  const conflict = failureClass === 'conflict'
  if (lostBy !== null && !conflict) unit.destroy()
  return new EffectFailure(thrown, conflict)
}
