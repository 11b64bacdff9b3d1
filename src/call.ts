import type { Adapter, Session } from './adapters/adapter.ts'
import type { CheckedConfig, StrategyName } from './config.ts'
import type { Deadline } from './deadline.ts'
import type { EventDetail, Operation, RetryReason } from './events.ts'
import type { EffectContext } from './options.ts'
import type { SqlValue, Statement } from './sql.ts'
import type { Shape, Statements } from './statements.ts'
import type { Steps } from './steps.ts'
import type { ClaimSteps, Verdict } from './strategies/strategy.ts'
import type { Table } from './table.ts'
import type { Transition } from './transitions.ts'
import type { Unit } from './unit.ts'
import type { TransactionWatch } from './watch.ts'

/** In which part of a claim a statement runs: what its failure means depends on it. */
export type Phase =
  /** Nothing is claimed by it: `begin`, reads, locks. */
  | 'before'
  /** The guarded UPDATE. */
  | 'claim'
  /** After the claim and before COMMIT: the columns for the effect, and what is kept of its result. */
  | 'read'
  | 'commit'
  /** Rolling back, putting settings back. */
  | 'cleanup'

/** What an attempt needs next from whoever runs it. */
export type Need =
  | { readonly statement: Statement; readonly phase: Phase }
  | { readonly effect: () => unknown }
  | { readonly settle: TransactionWatch }

/** What a call has learned on its way. */
export interface Learned {
  /** The sessions of the pool do not commit by themselves; set, too, once one was met that does not. */
  ownTransaction: boolean
  /** The effect has been started, in whichever attempt. */
  effectRan: boolean
  /** How often a unique key has refused what was to be written. */
  collisions: number
}

/** What attempts need to know of a call, whatever it is about. */
export interface CallBase<Result = unknown> {
  readonly adapter: Adapter<unknown, object>
  readonly table: Pick<Table, 'sql' | 'server'>
  readonly effect: ((tx: unknown, order: unknown, context: EffectContext) => unknown) | undefined
  /** More is to be done after the change, in the same transaction. */
  readonly needsTransaction: boolean
  /** The claim is a part of the caller's own transaction. */
  readonly joined: boolean
  /** It finds out what became of a call that nobody has answered: until it knows, nothing is ruled out. */
  readonly resolving: boolean
  readonly deadline: Deadline
  /** Shared with the same call {@link inDoubt}. */
  readonly learned: Learned
  readonly tell: (what: EventDetail) => void
  /** The caller has given up, for this reason. */
  readonly gaveUp: () => AbortSignal | undefined
  /** Is called when the guarded UPDATE has changed what it should: what was in doubt is known from here on. */
  readonly known?: () => void
  readonly busy: Result
  /** The answer once it is won and committed; `value` is what {@link Unit.finish} gave. */
  readonly won: (value: unknown) => Result
  /** The answer where this call had won before, and was not told. `null`: it has nothing to know that by. */
  readonly recovered: ((value: unknown) => Result) | null
  /** The steps of one attempt on a connection. */
  newUnit(session: Session<unknown>, lockTimeoutMs: number | null): Unit<Result>
  /** The same call when it finds out what became of it; `null` where that cannot be found out. */
  inDoubt(): CallBase<Result> | null
}

/** What one kind of call on an order differs in from the others. */
export interface Kind<Result> extends Pick<CallBase<Result>, 'busy' | 'won' | 'recovered'> {
  /** The algorithm: a strategy. */
  readonly decide: (steps: ClaimSteps) => Steps<Need, Verdict<Result>>
  /** The algorithm that finds out what became of the call when nobody has answered it: its guarded UPDATE comes first. */
  readonly decideAgain: (steps: ClaimSteps) => Steps<Need, Verdict<Result>>
  /** The change that is made by it. */
  readonly transition: Transition
  /** The answer where no row can have the id. */
  readonly unknownId: Result
  readonly token: string | null
  /** What it binds beside what every call does. */
  readonly ownValues?: (table: Table) => readonly (readonly [string, SqlValue])[]
  /** Its transaction reads the order after the change, and runs no effect: the value is the row. */
  readonly onlyReads: boolean
  /** Its reads tell whether the order has its token, from the first on. */
  readonly asksOwn?: boolean
}

/**
 * One call on an order, bound to its table: what all its attempts share.
 *
 * @typeParam Result what the call answers
 */
export interface Call<Result = unknown> extends CallBase<Result>, Kind<Result> {
  readonly config: CheckedConfig
  readonly table: Table
  readonly statements: Statements
  readonly shape: Shape
  readonly values: ReadonlyMap<string, SqlValue>
}

/** Nobody has answered the claiming statement, or COMMIT. */
export interface Unanswered {
  readonly is: 'unknown'
  readonly phase: 'claim' | 'commit'
  readonly error: unknown
}

/** How an attempt ended, if it did not throw. */
export type AttemptEnd<Result> =
  | { readonly is: 'done'; readonly result: Result }
  | Unanswered
  /** To be tried again; where it cannot be, `otherwise` gives the call's result, or throws. */
  | {
      readonly is: 'again'
      readonly reason: RetryReason
      readonly error?: unknown
      /** The guarded UPDATE had changed what it should, and was rolled back. */
      readonly claimed: boolean
      readonly otherwise: () => Result
    }

/** How far a call has come, for its events. */
export interface Progress {
  readonly operation: Operation
  readonly orderId: unknown
  readonly strategy: StrategyName
  readonly startedAt: number
  attempt: number
}
