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
  /** Gives up. Once the claim is on its way that leaves it unknown (`CLAIM_UNKNOWN`). */
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
export interface ResetOptions<Tx> extends Bounds {
  /** The caller's own transaction, of which the reset becomes a part. */
  readonly transaction?: Tx
  readonly signal?: AbortSignal
}

/** The options of `resolve`. Unknown keys are refused. What the claim expected and set is in `pending`. */
export type ResolveOptions<Tx, Row, Read extends keyof Row, Value> = (
  | WithEffect<Tx, Row, Read, Value>
  | InTransaction<Tx>
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

export interface RawMoveOptions extends RawOptions {
  readonly to: State
}
