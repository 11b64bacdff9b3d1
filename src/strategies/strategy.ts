import type { Judgement } from '../judge.ts'
import type { SqlValue } from '../sql.ts'
import type { Need } from '../call.ts'
import type { CheckedStates } from '../config.ts'
import type { ClaimResult } from '../outcome.ts'
import type { Steps } from '../steps.ts'
import type { Transition } from '../transitions.ts'

/** What one attempt came to, before any effect. */
export type Verdict<Result = ClaimResult<unknown>> =
  /** The guarded UPDATE changed the row. Nothing is won before COMMIT, where there is one. */
  | { readonly is: 'claimed' }
  /** Somebody was faster, or the version moved, but the order can still be claimed: look again. */
  | { readonly is: 'moved' }
  /** This very call had won before; its answer was lost. `value` is what its effect had returned, where it is kept. */
  | { readonly is: 'recovered'; readonly value: unknown }
  | { readonly is: 'decided'; readonly result: Result }

/** What a strategy can do. Every step runs on the same connection. */
export interface ClaimSteps {
  /** The states as configured. */
  readonly states: CheckedStates
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
  /** The guarded UPDATE of another transition than the call's own. */
  change(transition: Transition): Steps<Need, boolean>
}

export type Strategy = (claim: ClaimSteps) => Steps<Need, Verdict>

export const CLAIMED = { is: 'claimed' } as const
export const MOVED = { is: 'moved' } as const

/** The order could have been claimed, and was not: it is looked at again, and never called a duplicate. */
export function unlessClaimable(judgement: Judgement): Verdict {
  switch (judgement.is) {
    case 'claimable':
      return MOVED
    case 'own':
      return { is: 'recovered', value: judgement.value }
    case 'leased':
      return { is: 'decided', result: judgement.result }
    case 'decided':
      return judgement
  }
}
