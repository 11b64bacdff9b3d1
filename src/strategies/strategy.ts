import type { Judgement } from '../judge.ts'
import type { SqlValue } from '../sql.ts'
import type { Need } from '../call.ts'
import type { ClaimResult, State } from '../outcome.ts'
import type { Steps } from '../steps.ts'

/** What one attempt came to, before any effect. */
export type Verdict<Result = ClaimResult<unknown>> =
  /** The guarded UPDATE changed the row. Nothing is won before COMMIT, where there is one. */
  | { readonly is: 'claimed' }
  /** Somebody was faster, or the version moved, but the order can still be claimed: look again. */
  | { readonly is: 'moved' }
  | { readonly is: 'decided'; readonly result: Result }

/** What a strategy can do. Every step runs on the same connection. */
export interface ClaimSteps {
  /** The state of a claimed order, as configured. */
  readonly claimedState: State
  /** Opens the claim's own transaction, if the call needs one: an effect, or a session that does not commit by itself. */
  begin(): Steps<Need, void>
  /** Opens it in any case: a row lock lives no longer than its transaction. */
  beginForLock(): Steps<Need, void>
  /** The order as it is: committed and current. */
  look(): Steps<Need, Judgement>
  /** The same, with its row locked until the end of the transaction. */
  lock(): Steps<Need, Judgement>
  /** The guarded UPDATE. `true`: it changed the row. */
  update(): Steps<Need, boolean>
  /** The same, guarded by the version too. */
  updateVersion(version: SqlValue): Steps<Need, boolean>
  /** The guarded UPDATE back to *waiting*. */
  reset(): Steps<Need, boolean>
}

export type Strategy = (claim: ClaimSteps) => Steps<Need, Verdict>

export const CLAIMED = { is: 'claimed' } as const
export const MOVED = { is: 'moved' } as const

/** The order could have been claimed, and was not: it is looked at again, and never called a duplicate. */
export const unlessClaimable = (judgement: Judgement): Verdict => (judgement.is === 'claimable' ? MOVED : judgement)
