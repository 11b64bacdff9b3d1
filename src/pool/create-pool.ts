import type { ColumnOf } from '../config.ts'
import { checkPoolConfig } from './check-pool-config.ts'
import { ItemPoolCaller } from './item-pool.ts'
import type { PoolConfig } from './pool-config.ts'
import type { CountOptions, DrawOptions, Owner, PoolItem, RawDrawOptions, ReleaseOptions } from './pool-options.ts'
import type { DrawResult, PoolCounts, ReleaseResult } from './pool-outcome.ts'

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
   * Gives back everything that an owner has: it is free again.
   *
   * @throws {ClaimError} as `claimNext` does. Where that is `CLAIM_UNKNOWN`, call it again
   */
  readonly release: (owner: Owner, options?: ReleaseOptions<Tx>) => Promise<ReleaseResult>

  /** How many items are free, and how many taken. The whole scope is counted: not on every request. */
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
    release: (owner: unknown, options: RawDrawOptions | null = null) => caller.release(owner, options ?? {}),
    count: (options: RawDrawOptions | null = null) => caller.count(options ?? {}),
  }) as ReturnType<typeof createPool<Tx, Tables, Table>>
}
