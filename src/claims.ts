import { Caller } from './caller.ts'
import { checkConfig } from './check-config.ts'
import type { ClaimsConfig, ColumnOf } from './config.ts'
import type { DrainHandler, DrainOptions, DrainResult, RawHandler } from './drain/drain-options.ts'
import type {
  ClaimOptions,
  IdValue,
  LeaseOptions,
  MoveOptions,
  RawLeaseOptions,
  RawMoveOptions,
  ResetOptions,
  ResolveOptions,
} from './options.ts'
import type { ClaimResult, LeaseResult, MoveResult, ResetResult } from './outcome.ts'

/** The id of an order: a value, or an object with one for each column where `columns.id` names several. */
export type OrderId<Id> = Id extends readonly (infer Column extends string)[]
  ? { readonly [Name in Column]: IdValue }
  : IdValue

/** Claims on the orders of one table. */
export interface Claims<Tx, Row, Id> {
  /**
   * Claims an order, exactly once, whoever else tries.
   *
   * @param orderId the order's id; it is compared exactly (`'01'` is not `1`)
   * @returns one of the outcomes of {@link ClaimResult}, with what to tell the gateway in `reply`
   * @throws {ClaimError} by `code`, see {@link ClaimErrorCode}; and what the effect threw, unchanged
   *
   * @example
   * const result = await orders.claimOnce(notice.orderId, {
   *   expect: { amount: notice.amount },
   *   read: ['account_id', 'amount'],
   *   effect: (tx, order) => recharge(tx, order),
   * })
   * if (result.reply === 'handled') acknowledge()
   *
   * The SQL of a bare `conditional` claim on MySQL:
   *
   *     update `orders`
   *     set `status` = ?
   *     where `order_id` = ? and cast(`order_id` as char) = ?
   *       and `status` = … and cast(convert(`status` using utf8mb4) as binary) = …
   */
  readonly claimOnce: <const Read extends keyof Row = never, Value = undefined>(
    orderId: OrderId<Id>,
    options?: ClaimOptions<Tx, Row, Read, Value>,
  ) => Promise<ClaimResult<Value>>

  /**
   * Finds out, later or in another process, what became of a claim that nobody has answered.
   *
   * With the token that the claim wrote, or would have written: where it had been committed, the result is `claimed` and
   * `recovered`, and the effect is not run again; where it had not, it is claimed now, and the effect runs. However often
   * and from wherever it is asked, the effect takes place once.
   *
   * @param pending of an {@link UnknownClaimError}, or of a provisional result whose transaction got no answer to COMMIT
   * @param options the effect of the claim again, or `transaction`, and bounds
   * @throws {UnknownClaimError} where there is no answer yet; else as `claimOnce` does
   *
   * @example
   * const result = await orders.resolve(pending, { read: ['account_id', 'amount'], effect: recharge })
   */
  readonly resolve: <const Read extends keyof Row = never, Value = undefined>(
    pending: string,
    options?: ResolveOptions<Tx, Row, Read, Value>,
  ) => Promise<ClaimResult<Value>>

  /**
   * Works for an order outside the database, and claims it when the work is done.
   *
   * The order is *processing* meanwhile, leased to this call until a deadline that is renewed while the work goes on. If
   * the process dies, the next call takes over when the deadline has passed: the work is done at least once, by one
   * worker at a time, and always with the same `idempotencyKey`. Needs `columns.token`, `columns.leaseUntil`,
   * `columns.attempts` and `states.processing`.
   *
   * @throws {ClaimError} `CLAIM_LOST` where the order was taken over from this call; else as `claimOnce` does; and what
   *   work and effect threw, unchanged, when the order has been given back
   *
   * @example
   * const result = await orders.leaseOnce(notice.orderId, {
   *   leaseMs: 30_000,
   *   read: ['phone', 'amount'],
   *   work: (order, { idempotencyKey, signal }) => topUp(order.phone, order.amount, { idempotencyKey, signal }),
   * })
   * if (result.reply === 'handled') acknowledge()
   */
  readonly leaseOnce: <const Read extends keyof Row = never, Work = unknown, Value = Work>(
    orderId: OrderId<Id>,
    options: LeaseOptions<Tx, Row, Read, Work, Value>,
  ) => Promise<LeaseResult<Value>>

  /**
   * A worker: takes orders that are due, each leased to one worker at a time among many processes, and works them off.
   *
   * Due is what waits and whose `columns.dueAt` has come, and what was leased to somebody who let the lease run out; without
   * that column, everything that waits. An order whose attempt fails waits again, longer from attempt to attempt, and gets
   * `states.failed` after `maxAttempts`. Needs what `leaseOnce` needs.
   *
   * @param handler `{ effect }` for what is done in the database, `{ work }` for what is done outside, `{ batch }` for one
   *   effect of all orders of a batch
   * @param options how many at once, and whether it returns when nothing is due (a cron job) or goes on (`poll`)
   * @returns what was done, when nothing is due any more, or `signal` has fired
   * @throws {ClaimError} `CLAIM_CONFIG`, `CLAIM_INPUT`; and without `poll` also `CLAIM_UNAVAILABLE`, `CLAIM_UNKNOWN`,
   *   `CLAIM_TIMEOUT`, when what was taken has been given back. What a handler throws is written beside its order
   *
   * @example
   * await orders.drain(
   *   { read: ['account_id', 'amount'], effect: (tx, order) => recharge(tx, order) },
   *   { concurrency: 4, poll: { intervalMs: 1000 }, signal },
   * )
   */
  readonly drain: <const Read extends keyof Row = never, Work = undefined>(
    handler: DrainHandler<Tx, Row, Read, Work>,
    options?: DrainOptions,
  ) => Promise<DrainResult>

  /**
   * Moves a waiting order to one of `states.closed`, exactly once, decided like a claim: a payment that arrives in the
   * same instant either finds it claimed before, or finds it closed (`wrong_status`: a refund is due). Orders are never
   * moved back.
   *
   * @throws {ClaimError} as `claimOnce` does. Where that is `CLAIM_UNKNOWN`, call it again
   *
   * @example
   * await orders.moveOnce(id, { to: 'Expired', effect: (tx) => putBackOnTheShelf(tx, id) })
   */
  readonly moveOnce: <const Read extends keyof Row = never, Value = undefined>(
    orderId: OrderId<Id>,
    options: MoveOptions<Tx, Row, Read, Value>,
  ) => Promise<MoveResult<Value>>

  /**
   * Puts a claimed order back to *waiting*, so that it can be claimed again: its token, time and payment are cleared,
   * its version moves on. What the effect did is not undone; do that in the same `transaction`.
   *
   * @throws {ClaimError} as `claimOnce` does
   */
  readonly reset: (orderId: OrderId<Id>, options?: ResetOptions<Tx>) => Promise<ResetResult>
}

/**
 * Claims on a table of the user's own.
 *
 * @param config the table, its columns and states; see {@link ClaimsConfig}. Unknown keys are refused
 * @throws {ClaimError} `CLAIM_CONFIG` for what can be seen without the database. The table itself is described and
 *   checked by the first call, which then throws `CLAIM_CONFIG`
 *
 * @example
 * const orders = createClaims({
 *   database: mysql(pool),
 *   table: 'orders',
 *   columns: { id: 'order_id', status: 'status' },
 *   states: { waiting: 'Wait', claimed: 'Y' },
 * })
 */
export function createClaims<
  Tx,
  Tables extends object,
  const Table extends keyof Tables & string,
  const Id extends ColumnOf<Tables, Table> | readonly ColumnOf<Tables, Table>[],
>(config: ClaimsConfig<Tx, Tables, Table, Id>): Claims<Tx, Tables[Table], Id> {
  const caller = new Caller(checkConfig(config), config.database, config.onEvent)
  return Object.freeze({
    claimOnce: (orderId: unknown, options: object | null = null) => caller.claimOnce(orderId, options ?? {}),
    resolve: (pending: unknown, options: object | null = null) => caller.resolve(pending, options ?? {}),
    leaseOnce: (orderId: unknown, options: RawLeaseOptions) => caller.leaseOnce(orderId, options),
    drain: (handler: object, options: DrainOptions | null = null) => caller.drain(handler as RawHandler, options ?? {}),
    moveOnce: (orderId: unknown, options: RawMoveOptions) => caller.moveOnce(orderId, options),
    reset: (orderId: unknown, options: object | null = null) => caller.reset(orderId, options ?? {}),
  }) as Claims<Tx, Tables[Table], Id>
}
