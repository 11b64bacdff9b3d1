import { isUnknownClaimError } from '../../../src/index.ts'
import type { Mutant } from './mutant.ts'

/** Who gets no answer was too late: the gateway is told that the payment is handled. */
export const mutant: Mutant = {
  claimOnce: (claimOnce) => async (orderId, options) => {
    try {
      return await claimOnce(orderId, { ...options, resolveTimeoutMs: 0 })
    } catch (error) {
      if (!isUnknownClaimError(error)) throw error
      return { outcome: 'duplicate', reply: 'handled', status: 'Y', claimedAt: null, provisional: false }
    }
  },
}
