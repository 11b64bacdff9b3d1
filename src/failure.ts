import type { Phase } from './call.ts'

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
