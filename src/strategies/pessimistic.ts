import { CLAIMED, unlessClaimable } from './strategy.ts'
import type { Strategy } from './strategy.ts'

/**
 * A row lock lets one call at a time look.
 *
 * 1. A transaction is opened.
 * 2. The order is read and its row locked. A concurrent loser blocks here, and then sees what the winner left.
 * 3. Still the guarded UPDATE: a server that ignores the lock without a word must not make two winners.
 * 4. No row, so the lock was none: the order is read again.
 *
 * If the process dies before COMMIT: the server rolls back, the order waits.
 */
export const pessimistic: Strategy = function* (claim) {
  yield* claim.beginForLock()
  const order = yield* claim.lock()
  if (order.is !== 'claimable') return unlessClaimable(order)
  if (yield* claim.update()) return CLAIMED
  return unlessClaimable(yield* claim.look())
}
