import type { Need } from '../call.ts'
import type { State } from '../outcome.ts'
import type { Steps } from '../steps.ts'
import { TRANSITIONS } from '../transitions.ts'
import { CLAIMED, MOVED, unlessClaimable } from './strategy.ts'
import type { ClaimSteps, Strategy, Verdict } from './strategy.ts'

/**
 * Leases a waiting order to one worker, or an order whose worker has let its lease run out.
 *
 * 1. The UPDATE, guarded by `status = waiting`, writes token and deadline and counts the attempt. One row: leased.
 * 2. No row: the order is read and its row locked. Whoever has it within its lease keeps it.
 * 3. The lease is over: the same UPDATE, guarded by `status = processing` and, by the database's clock, by the deadline. A
 *    worker that renewed in the last instant keeps the order: no row, and it is looked at again.
 *
 * @param found tells whether the order had been leased before, and was taken over
 *
 * If the process dies after it: nobody works until the lease is over, then whoever comes next takes over.
 */
export const lease = (takesOver: boolean, found: { wasLeased: boolean }): Strategy =>
  function* (claim) {
    yield* claim.begin()
    if (yield* claim.update()) {
      found.wasLeased = false
      return CLAIMED
    }
    const order = yield* claim.lock()
    // Leased by this very call, which was not told: `found` is as it was then.
    if (order.is === 'own' && order.state === claim.states.processing) return CLAIMED
    if (order.is === 'own') return wrongStatus(order.state)
    if (order.is !== 'leased' || !order.isOver) return unlessClaimable(order)
    if (!takesOver) return wrongStatus(order.status)
    if (order.mismatches.length > 0) {
      const result = { outcome: 'mismatch', reply: 'review', columns: order.mismatches, provisional: false } as const
      return { is: 'decided', result }
    }
    found.wasLeased = true
    return (yield* claim.change(TRANSITIONS.takeOver)) ? CLAIMED : MOVED
  }

const wrongStatus = (status: State | null): Verdict => ({
  is: 'decided',
  result: { outcome: 'wrong_status', reply: 'review', status, provisional: false },
})

/** What became of a change that only the holder of a lease may make. */
export type Held<Value = unknown> =
  | { readonly outcome: 'done'; readonly value: Value; readonly recovered: boolean }
  /** Its token is not on the order any more. */
  | { readonly outcome: 'lost' }
  | { readonly outcome: 'busy' }

export const LOST = { is: 'decided', result: { outcome: 'lost' } } as const satisfies Verdict<Held>

/**
 * A change by the holder of a lease: it is renewed, or ends.
 *
 * 1. The UPDATE, guarded by `status = processing` and by the token. One row: nobody has taken the order over.
 * 2. No row: it is lost, also where the order has the token and is not processing any more: other code has moved it on.
 */
export function* byHolder(claim: ClaimSteps): Steps<Need, Verdict<Held>> {
  yield* claim.begin()
  if (yield* claim.update()) return CLAIMED
  const order = yield* claim.look()
  return order.is === 'own' && order.state === claim.states.processing ? MOVED : LOST
}

/** The same when nobody has answered the change: not processing any more, it was made by this very call. */
export function* byHolderAgain(claim: ClaimSteps): Steps<Need, Verdict<Held>> {
  yield* claim.begin()
  if (yield* claim.update()) return CLAIMED
  const order = yield* claim.look()
  if (order.is !== 'own') return LOST
  return order.state === claim.states.processing ? MOVED : { is: 'recovered', value: order.value }
}

/**
 * The lease is renewed, or given back. No row, and the order is still processing with the token: the row was not changed
 * because it says already what was to be written, which some connections count as none.
 */
export function* byHolderAlone(claim: ClaimSteps): Steps<Need, Verdict<Held>> {
  yield* claim.begin()
  if (yield* claim.update()) return CLAIMED
  const order = yield* claim.look()
  const holds = order.is === 'own' && order.state === claim.states.processing
  return holds ? { is: 'decided', result: { outcome: 'done', value: undefined, recovered: false } } : LOST
}
