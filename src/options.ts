import type { Bounds, StrategyName } from './config.ts'
import type { State } from './outcome.ts'
import type { SqlValue } from './sql.ts'

/** A part of a unique key. A string must be written exactly as the database shows it; numbers must be safe integers. */
export type IdValue = string | number | bigint | Uint8Array

/** A value to compare a column with. Decimals are strings; NULL equals NULL. */
export type ExpectedValue = string | number | bigint | Uint8Array | null

/** A value to write. */
export type SetValue = SqlValue

/** What an effect is told beside the order. */
export interface EffectContext {
  /** The first attempt is 1. A conflict with another transaction makes the effect run again. */
  readonly attempt: number
  /** Fires when the time of the call is over, or its caller's signal fires: the transaction is being rolled back. */
  readonly signal: AbortSignal
}

/**
 * What the winner does, inside the claim's own transaction.
 *
 * @param tx the handle of the user's own library. Only what goes through it is undone with the claim
 * @param order the columns named in `read`, read under the claim's own row lock
 */
export type Effect<Tx, Order, Value> = (tx: Tx, order: Order, context: EffectContext) => Value | PromiseLike<Value>

interface CallOptions<Row> extends Bounds {
  /** How this claim is decided. Default: the one of the configuration. */
  readonly strategy?: StrategyName
  /** What the order must hold to be claimed, as a part of the claim's own WHERE. Otherwise the outcome is `mismatch`. */
  readonly expect?: { readonly [Column in keyof Row]?: ExpectedValue }
  /** The gateway's transaction: written by the claim, told from a second payment. Needs `columns.paymentId`. */
  readonly paymentId?: string | number | bigint
  /** Other columns that the claim writes. */
  readonly set?: { readonly [Column in keyof Row]?: SetValue }
  /**
   * Gives up. Once the claim is on its way that leaves it unknown: what became of it is found out all the same, within
   * `resolveTimeoutMs`.
   */
  readonly signal?: AbortSignal
}

interface WithEffect<Tx, Row, Read extends keyof Row, Value> {
  /** The columns that the effect is given. Default: none. */
  readonly read?: readonly Read[]
  /** Default: none. The claim is then *bare*: what follows it is at most once. */
  readonly effect?: Effect<Tx, { readonly [Column in Read]: Row[Column] }, Value>
  readonly transaction?: undefined
}

interface InTransaction<Tx> {
  /** The caller's own transaction, of which the claim becomes a part. The result is provisional until it commits. */
  readonly transaction: Tx
  readonly effect?: undefined
  readonly read?: undefined
}

/** The options of `claimOnce`. Unknown keys are refused. */
export type ClaimOptions<Tx, Row, Read extends keyof Row, Value> = CallOptions<Row> &
  (WithEffect<Tx, Row, Read, Value> | InTransaction<Tx>)

/** The options of `reset`. Unknown keys are refused. */
export interface ResetOptions<Tx> extends Omit<Bounds, 'resolveTimeoutMs'> {
  /** The caller's own transaction, of which the reset becomes a part. */
  readonly transaction?: Tx
  readonly signal?: AbortSignal
}

/** The options of `resolve`. Unknown keys are refused. What the claim expected and set is in `pending`. */
export type ResolveOptions<Tx, Row, Read extends keyof Row, Value> = (
  WithEffect<Tx, Row, Read, Value> | InTransaction<Tx>
) & {
  /** Milliseconds. Default: `resolveTimeoutMs` of the configuration, or 2000 where that is 0. */
  readonly timeoutMs?: number
  readonly lockTimeoutMs?: number | 'server'
  readonly signal?: AbortSignal
}

/** The options of `moveOnce`. Unknown keys are refused. */
export type MoveOptions<Tx, Row, Read extends keyof Row, Value> = Omit<Bounds, 'resolveTimeoutMs'> & {
  /** One of `states.closed`. */
  readonly to: State
  /** What the order must hold to be moved, as a part of the UPDATE's own WHERE. Otherwise the outcome is `mismatch`. */
  readonly expect?: { readonly [Column in keyof Row]?: ExpectedValue }
  /** Other columns that the move writes. */
  readonly set?: { readonly [Column in keyof Row]?: SetValue }
  readonly signal?: AbortSignal
} & (WithEffect<Tx, Row, Read, Value> | InTransaction<Tx>)

/** What the work of a lease is told beside the order. */
export interface WorkContext {
  /** What `columns.attempts` has come to: 1 for the first lease, more after leases or claims that failed. */
  readonly attempt: number
  /** For calls to the outside: the same in every attempt of the order. */
  readonly idempotencyKey: string
  /** Fires when the order is somebody else's, or may be; when `workTimeoutMs` has passed; when the caller's signal fires. */
  readonly signal: AbortSignal
}

/** What the effect after the work is told. */
export interface LeaseEffectContext<Work> extends EffectContext {
  /** What `work` returned. */
  readonly value: Work
  /** As `attempt` of the work's context. */
  readonly lease: number
}

/** The options of `leaseOnce`. Unknown keys are refused. */
export interface LeaseOptions<Tx, Row, Read extends keyof Row, Work, Value> extends Bounds {
  /**
   * Milliseconds until somebody else may take the order over from a worker that is gone; renewed while the work goes on.
   * Longer than the longest pause that the process may make: 30000 is a good start. At least 100.
   */
  readonly leaseMs: number
  /**
   * What is to be done outside the database: it is not undone, and done again by the next attempt where this one does
   * not come to its end. So every call to the outside carries `idempotencyKey`. What it throws is thrown by `leaseOnce`.
   * Write it before `effect`, which is given what it returns.
   */
  readonly work: (order: { readonly [Column in Read]: Row[Column] }, context: WorkContext) => Work | PromiseLike<Work>
  /** After the work, in the transaction that claims the order. Default: none. */
  readonly effect?: (
    tx: Tx,
    order: { readonly [Column in Read]: Row[Column] },
    context: LeaseEffectContext<Work>,
  ) => Value | PromiseLike<Value>
  /** The columns that work and effect are given. Default: none. */
  readonly read?: readonly Read[]
  /** What the order must hold to be leased, as a part of the UPDATE's own WHERE. Otherwise the outcome is `mismatch`. */
  readonly expect?: { readonly [Column in keyof Row]?: ExpectedValue }
  /** The gateway's transaction: written with the lease, told from a second payment. Needs `columns.paymentId`. */
  readonly paymentId?: string | number | bigint
  /** Other columns, written with the lease. */
  readonly set?: { readonly [Column in keyof Row]?: SetValue }
  /**
   * What `columns.attempts` may come to before an order whose work fails, or whose workers die, gets `states.failed`.
   * Default: 10 where that is configured, else no bound.
   */
  readonly maxAttempts?: number
  /** Whether an order whose lease is over is taken over. Default: `true`. Otherwise it is `wrong_status`, for a person to look at. */
  readonly takeover?: boolean
  /** Whether what `work` or `effect` threw may pass. Default: always. Otherwise the order gets `states.failed`, where it is configured. */
  readonly isRetryable?: (error: unknown) => boolean
  /** Milliseconds after which the work is given up, and its lease not renewed. Default: 600000. */
  readonly workTimeoutMs?: number
  /**
   * Default: a UUID made of `idempotencyNamespace` and the table's name, as both are configured, and of the order's id. An
   * order that is reset keeps it: to pay out once more, pass another.
   */
  readonly idempotencyKey?: string
  /** Fires the signal of `work`. Before the order is leased it gives up. */
  readonly signal?: AbortSignal
}

/** The options as the code reads them, whatever the types of the table. */
export interface RawOptions extends Bounds {
  readonly strategy?: StrategyName
  readonly expect?: Readonly<Record<string, ExpectedValue | undefined>>
  readonly paymentId?: string | number | bigint
  readonly set?: Readonly<Record<string, SetValue | undefined>>
  readonly signal?: AbortSignal
  readonly read?: readonly string[]
  readonly effect?: (tx: unknown, order: unknown, context: EffectContext) => unknown
  readonly transaction?: unknown
}

/** Those that a call is bound with; `undefined` is as if left out. */
export type GivenOptions = { readonly [Option in keyof RawOptions]?: RawOptions[Option] | undefined }

export interface RawLeaseOptions extends Omit<RawOptions, 'effect'> {
  readonly leaseMs: number
  readonly work: (order: unknown, context: WorkContext) => unknown
  readonly effect?: (tx: unknown, order: unknown, context: LeaseEffectContext<unknown>) => unknown
  readonly maxAttempts?: number
  readonly takeover?: boolean
  readonly isRetryable?: (error: unknown) => boolean
  readonly workTimeoutMs?: number
  readonly idempotencyKey?: string
}

export interface RawMoveOptions extends RawOptions {
  readonly to: State
}
