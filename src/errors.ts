import type { ClaimResult, ReplyAdvice } from './outcome.ts'

/**
 * What kind of fault a {@link ClaimError} is. The union is closed: a `switch` over it can be exhaustive.
 *
 * | code | what happened | the order |
 * |---|---|---|
 * | `CLAIM_CONFIG` | configuration, table and call do not fit together, or the account may not do this | untouched |
 * | `CLAIM_INPUT` | an argument was refused before any SQL was sent | untouched |
 * | `CLAIM_UNAVAILABLE` | the database cannot be reached, or refuses writes; nothing ran | untouched |
 * | `CLAIM_UNKNOWN` | the answer to the claiming statement or to COMMIT was lost, and what became of it could not be found out in time. Of a claim: {@link UnknownClaimError} | claimed or not: nobody can say yet |
 * | `CLAIM_LOST` | the order was taken from this call before it was done with it: its lease was over | somebody else's |
 * | `CLAIM_TIMEOUT` | `timeoutMs` passed during the effect, and the transaction was rolled back; or a lease's work took too long, or could not be written down | waiting; leased until the lease is over |
 * | `CLAIM_ABORTED` | the caller's `signal` fired before the claim was decided | waiting |
 * | `CLAIM_TRANSACTION_LOST` | the transaction the claim was part of is gone, or must be rolled back by its owner | waiting, once it is rolled back |
 * | `CLAIM_EFFECT_MISUSE` | the effect ended the claim's transaction itself (DDL, commit, rollback), or was asynchronous where it must not be | look: the claim may be committed without the rest of its effect |
 * | `CLAIM_REJECTED` | the database refused the values of the claim (duplicate key, constraint, too long) | waiting |
 * | `CLAIM_FAILED` | an error this package does not know; the transaction was rolled back | waiting |
 */
export type ClaimErrorCode =
  | 'CLAIM_CONFIG'
  | 'CLAIM_INPUT'
  | 'CLAIM_UNAVAILABLE'
  | 'CLAIM_UNKNOWN'
  | 'CLAIM_LOST'
  | 'CLAIM_TIMEOUT'
  | 'CLAIM_ABORTED'
  | 'CLAIM_TRANSACTION_LOST'
  | 'CLAIM_EFFECT_MISUSE'
  | 'CLAIM_REJECTED'
  | 'CLAIM_FAILED'

/** No fault is ever `handled`. A person is called for where another callback cannot mend it. */
const REPLY = {
  CLAIM_CONFIG: 'call_again',
  CLAIM_INPUT: 'review',
  CLAIM_UNAVAILABLE: 'call_again',
  CLAIM_UNKNOWN: 'call_again',
  CLAIM_LOST: 'call_again',
  CLAIM_TIMEOUT: 'call_again',
  CLAIM_ABORTED: 'call_again',
  CLAIM_TRANSACTION_LOST: 'call_again',
  CLAIM_EFFECT_MISUSE: 'review',
  CLAIM_REJECTED: 'review',
  CLAIM_FAILED: 'call_again',
} as const satisfies Record<ClaimErrorCode, ReplyAdvice>

/**
 * A fault: something that is not an ordinary answer of a claim. `message` says what happened, with which value,
 * and what to do; `cause` is the driver's error where there was one.
 */
export class ClaimError extends Error {
  override readonly name = 'ClaimError'
  readonly code: ClaimErrorCode
  /** What to tell the gateway: never `handled`. */
  readonly reply: ReplyAdvice

  constructor(code: ClaimErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.reply = REPLY[code]
  }
}

/** How the question what became of a claim is bounded. */
export interface ResolveBounds {
  /** Milliseconds. Default: `resolveTimeoutMs` of the configuration, or 2000 where that is 0. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/**
 * Nobody has answered a claim, and what became of it could not be found out in time, or the table has no
 * `columns.token` to know it by. The order is claimed, or it is not, or it will be in a moment.
 *
 * Answer the gateway `call_again`; the next callback decides it. Or ask again: `resolve()` here, with the same effect, or
 * `orders.resolve(error.pending, { effect })` in another process.
 *
 * A *bare* claim that stays unknown may come true with nobody acting on it.
 */
export class UnknownClaimError extends ClaimError {
  /** What {@link Claims.resolve} takes: plain text, to be stored or sent to another process of the shop. It holds a secret. */
  readonly pending: string
  /** Asks again. Throws another `UnknownClaimError` where there is no answer yet. */
  readonly resolve: (bounds?: ResolveBounds) => Promise<ClaimResult<unknown>>

  constructor(message: string, cause: unknown, pending: string, resolve: UnknownClaimError['resolve']) {
    super('CLAIM_UNKNOWN', message, cause)
    this.pending = pending
    this.resolve = resolve
    // Not for logs, which print what is enumerable.
    Object.defineProperty(this, 'pending', { enumerable: false })
    Object.defineProperty(this, 'resolve', { enumerable: false })
  }
}

/** Tells an {@link UnknownClaimError} from any other error, also one from the package's other module format. */
export function isUnknownClaimError(error: unknown): error is UnknownClaimError {
  return isClaimError(error) && error.code === 'CLAIM_UNKNOWN' && 'pending' in error && 'resolve' in error
}

/** Tells a {@link ClaimError} from any other error, also one that came from the package's other module format. */
export function isClaimError(error: unknown): error is ClaimError {
  return (
    error instanceof Error && error.name === 'ClaimError' && 'code' in error && Object.hasOwn(REPLY, String(error.code))
  )
}

/** What a driver says. kysely gives the errors of SQL Server as an array. */
export const messageOf = (error: unknown): string =>
  Array.isArray(error) ? error.map(messageOf).join(' ') : error instanceof Error ? error.message : shown(error)

/** Whatever was thrown, also what has no way to be text. */
function shown(thrown: unknown): string {
  try {
    return String(thrown)
  } catch {
    return 'something that cannot be shown'
  }
}
