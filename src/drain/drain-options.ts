import type { Bounds } from '../config.ts'
import type { EffectContext, LeaseEffectContext, RawOptions, SetValue, WorkContext } from '../options.ts'

type Order<Row, Read extends keyof Row> = { readonly [Column in Read]: Row[Column] }

/** What the compiler needs to see the same of every handler that has one, to know what its parameters are. */
type DrainWork<Row, Read extends keyof Row, Work> = (
  order: Order<Row, Read>,
  context: WorkContext,
) => Work | PromiseLike<Work>
type DrainEffect<Tx, Row, Read extends keyof Row, Work> = (
  tx: Tx,
  order: Order<Row, Read>,
  context: LeaseEffectContext<Work>,
) => unknown

interface DrainEach<Row, Read extends keyof Row> {
  /** The columns that work and effect are given. Default: none. */
  readonly read?: readonly Read[]
  /** Other columns that are written with the claim. */
  readonly set?: { readonly [Column in keyof Row]?: SetValue }
  readonly batch?: undefined
}

/** In the database: the effect and the claim of the order are one transaction. */
export interface DrainByEffect<Tx, Row, Read extends keyof Row, Work> extends DrainEach<Row, Read> {
  /**
   * As of `claimOnce`: only what goes through `tx` is undone where it fails. `lease` of its context is what
   * `columns.attempts` has come to.
   */
  readonly effect: DrainEffect<Tx, Row, Read, Work>
  readonly work?: DrainWork<Row, Read, Work>
}

/** Outside the database, at least once, with an idempotency key that never changes: as `leaseOnce`. */
export interface DrainByWork<Tx, Row, Read extends keyof Row, Work> extends DrainEach<Row, Read> {
  /** What it throws makes the order wait for its next attempt. Write it before `effect`, which is given what it returns. */
  readonly work: DrainWork<Row, Read, Work>
  /** After the work, in the transaction that claims the order. Default: none. */
  readonly effect?: DrainEffect<Tx, Row, Read, Work>
}

/** In the database, one effect and one transaction for all orders of a batch. */
export interface DrainByBatch<Tx, Row, Read extends keyof Row> {
  /**
   * Gets `batchSize` orders, or fewer. Where it throws, the batch is halved, and each half tried, until the order that it
   * throws for is alone: the others are done.
   */
  readonly batch: (tx: Tx, orders: readonly Order<Row, Read>[], context: EffectContext) => unknown
  /** The columns that it is given of each. Default: none. */
  readonly read?: readonly Read[]
  /** Other columns that are written with the claims. */
  readonly set?: { readonly [Column in keyof Row]?: SetValue }
  readonly effect?: undefined
  readonly work?: undefined
}

/** What a worker does with the orders that it takes. */
export type DrainHandler<Tx, Row, Read extends keyof Row, Work> =
  DrainByEffect<Tx, Row, Read, Work> | DrainByWork<Tx, Row, Read, Work> | DrainByBatch<Tx, Row, Read>

/** How long an order whose attempt has failed waits for the next one; all by the database's clock. */
export interface Backoff {
  /** Milliseconds after the first attempt. Default: 1000. */
  readonly firstMs?: number
  /** By how much each pause is longer than the one before. Default: 2. */
  readonly factor?: number
  /** Milliseconds, at most. Default: 3600000, an hour. */
  readonly mostMs?: number
}

/** The options of `drain`. Unknown keys are refused. */
export interface DrainOptions extends Bounds {
  /**
   * How many orders one lane works off at a time. Lanes that want some at the same time take them by one transaction.
   * The next batch is taken with the last order of the one before, or with its `batch`; not with `work`,
   * not where this is 1, and not on SQLite.
   * Default: 10; 1 with `work`. At most 500; 200 and less where the id has more than four columns.
   */
  readonly batchSize?: number
  /** How many batches this process works off at a time, one order after the other in each. Default: 1. */
  readonly concurrency?: number
  /**
   * Milliseconds until somebody else may take over from a process that is gone; renewed while it lives. Longer than the
   * longest pause that the process may make. Default: 30000. At least 100.
   */
  readonly leaseMs?: number
  /**
   * What `columns.attempts` may come to before an order whose attempts fail, or whose workers die, gets `states.failed`.
   * Default: 10 where that is configured, else no bound.
   */
  readonly maxAttempts?: number
  /** Needs `columns.dueAt`: without it an order is tried again by the next run. */
  readonly backoff?: Backoff
  /** Goes on when nothing is due, and looks again after this pause, more or less. Default: `drain` returns then. */
  readonly poll?: { readonly intervalMs: number }
  /**
   * Stops. Nothing new is taken; what is being done is done to its end; what was taken and not begun is given back, as if
   * it had not been taken.
   */
  readonly signal?: AbortSignal
  /** Milliseconds that `work` has to end after `signal`, before its own signal fires. Default: 10000. */
  readonly stopAfterMs?: number
  /** Whether what the handler threw may pass. Default: always. Otherwise the order gets `states.failed`, where it is configured. */
  readonly isRetryable?: (error: unknown) => boolean
  /** Milliseconds after which `work` is given up, and its lease not renewed. Default: 600000. */
  readonly workTimeoutMs?: number
  /** Tells `progress` through `onEvent` so often, with the number of orders that are due, for which it is counted. Default: never. */
  readonly progress?: { readonly intervalMs: number }
}

/** What a run of `drain` has done. An order that is taken again counts again. */
export interface DrainCounts {
  /** Orders that were leased to this run. */
  readonly taken: number
  /** Of those, orders whose worker before had let its lease run out. */
  readonly takenOver: number
  /** Claimed: the effect, or the work, is done. */
  readonly done: number
  /** Attempts that failed; the order is to be tried again. */
  readonly failed: number
  /** Orders that have `states.failed` now, for a person to look at. */
  readonly dead: number
  /** Orders that somebody else took over, because their lease had run out here. */
  readonly lost: number
  /** Orders of which it is not known what became, or whose work did not end: when their lease is over they are taken again. */
  readonly left: number
  /** Orders that were given back as if they had not been taken. */
  readonly givenBack: number
}

/** How a run of {@link Claims.drain} ended. */
export interface DrainResult extends DrainCounts {
  /** `drained`: nothing was due any more. `stopped`: by `signal`. */
  readonly outcome: 'drained' | 'stopped'
}

/** The handler as the code reads it, whatever the types of the table. */
export interface RawHandler {
  readonly effect?: (tx: unknown, order: unknown, context: LeaseEffectContext<unknown>) => unknown
  readonly work?: (order: unknown, context: WorkContext) => unknown
  readonly batch?: (tx: unknown, orders: unknown, context: EffectContext) => unknown
  readonly read?: readonly string[]
  readonly set?: RawOptions['set']
}
