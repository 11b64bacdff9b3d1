import { randomUUID } from 'node:crypto'
import type { Mutant } from './mutant.ts'

/** Each attempt of a lease goes to the outside with a key of its own. */
export const mutant: Mutant = {
  leaseOnce: (leaseOnce) => (orderId, options) =>
    leaseOnce(orderId, { ...options, ...{ idempotencyKey: randomUUID() } }),
}
