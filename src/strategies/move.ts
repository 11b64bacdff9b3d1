import type { Need } from '../call.ts'
import type { MoveResult, State } from '../outcome.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED, MOVED } from './strategy.ts'
import type { ClaimSteps, Verdict } from './strategy.ts'

/**
 * Moves a waiting order to a state in which it is no longer claimed: it has expired, it is cancelled. Decided like a
 * claim, so that a payment and the job that expires orders cannot both have the order.
 *
 * 1. The UPDATE, guarded by `status = waiting`. One row: nobody can claim the order any more.
 * 2. No row: the order is read, and says why.
 */
export const moveTo = (to: State) =>
  function* (claim: ClaimSteps): Steps<Need, Verdict<MoveResult<unknown>>> {
    yield* claim.begin()
    if (yield* claim.update()) return CLAIMED
    const order = yield* claim.look()
    const elsewhere = (status: State | null): Verdict<MoveResult<unknown>> =>
      status === to
        ? { is: 'decided', result: { outcome: 'already_moved' } }
        : { is: 'decided', result: { outcome: 'wrong_status', status } }
    switch (order.is) {
      case 'claimable':
      case 'own': // a move has no token
        return MOVED
      case 'leased':
        return elsewhere(order.status)
      case 'decided':
        break
    }
    switch (order.result.outcome) {
      case 'duplicate':
      case 'second_payment':
      case 'wrong_status':
        return elsewhere(order.result.status)
      case 'not_found':
        return { is: 'decided', result: { outcome: 'not_found' } }
      case 'mismatch':
        return { is: 'decided', result: { outcome: 'mismatch', columns: order.result.columns } }
    }
  }
