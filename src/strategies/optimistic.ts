import { CLAIMED, MOVED, unlessClaimable } from './strategy.ts'
import type { Strategy } from './strategy.ts'

/**
 * A version, read before and compared in the UPDATE, decides beside the status.
 *
 * 1. The order is read, with its version. Whatever cannot be claimed ends here: a later callback costs one read.
 * 2. The UPDATE, guarded by status and version. One row: this call has won.
 * 3. No row: the version moved. That says "look again" and no more: somebody may have edited the address. The next
 *    attempt reads anew. Calling it a duplicate would lose a paid recharge.
 *
 * If the process dies after 1: nothing has happened. After 2: as with `conditional`.
 */
export const optimistic: Strategy = function* (claim) {
  const order = yield* claim.look()
  if (order.is !== 'claimable') return unlessClaimable(order)
  yield* claim.begin()
  return (yield* claim.updateVersion(order.version)) ? CLAIMED : MOVED
}
