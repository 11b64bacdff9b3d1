import type { Unanswered } from '../call.ts'
import { ClaimError } from '../errors.ts'
import { statementOf } from '../in-doubt.ts'

/** @param when of the work that is lost with it */
export const leaseLost = (when: string): ClaimError =>
  new ClaimError(
    'CLAIM_LOST',
    `The lease was lost ${when}: somebody else has the order now, or may have. Nothing of this call was written. Whoever ` +
      'has the order goes on with the same idempotency key.',
  )

export const unknownLease = ({ phase, error }: Unanswered, change: string): ClaimError =>
  new ClaimError(
    'CLAIM_UNKNOWN',
    `No answer came to the ${statementOf(phase)} that changes the lease ("${change}"). Have the ` +
      'gateway call again: a lease that stands runs out, and is then taken over with the same idempotency key.',
    error,
  )

export const renewalHeld = (): ClaimError =>
  new ClaimError(
    'CLAIM_TIMEOUT',
    'The lease could not be renewed: the order was locked by somebody else until the time was over.',
  )

export const workTimedOut = (ms: number): ClaimError =>
  new ClaimError(
    'CLAIM_TIMEOUT',
    `The work took longer than workTimeoutMs (${ms}). Its signal has fired, and its lease is not renewed any more; when ` +
      'it is over, the next callback takes the order over.',
  )

export const completionHeld = (): ClaimError =>
  new ClaimError(
    'CLAIM_TIMEOUT',
    'The work is done, but the order was locked by somebody else until the time was over. When the lease is over, the ' +
      'next callback takes it over, with the same idempotency key.',
  )
