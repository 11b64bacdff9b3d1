import type { Need } from '../call.ts'
import type { ResetResult } from '../outcome.ts'
import type { Steps } from '../steps.ts'
import { TRANSITIONS } from '../transitions.ts'
import { CLAIMED, MOVED } from './strategy.ts'
import type { ClaimSteps, Verdict } from './strategy.ts'

/**
 * Puts a claimed order back to *waiting*, decided like a claim.
 *
 * 1. The UPDATE, guarded by `status = claimed`. One row: the order waits again, and nothing of the claim is on it.
 * 2. No row: the order is read, and says why. One that has *failed* is put back as well.
 */
export function* reset(claim: ClaimSteps): Steps<Need, Verdict<ResetResult>> {
  yield* claim.begin()
  if (yield* claim.update()) return CLAIMED
  const order = yield* claim.look()
  switch (order.is) {
    case 'claimable':
      return { is: 'decided', result: { outcome: 'already_waiting' } }
    case 'leased':
      return { is: 'decided', result: { outcome: 'wrong_status', status: order.status } }
    case 'own':
      return MOVED // a reset has no token
    case 'decided':
      break
  }
  switch (order.result.outcome) {
    case 'duplicate':
    case 'second_payment':
      // Claimed now, and not a moment ago: look again. Moved on since the claim: it is not ours to put back.
      return order.result.status === claim.states.claimed
        ? MOVED
        : { is: 'decided', result: { outcome: 'wrong_status', status: order.result.status } }
    case 'wrong_status':
      // Leases have failed for good, and a person has looked.
      if (order.result.status !== null && order.result.status === claim.states.failed) {
        return (yield* claim.change(TRANSITIONS.resetFailed)) ? CLAIMED : MOVED
      }
      return { is: 'decided', result: { outcome: 'wrong_status', status: order.result.status } }
    case 'not_found':
      return { is: 'decided', result: { outcome: 'not_found' } }
    case 'mismatch':
      return MOVED // nothing is expected by a reset
  }
}
