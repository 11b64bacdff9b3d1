import { isUnknownClaimError } from '../../../src/index.ts'
import type { Mutant } from './mutant.ts'

/** COMMIT was sent, so it will have been done: the gateway is told that the payment is handled. */
export const mutant: Mutant = {
  claimOnce: (claimOnce) => async (orderId, options) => {
    try {
      return await claimOnce(orderId, { ...options, resolveTimeoutMs: 0 })
    } catch (error) {
      if (!isUnknownClaimError(error)) throw error
      return { outcome: 'claimed', reply: 'handled', value: undefined, recovered: false, provisional: false }
    }
  },
}
