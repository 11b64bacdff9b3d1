import { isDeepStrictEqual } from 'node:util'
import type { Claims, OrderId } from '../claims.ts'
import type { Effect } from '../options.ts'
import { isThenable } from './thenable.ts'

export interface EffectUndoneOptions<Tx, Row, Id, Read extends keyof Row> {
  readonly claims: Claims<Tx, Row, Id>
  /** An order that waits. It still waits afterwards. */
  readonly orderId: OrderId<Id>
  readonly read?: readonly Read[]
  /** The effect under test, as it is given to `claimOnce`. */
  readonly effect: Effect<Tx, { readonly [Column in Read]: Row[Column] }, unknown>
  /**
   * Reads, outside the claim, whatever the effect writes: balances, ledger entries, mails in an outbox. It is called
   * before and after, and the two answers are compared deeply.
   */
  readonly witness: () => unknown
}

/** Something the effect did is still there after its transaction was rolled back. */
export class EffectSurvived extends Error {
  override readonly name = 'EffectSurvived'
  /** What the witness saw before the effect. */
  readonly before: unknown
  /** What it saw after the rollback. */
  readonly after: unknown

  constructor(before: unknown, after: unknown) {
    super(
      'The effect was rolled back, but the witness sees what it did. It wrote past its handle: through the pool, ' +
        'another connection, or a table that cannot roll back. Write through `tx` only.',
    )
    this.before = before
    this.after = after
  }
}

/**
 * Shows that an effect does all its work through `tx`: runs it in a claim, lets the claim fail after it, and asks the
 * witness whether anything is left.
 *
 * @throws {EffectSurvived} where something is
 * @throws {Error} where the order was not waiting, so that the effect never ran; and what the effect itself throws
 *
 * @example
 * await assertEffectUndone({
 *   claims: orders,
 *   orderId,
 *   read: ['account_id', 'amount'],
 *   effect: recharge,
 *   witness: () => balances(),
 * })
 */
export async function assertEffectUndone<Tx, Row, Id, const Read extends keyof Row = never>(
  options: EffectUndoneOptions<Tx, Row, Id, Read>,
): Promise<void> {
  const { claims, orderId, read, effect, witness } = options
  const failure = new Error('The claim fails on purpose, after its effect.')
  const fail = (): never => {
    throw failure
  }
  const before: unknown = await witness()
  try {
    const result = await claims.claimOnce<Read, unknown>(orderId, {
      ...(read === undefined ? {} : { read }),
      // A synchronous effect stays one: on a shared SQLite handle it has to be.
      effect: (tx, order, context) => {
        const done = effect(tx, order, context)
        return isThenable(done) ? done.then(fail) : fail()
      },
    })
    throw new Error(`The effect did not run: the order was not claimed, the outcome is "${result.outcome}".`)
  } catch (error) {
    if (error !== failure) throw error
  }
  const after: unknown = await witness()
  if (!isDeepStrictEqual(before, after)) throw new EffectSurvived(before, after)
}
