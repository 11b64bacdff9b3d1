import { ClaimError } from '../errors.ts'

/** It is nobody's handler that failed: the database is away, or the table does not fit. What was taken is given back. */
export class Trouble extends Error {
  readonly error: unknown

  constructor(error: unknown) {
    super('The database keeps the worker from going on.', { cause: error })
    this.error = error
  }
}

/** Remembers what a handler has thrown, to tell it from what the database says; also where it is a ClaimError itself. */
export class HandlerErrors {
  readonly #thrown = new Set<unknown>()

  /** The same function, watched. What answers at once still does. */
  watch<Parameters extends readonly unknown[]>(
    handler: (...parameters: Parameters) => unknown,
  ): (...parameters: Parameters) => unknown {
    const note = (error: unknown): never => {
      this.#thrown.add(error)
      throw error
    }
    return (...parameters) => {
      try {
        const value = handler(...parameters)
        return isThenable(value) ? Promise.resolve(value).catch(note) : value
      } catch (error) {
        return note(error)
      }
    }
  }

  /** Not the order's fault, nor its attempt: nobody could have worked for it now. */
  isTrouble(error: unknown): boolean {
    if (this.has(error) || !(error instanceof ClaimError)) return false
    return error.code === 'CLAIM_UNAVAILABLE' || error.code === 'CLAIM_CONFIG'
  }

  has(error: unknown): boolean {
    return this.#thrown.has(error)
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
