import type { Phase } from './call.ts'
import { ClaimError } from './errors.ts'

/** A statement of ours failed, or the call was interrupted while it was in flight. */
export class StatementFailure extends Error {
  readonly phase: Phase
  readonly error: unknown

  constructor(phase: Phase, error: unknown) {
    super('A statement of the claim failed.', { cause: error })
    this.phase = phase
    this.error = error
  }
}

/** The server has answered, and nobody understands it: the statement may have been carried out. */
export class UnreadableAnswer extends Error {
  constructor(cause: unknown) {
    super('The answer of the server could not be read.', { cause })
  }
}

/** The session does not commit by itself, and what it did was rolled back: to be done again, in a transaction. */
export class NotCommitted extends Error {}

/** Claims decided there would rest on what may be old. */
export const readOnly = (): ClaimError =>
  new ClaimError(
    'CLAIM_UNAVAILABLE',
    'The database is read-only: a replica, which may not know yet what has been claimed. Nothing was claimed.',
  )

/** Committing there would commit, or only seem to. */
export const leftOpen = (): ClaimError =>
  new ClaimError(
    'CLAIM_CONFIG',
    'The pool gave out a connection inside an open transaction that somebody has not ended; it was rolled back, and ' +
      'the claim with it. Find the code that begins without a commit or a rollback in every branch.',
  )
