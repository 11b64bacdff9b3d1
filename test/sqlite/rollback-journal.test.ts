import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRemote } from './support/remote.ts'
import type { Remote } from './support/remote.ts'
import { book } from './support/script.ts'
import { BOOKED_ONCE, CLAIMED_BARE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { ticksWhile } from './support/ticks.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

// Without WAL readers and writers are in each other's way: COMMIT itself can be refused, and so can a read.
describe.each(WAYS)('$name with a rollback journal', (way) => {
  let shop: ShopFile
  let remote: Remote
  let claims: OpenWay

  beforeEach(async () => {
    shop = createShopFile(way.driver, 'delete')
    remote = await openRemote(shop.file, way.driver)
    claims = way.open(shop.file)
  })
  afterEach(async () => {
    await remote.close()
    shop.close()
  })

  test('COMMIT with a reader in its way is rolled back and tried again, and is never unknown', async () => {
    const id = shop.newOrder()
    await remote.run('begin')
    await remote.run('select count(*) from orders')
    const runs: number[] = []
    const result = await claims.claimOnce(id, {
      timeoutMs: 400,
      script: (_order, { attempt }) => {
        runs.push(attempt)
        return book(id)
      },
    })
    expect(result).toMatchObject({ outcome: 'busy', reply: 'call_again' })
    expect(runs.length).toBeGreaterThan(1)
    await remote.run('commit')
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)

    expect(await claims.claimOnce(id, { script: () => book(id) })).toMatchObject({ outcome: 'claimed' })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  test('a bare claim with a reader in its way leaves nothing, and is tried again', async () => {
    const id = shop.newOrder()
    await remote.run('begin')
    await remote.run('select count(*) from orders')
    expect(await claims.claimOnce(id, { timeoutMs: 400 })).toMatchObject({ outcome: 'busy' })
    expect(shop.state(id)).toEqual(WAITS)
    const { result } = await ticksWhile(() => claims.claimOnce(id, { timeoutMs: 20_000 }), {
      afterTicks: 5,
      act: () => remote.run('commit'),
    })
    expect(result.outcome).toBe('claimed')
    expect(shop.state(id)).toEqual(CLAIMED_BARE)
  })

  test('a claim waits for a writer that keeps readers out', async () => {
    const id = shop.newOrder()
    await claims.claimOnce(shop.newOrder()) // the table is described
    await remote.run('begin exclusive')
    const { result, longestPauseMs } = await ticksWhile(
      () => claims.claimOnce(id, { strategy: 'optimistic', timeoutMs: 20_000 }),
      { afterTicks: 20, act: () => remote.run('commit') },
    )
    expect(result.outcome).toBe('claimed')
    expect(longestPauseMs).toBeLessThan(2000)
    expect(shop.state(id)).toEqual(CLAIMED_BARE)
  })

  test('the first use waits for such a writer, too', async () => {
    const id = shop.newOrder()
    await remote.run('begin exclusive')
    const { result, longestPauseMs } = await ticksWhile(() => claims.claimOnce(id, { timeoutMs: 20_000 }), {
      afterTicks: 20,
      act: () => remote.run('commit'),
    })
    expect(result.outcome).toBe('claimed')
    expect(longestPauseMs).toBeLessThan(2000)
    expect(shop.state(id)).toEqual(CLAIMED_BARE)
  })
})
