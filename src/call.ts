import type { Adapter, Row } from './adapters/adapter.ts'
import type { CheckedConfig, StrategyName } from './config.ts'
import type { Deadline } from './deadline.ts'
import type { RetryReason } from './events.ts'
import type { EffectContext } from './options.ts'
import type { SqlValue, Statement } from './sql.ts'
import type { Shape, Statements } from './statements.ts'
import type { Steps } from './steps.ts'
import type { ClaimSteps, Verdict } from './strategies/strategy.ts'
import type { Table } from './table.ts'
import type { TransactionWatch } from './watch.ts'

/** In which part of a claim a statement runs: what its failure means depends on it. */
export type Phase =
  /** Nothing is claimed by it: `begin`, reads, locks. */
  | 'before'
  /** The guarded UPDATE. */
  | 'claim'
  /** The columns for the effect: after the claim, before COMMIT. */
  | 'read'
  | 'commit'
  /** Rolling back, putting settings back. */
  | 'cleanup'

/** What an attempt needs next from whoever runs it. */
export type Need =
  | { readonly statement: Statement; readonly phase: Phase }
  | { readonly effect: () => unknown }
  | { readonly settle: TransactionWatch }

/**
 * One call, of `claimOnce` or `reset`, bound to its table: what all its attempts share.
 *
 * @typeParam Result what the call answers
 */
export interface Call<Result = unknown> {
  readonly config: CheckedConfig
  readonly table: Table
  readonly statements: Statements
  readonly adapter: Adapter<unknown, object>
  /** The algorithm: a strategy. */
  readonly decide: (steps: ClaimSteps) => Steps<Need, Verdict<Result>>
  /** The answer once it is won and committed; `value` is what the effect returned. */
  readonly won: (value: unknown) => Result
  readonly busy: Result
  readonly shape: Shape
  readonly values: ReadonlyMap<string, SqlValue>
  readonly effect: ((tx: unknown, order: Row, context: EffectContext) => unknown) | undefined
  /** The claim is a part of the caller's own transaction. */
  readonly joined: boolean
  readonly deadline: Deadline
  /** The sessions of the pool do not commit by themselves; set, too, once one was met that does not. */
  ownTransaction: boolean
  readonly effectFailed: (error: unknown) => void
  readonly connectionDestroyed: () => void
}

/** How an attempt ended, if it did not throw. */
export type AttemptEnd<Result> =
  | { readonly is: 'done'; readonly result: Result }
  /** To be tried again; where it cannot be, `otherwise` gives the call's result, or throws. */
  | {
      readonly is: 'again'
      readonly reason: RetryReason
      readonly error?: unknown
      readonly otherwise: () => Result
    }

/** What `claimOnce` and `reset` differ in. */
export interface Kind<Result> extends Pick<Call<Result>, 'decide' | 'won' | 'busy'> {
  readonly known: readonly string[]
  readonly strategy: StrategyName
  readonly unknownId: Result
  readonly token: string | null
}

/** How far a call has come, for its events. */
export interface Progress {
  readonly orderId: unknown
  readonly strategy: StrategyName
  readonly startedAt: number
  attempt: number
}
