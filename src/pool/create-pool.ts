import type { ColumnOf } from '../config.ts'
import { checkPoolConfig } from './check-pool-config.ts'
import { ItemPoolCaller } from './item-pool.ts'
import type { PoolConfig } from './pool-config.ts'
import type {
  ConfirmOptions,
  CountOptions,
  DrawOptions,
  ExpireOptions,
  Owner,
  PoolItem,
  RawDrawOptions,
  RefillOptions,
  ReleaseOptions,
} from './pool-options.ts'
import type { ConfirmResult, DrawResult, PoolCounts, ReleaseResult } from './pool-outcome.ts'

/** Items of one table, each of which goes to one owner. */
export interface ItemPool<Tx, Row> {
  /**
   * Gives an owner his item, or his items: one that nobody else gets, and the same ones however often he asks.
   *
   * @param owner who gets it; compared exactly
   * @returns one of the outcomes of {@link DrawResult}, with what to tell the winner in `reply`
   * @throws {ClaimError} by `code`, see {@link ClaimErrorCode}; and what the effect threw, unchanged
   *
   * @example
   * const result = await cards.claimNext(winner.id, { scope: 'spring', read: ['card_number'] })
   * if (result.outcome === 'claimed' || result.outcome === 'duplicate') show(result.items[0].card_number)
   */
  readonly claimNext: <const Read extends keyof Row = never, Value = undefined>(
    owner: Owner,
    options?: DrawOptions<Tx, Row, Read, Value>,
  ) => Promise<DrawResult<PoolItem<Row, Read>, Value>>

  /**
   * Makes what an owner has reserved his for good, if its time is not over by the database's clock. Needs
   * `states.reserved` and `columns.reservedUntil`.
   *
   * @param owner who drew with `reserveMs`
   * @returns one of the outcomes of {@link ConfirmResult}, with what to tell the winner in `reply`
   * @throws {ClaimError} as `claimNext` does. Where that is `CLAIM_UNKNOWN`, call it again; and what the effect threw,
   *   unchanged
   *
   * @example
   * await cards.claimNext(winner.id, { scope: 'spring', reserveMs: 15 * 60_000 })
   * // when the winner has told his address:
   * const result = await cards.confirm(winner.id, {
   *   scope: 'spring',
   *   read: ['card_number'],
   *   effect: (tx, [card]) => keepAddress(tx, winner, card),
   * })
   */
  readonly confirm: <const Read extends keyof Row = never, Value = undefined>(
    owner: Owner,
    options?: ConfirmOptions<Tx, Row, Read, Value>,
  ) => Promise<ConfirmResult<PoolItem<Row, Read>, Value>>

  /**
   * Gives back everything that an owner has, reserved or taken: it is free again.
   *
   * @throws {ClaimError} as `claimNext` does. Where that is `CLAIM_UNKNOWN`, call it again
   */
  readonly release: (owner: Owner, options?: ReleaseOptions<Tx>) => Promise<ReleaseResult>

  /**
   * Frees the reservations whose time is over, by the database's clock: a hundred in one transaction, until there are no
   * more. A draw that finds nothing free does so by itself; a job that does it each minute spares it the search.
   *
   * @param options `timeoutMs` bounds each transaction
   * @throws {ClaimError} as `claimNext` does; `CLAIM_TIMEOUT` where others have the rows for too long
   */
  readonly expire: (options?: ExpireOptions) => Promise<{ readonly freed: number }>

  /**
   * Puts what the table says is free into the queue, in the place of whatever the queue holds; first, where there are
   * reservations, those that are over are freed. Call it when items were added, when an event `queue_fallback` says that the
   * queue is `empty` or `stale`, and now and then: candidates that a crash took out of the queue come back by it.
   *
   * @param options the same `scope` and `where` as the draws; `timeoutMs` bounds the reading of each 1000 items
   * @returns how many are queued
   * @throws {ClaimError} `CLAIM_UNAVAILABLE` where the queue or the database does not answer; what the queue held may then
   *   still be there
   *
   * @example
   * await cards.refill({ scope: 'spring' })
   */
  readonly refill: (options?: RefillOptions<Row>) => Promise<{ readonly queued: number }>

  /** How many items are free, taken and reserved. The whole scope is counted: not on every request. */
  readonly count: (options?: CountOptions<Row>) => Promise<PoolCounts>
}

/**
 * A pool of interchangeable items (card numbers, coupons, seats) in a table of the user's own.
 *
 * @param config the table, its columns and states; see {@link PoolConfig}. Unknown keys are refused
 * @throws {ClaimError} `CLAIM_CONFIG` for what can be seen without the database. The table itself is described and
 *   checked by the first call, which then throws `CLAIM_CONFIG`
 *
 * @example
 * const cards = createPool({
 *   database: mysql(pool),
 *   table: 'cards',
 *   columns: { id: 'card_id', status: 'status', owner: 'owner', slot: 'slot', scope: 'campaign', token: 'draw_token' },
 *   states: { free: 'Free', taken: 'Taken' },
 * })
 */
export function createPool<Tx, Tables extends object, const Table extends keyof Tables & string>(
  config: PoolConfig<Tx, Tables, Table>,
): ItemPool<Tx, { readonly [Column in ColumnOf<Tables, Table>]: Tables[Table][Column] }> {
  const caller = new ItemPoolCaller(checkPoolConfig(config), config.database, config.onEvent)
  return Object.freeze({
    claimNext: (owner: unknown, options: RawDrawOptions | null = null) => caller.claimNext(owner, options ?? {}),
    confirm: (owner: unknown, options: RawDrawOptions | null = null) => caller.confirm(owner, options ?? {}),
    release: (owner: unknown, options: RawDrawOptions | null = null) => caller.release(owner, options ?? {}),
    expire: (options: RawDrawOptions | null = null) => caller.expire(options ?? {}),
    refill: (options: RawDrawOptions | null = null) => caller.refill(options ?? {}),
    count: (options: RawDrawOptions | null = null) => caller.count(options ?? {}),
  }) as ReturnType<typeof createPool<Tx, Tables, Table>>
}
