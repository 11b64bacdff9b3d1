import type { Kind, Unanswered } from './call.ts'
import type { StrategyName } from './config.ts'
import type { ClaimError } from './errors.ts'
import type { Operation } from './events.ts'
import type { RawOptions } from './options.ts'

/** What a call is about, beside its options. */
export interface Task<Result> {
  readonly operation: Operation
  readonly orderId: unknown
  readonly options: RawOptions
  readonly known: readonly string[]
  readonly kind: Kind<Result>
  readonly strategy: StrategyName
  /** Finds out what became of an earlier call, instead of making one; without a token nobody can tell whose claim it is. */
  readonly resolves?: { readonly hasToken: boolean }
  /** What its effect fails with is written beside the order. */
  readonly notes: boolean
  /** What is thrown where the call stays unknown. */
  readonly unknown: (unanswered: Unanswered) => ClaimError
}
