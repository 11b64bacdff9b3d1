/**
 * What to tell the gateway.
 *
 * - `handled`: the payment has taken effect. Answer in the gateway's words for "do not call again".
 * - `call_again`: not decided yet. Answer so that the gateway calls again.
 * - `review`: money and order do not agree, and another callback will not mend it. Do not acknowledge; tell a person.
 */
export type ReplyAdvice = 'handled' | 'call_again' | 'review'

/** This call won the order: its claim, and the effect where there is one, are committed. */
export interface Claimed<Value> {
  readonly outcome: 'claimed'
  readonly reply: 'handled'
  /** What the effect returned; `undefined` without one. */
  readonly value: Value
  /** `true` when the claim had been committed by this call before its connection was lost. Always `false` so far. */
  readonly recovered: boolean
  /** `true` in the caller's own transaction: nothing is won before the caller commits it. */
  readonly provisional: boolean
  /** The token this call wrote, in the caller's own transaction only. A secret: never send it out. */
  readonly token?: string
}

/** The order was claimed before, also when it has moved on since (`states.afterClaimed`). */
export interface Duplicate {
  readonly outcome: 'duplicate'
  readonly reply: 'handled'
  readonly status: State
  /** When it was claimed, where `columns.claimedAt` is configured. */
  readonly claimedAt: Date | null
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
  readonly provisional: boolean
}

/** A state of the order as the configuration writes it. */
export type State = string | number

/** The ordinary answers of a claim. `switch` over `outcome`; only faults are thrown ({@link ClaimError}). */
export type ClaimResult<Value = undefined> =
  Claimed<Value> | Duplicate | SecondPayment | NotFound | WrongStatus | Mismatch | Busy

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
