/**
 * What to tell the gateway.
 *
 * - `handled`: the payment has taken effect. Answer in the gateway's words for "do not call again".
 * - `call_again`: not decided yet. Answer so that the gateway calls again.
 * - `review`: money and order do not agree, and another callback will not mend it. Do not acknowledge; tell a person.
 */
export type ReplyAdvice = 'handled' | 'call_again' | 'review'

/** This call won the order: its claim, and the effect where there is one, are committed. */
export type Claimed<Value> = ClaimedNow<Value> | Recovered

interface OfClaimed {
  readonly outcome: 'claimed'
  readonly reply: 'handled'
  /** `true` in the caller's own transaction: nothing is won before the caller commits it. */
  readonly provisional: boolean
  /** The token this call wrote, in the caller's own transaction only. A secret: never send it out. */
  readonly token?: string
  /**
   * In the caller's own transaction only: what {@link Claims.resolve} needs where the answer to its COMMIT is lost. A
   * secret: never send it out.
   */
  readonly pending?: string
}

/** The usual way. */
export interface ClaimedNow<Value> extends OfClaimed {
  readonly recovered: false
  /** What the effect returned; `undefined` without one. */
  readonly value: Value
}

/** This call had won, and its answer was lost: it has recognised its own claim by the token. The effect was not run again. */
export interface Recovered extends OfClaimed {
  readonly recovered: true
  /** What the effect had returned, as JSON keeps it in `columns.result`; `undefined` where it is not kept. */
  readonly value: unknown
}

/** The order was claimed before, also when it has moved on since (`states.afterClaimed`). */
export interface Duplicate {
  readonly outcome: 'duplicate'
  readonly reply: 'handled'
  readonly status: State
  /** When it was claimed, where `columns.claimedAt` is configured. */
  readonly claimedAt: Date | null
  /** What the first call's effect had returned, as JSON keeps it in `columns.result`; `undefined` where it is not kept. */
  readonly value: unknown
  readonly provisional: boolean
}

/** The order was claimed before, by another payment: the customer paid twice, and a refund is due. */
export interface SecondPayment {
  readonly outcome: 'second_payment'
  readonly reply: 'review'
  readonly status: State
  readonly claimedAt: Date | null
  /** The payment that claimed the order. */
  readonly claimedBy: string
  /** The payment this call is about. */
  readonly paymentId: string
  readonly provisional: boolean
}

/** There is no such order, or not yet: the gateway may be faster than the shop's own commit. */
export interface NotFound {
  readonly outcome: 'not_found'
  readonly reply: 'call_again'
  readonly provisional: boolean
}

/** The order is in none of the configured states: cancelled, refunded, expired. If it was paid, a refund is due. */
export interface WrongStatus {
  readonly outcome: 'wrong_status'
  readonly reply: 'review'
  /** The status found; `null` where the column is NULL. */
  readonly status: State | null
  readonly provisional: boolean
}

/** One column in which the order is not what the call expected. */
export interface MismatchedColumn {
  readonly column: string
  readonly expected: string | null
  readonly actual: string | null
}

/** The order waits, but is not the one that was paid for: another amount, another currency. */
export interface Mismatch {
  readonly outcome: 'mismatch'
  readonly reply: 'review'
  readonly columns: readonly MismatchedColumn[]
  readonly provisional: boolean
}

/** Held by somebody else. The server itself said that this claim did not happen, or it was never sent. */
export interface Busy {
  readonly outcome: 'busy'
  readonly reply: 'call_again'
  /** What is left of the lease that holds the order, in milliseconds, 0 where it is over; `null` for any other reason. */
  readonly retryAfterMs: number | null
  readonly provisional: boolean
}

/** A state of the order as the configuration writes it. */
export type State = string | number

/** The ordinary answers of a claim. `switch` over `outcome`; only faults are thrown ({@link ClaimError}). */
export type ClaimResult<Value = undefined> =
  Claimed<Value> | Duplicate | SecondPayment | NotFound | WrongStatus | Mismatch | Busy

/** A lease was taken, its work done, and the order is claimed. */
export interface LeaseDone<Value> {
  readonly outcome: 'claimed'
  readonly reply: 'handled'
  /** What `work` returned, or the `effect` after it where there is one. Of a recovered one: as for a claim. */
  readonly value: Value
  /** What `columns.attempts` has come to: 1 for the first lease, more after leases or claims that failed. */
  readonly attempt: number
  readonly recovered: false
}

/** The same, where the answer to the completion was lost, and it was recognised by the token. */
export interface LeaseRecovered extends Omit<LeaseDone<unknown>, 'recovered'> {
  readonly recovered: true
}

/** The ordinary answers of {@link Claims.leaseOnce}. */
export type LeaseResult<Value = undefined> =
  LeaseDone<Value> | LeaseRecovered | Duplicate | SecondPayment | NotFound | WrongStatus | Mismatch | Busy

/** What became of {@link Claims.moveOnce}. */
export type MoveResult<Value = undefined> =
  /** The order waited, and is moved; `value` is what the effect returned. */
  | { readonly outcome: 'moved'; readonly value: Value; readonly provisional: boolean }
  /** It was there already; nothing was written. */
  | { readonly outcome: 'already_moved' }
  | { readonly outcome: 'not_found' }
  /** Claimed, processing, or moved elsewhere; nothing was written. */
  | { readonly outcome: 'wrong_status'; readonly status: State | null }
  | { readonly outcome: 'mismatch'; readonly columns: readonly MismatchedColumn[] }
  | { readonly outcome: 'busy' }

/** What became of {@link Claims.reset}. */
export type ResetResult =
  /** The order was claimed, and waits again. */
  | { readonly outcome: 'reset' }
  /** It was waiting already; nothing was written. */
  | { readonly outcome: 'already_waiting' }
  | { readonly outcome: 'not_found' }
  /** Neither claimed nor waiting; nothing was written. */
  | { readonly outcome: 'wrong_status'; readonly status: State | null }
  | { readonly outcome: 'busy' }
