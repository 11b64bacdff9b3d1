import type { Bounds } from '../config.ts'
import type { EffectContext, ExpectedValue, IdValue } from '../options.ts'
import type { PickStrategy } from './pool-config.ts'

/** Who gets an item. A string must be written exactly as the database shows it. */
export type Owner = IdValue

interface DrawBounds<Row> extends Omit<Bounds, 'resolveTimeoutMs'> {
  /** The scope's value. Needed where `columns.scope` is configured. */
  readonly scope?: IdValue
  /** How many items, all or none. Default: 1. At most 100. */
  readonly count?: number
  /** What the items must hold, such as a denomination. */
  readonly where?: { readonly [Column in keyof Row]?: ExpectedValue }
  /**
   * The items are reserved for so many milliseconds, and free again after that unless they are confirmed. Default: they
   * are taken for good.
   */
  readonly reserveMs?: number
  /** How an item is picked. Default: the one of the configuration. */
  readonly strategy?: PickStrategy
  /** Gives up. */
  readonly signal?: AbortSignal
}

interface DrawWithEffect<Tx, Row, Read extends keyof Row, Value> {
  /** The columns of the items that result and effect are given. Default: none but the slot. */
  readonly read?: readonly Read[]
  /** What is done with the items, in the transaction that takes them. Only what goes through `tx` is undone with it. */
  readonly effect?: (
    tx: Tx,
    items: readonly PoolItem<Row, Read>[],
    context: EffectContext,
  ) => Value | PromiseLike<Value>
  readonly transaction?: undefined
}

interface DrawInTransaction<Tx, Read> {
  readonly read?: readonly Read[]
  /** The caller's own transaction, of which the draw becomes a part. The result is provisional until it commits. */
  readonly transaction: Tx
  readonly effect?: undefined
}

/** One item of an owner. */
export type PoolItem<Row, Read extends keyof Row> = { readonly [Column in Read]: Row[Column] } & {
  /** The owner's first item is 1. */
  readonly slot: number
}

/** The options of `claimNext`. Unknown keys are refused. */
export type DrawOptions<Tx, Row, Read extends keyof Row, Value> = DrawBounds<Row> &
  (DrawWithEffect<Tx, Row, Read, Value> | DrawInTransaction<Tx, Read>)

interface ScopedBounds extends Omit<Bounds, 'resolveTimeoutMs'> {
  /** The scope's value. Needed where `columns.scope` is configured. */
  readonly scope?: IdValue
  readonly signal?: AbortSignal
}

/** The options of `confirm`. Unknown keys are refused. */
export type ConfirmOptions<Tx, Row, Read extends keyof Row, Value> = ScopedBounds &
  (DrawWithEffect<Tx, Row, Read, Value> | DrawInTransaction<Tx, Read>)

/** The options of `release`. Unknown keys are refused. */
export interface ReleaseOptions<Tx> extends ScopedBounds {
  /** The caller's own transaction, of which the release becomes a part. */
  readonly transaction?: Tx
}

/** The options of `expire`. Unknown keys are refused. */
export type ExpireOptions = ScopedBounds

/** The options of `refill`. Unknown keys are refused. */
export interface RefillOptions<Row> extends ScopedBounds {
  /** What the items must hold, such as a denomination: draws that ask for it have a list of their own. */
  readonly where?: { readonly [Column in keyof Row]?: ExpectedValue }
}

/** The options of `count`. Unknown keys are refused. */
export interface CountOptions<Row> {
  /** The scope's value. Needed where `columns.scope` is configured. */
  readonly scope?: IdValue
  /** What the items must hold. */
  readonly where?: { readonly [Column in keyof Row]?: ExpectedValue }
  /** Milliseconds. Default: as the pool is configured. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** The options as the code reads them, whatever the types of the table. */
export interface RawDrawOptions extends Bounds {
  readonly scope?: unknown
  readonly count?: number
  readonly reserveMs?: number
  readonly where?: Readonly<Record<string, ExpectedValue | undefined>>
  readonly strategy?: PickStrategy
  readonly signal?: AbortSignal
  readonly read?: readonly string[]
  readonly effect?: (tx: unknown, items: unknown, context: EffectContext) => unknown
  readonly transaction?: unknown
}
