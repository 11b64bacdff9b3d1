import type { Row } from './adapters/adapter.ts'
import type { Call, Need } from './call.ts'
import { Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import { holding } from './nested.ts'
import { bind } from './sql.ts'
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
 * 1. The columns it asked for are read, under the claim's row lock.
 * 2. It runs, on a handle that is watched.
 * 3. What it has started is waited for, and the transaction is known to stand. Only then may it be committed.
 */
export function* runEffect(call: Call, unit: Unit, attempt: number): Steps<Need, unknown> {
  const { effect, adapter, deadline } = call
  if (effect === undefined) return undefined
  const order = yield* readOrder(call, unit)
  const watch = new TransactionWatch(adapter.dialect, (statement) => unit.session.send(statement), {
    isOpen: () => unit.session.isOpen?.(),
    transactionId: unit.transactionId,
  })
  const tx = unit.session.handle(watch)
  let value: unknown
  try {
    call.effectRan = true
    value = yield {
      effect: () => holding(adapter.pool, () => effect(tx, order, { attempt, signal: deadline.signal })),
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

/** The columns that were asked for, of the order that has just been changed. */
export function* readOrder(call: Call, unit: Unit): Steps<Need, Row> {
  const { shape, statements, values, onlyReads } = call
  if (shape.read.length === 0 && !onlyReads) return {}
  const [order] = (yield* unit.send(bind(statements.readForEffect(shape, onlyReads), values), 'read')).rows
  if (order === undefined) throw new ClaimError('CLAIM_FAILED', 'The claimed order could not be read again.')
  refuseRounded(order, call)
  return order
}

/** A driver that is set to give every integer as a number has given the effect another order's id. */
function refuseRounded(order: Row, { shape, table }: Call): void {
  const rounded = shape.read.find((name) => {
    const value = order[name]
    return typeof value === 'number' && !Number.isSafeInteger(value) && table.comparable(name)?.codec.kind === 'integer'
  })
  if (rounded === undefined) return
  throw new ClaimError(
    'CLAIM_CONFIG',
    `The column "${rounded}" holds an integer beyond 2^53, which the driver has rounded. Have it read exactly: ` +
      'supportBigNumbers in mysql2, defaultSafeIntegers() in better-sqlite3.',
  )
}

/** Ends what is left of the effect; gives what the attempt fails with. */
function* afterFailure(thrown: unknown, call: Call, unit: Unit, watch: TransactionWatch): Steps<Need, unknown> {
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
function refuse(misuse: ClaimError, unit: Unit): never {
  unit.destroy()
  throw misuse
}

function failure(thrown: unknown, lostBy: unknown, call: Call, unit: Unit): EffectFailure {
  call.tell({ type: 'effect_failed', error: thrown })
  const failureClass = lostBy === null ? null : call.adapter.dialect.classify(lostBy)
  const conflict = failureClass === 'conflict'
  if (lostBy !== null && !conflict) unit.destroy()
  return new EffectFailure(thrown, conflict)
}
