import { CLAIMED, unlessClaimable } from './strategy.ts'
import type { Strategy } from './strategy.ts'

/**
 * `status = waiting` in the UPDATE decides.
 *
 * 1. The guarded UPDATE. One row: this call has won. A concurrent loser blocks here on the winner's row, and then
 *    finds no row to change.
 * 2. No row: the order is read, and says why. Where it could be claimed after all (it was put back in between), the
 *    claim is tried again.
 *
 * If the process dies after 1, in a transaction: the server rolls back, the order waits. Bare: it stays claimed.
 */
export const conditional: Strategy = function* (claim) {
  yield* claim.begin()
  if (yield* claim.update()) return CLAIMED
  return unlessClaimable(yield* claim.look())
}
