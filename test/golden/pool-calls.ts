import type { ItemPoolCaller } from '../../src/pool/item-pool.ts'
import type { RawDrawOptions } from '../../src/pool/pool-options.ts'
import type { TransactionWatch } from '../../src/watch.ts'
import type { Row } from '../../src/adapters/adapter.ts'
import type { Stock } from './recorded-pool.ts'

interface PoolCall {
  readonly name: string
  readonly stock?: Stock
  readonly call: (pool: ItemPoolCaller) => Promise<unknown>
}

const scope = 'spring'
const AN_HOUR = 3_600_000
const effect = (tx: unknown): unknown =>
  (tx as TransactionWatch).pass('update accounts set points = points + 1', async () => 1)

/** As the database shows a card that anna has, or has reserved. */
const held = (also: Row): Row => ({
  pool_id: '11',
  pool_owner: 'anna',
  pool_slot: '1',
  pool_own_token: 0,
  pool_is_reserved: 0,
  pool_remaining_ms: null,
  ...also,
})
const reserved = held({ pool_is_reserved: 1, pool_remaining_ms: AN_HOUR })
const lapsed = held({ pool_is_reserved: 1, pool_remaining_ms: -1 })

/** By each strategy. */
export const DRAWS: readonly { readonly name: string; readonly stock?: Stock; readonly options: RawDrawOptions }[] = [
  { name: 'one card', options: {} },
  { name: 'one card, with where and read', options: { where: { worth: 10 }, read: ['card_number'] } },
  { name: 'one card, reserved', options: { reserveMs: AN_HOUR } },
  { name: 'one card, with an effect', options: { read: ['card_number'], effect } },
  { name: 'three cards', options: { count: 3 } },
  { name: "one card, in the caller's transaction", options: { transaction: {} } },
  { name: 'the owner has one', stock: { held: held({}) }, options: {} },
  { name: 'what the owner had reserved is over', stock: { held: lapsed }, options: {} },
  { name: 'there are none', stock: { free: 0, queued: 1 }, options: {} },
  { name: 'there are none, but reservations that are over', stock: { free: 0, queued: 1, expired: 2 }, options: {} },
]

/** Three owners whose requests meet. */
export const together = (pool: ItemPoolCaller, strategy: NonNullable<RawDrawOptions['strategy']>): Promise<unknown> =>
  Promise.all(['anna', 'berta', 'carl'].map((owner) => pool.claimNext(owner, { scope, strategy })))

export const OTHER_CALLS: readonly PoolCall[] = [
  { name: 'confirm', stock: { held: reserved }, call: (pool) => pool.confirm('anna', { scope }) },
  {
    name: 'confirm, with an effect',
    stock: { held: reserved },
    call: (pool) => pool.confirm('anna', { scope, read: ['card_number'], effect }),
  },
  { name: 'confirm, too late', stock: { held: lapsed }, call: (pool) => pool.confirm('anna', { scope }) },
  { name: 'release', call: (pool) => pool.release('anna', { scope }) },
  { name: 'expire', stock: { expired: 2 }, call: (pool) => pool.expire({ scope }) },
  { name: 'count', call: (pool) => pool.count({ scope, where: { worth: 10 } }) },
  { name: 'refill, two pages', stock: { free: 1000, pages: 2 }, call: (pool) => pool.refill({ scope }) },
]
