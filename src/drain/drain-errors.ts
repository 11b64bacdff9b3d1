import type { Unanswered } from '../call.ts'
import { ClaimError } from '../errors.ts'
import { statementOf } from '../in-doubt.ts'

export const unknownTake = (unanswered: Unanswered): ClaimError =>
  new ClaimError(
    'CLAIM_UNKNOWN',
    `No answer came to the ${statementOf(unanswered.phase)} that takes orders. Leases that stand run out, and their orders are then ` +
      'taken over. Nothing was done for them.',
    unanswered.error,
  )

export const takenByNobody = (): ClaimError =>
  new ClaimError(
    'CLAIM_TIMEOUT',
    'Orders could not be taken within timeoutMs: others hold locks on them, or were faster each time. Call again.',
  )

export const unknownChange = (unanswered: Unanswered, change: string): ClaimError =>
  new ClaimError(
    'CLAIM_UNKNOWN',
    `No answer came to the ${statementOf(unanswered.phase)} that changes the leases of a batch ("${change}"). Those that stand run ` +
      'out, and are then taken over.',
    unanswered.error,
  )
