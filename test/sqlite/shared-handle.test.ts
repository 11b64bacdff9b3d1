import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { busyTimeoutOf, inTransaction } from './support/driver.ts'
import { openRemote } from './support/remote.ts'
import { book } from './support/script.ts'
import { BOOKED_ONCE, CLAIMED_BARE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { ticksWhile } from './support/ticks.ts'
import { SHARED, WAYS } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

describe.each(WAYS.filter((way) => way.shared || way.name.startsWith('kysely')))(
  "$name: the program's handle",
  (way) => {
    let shop: ShopFile
    let claims: OpenWay

    beforeEach(() => {
      shop = createShopFile(way.driver)
      claims = way.open(shop.file)
    })
    afterEach(() => shop.close())

    test('its wait for locks is what it was, after whatever outcome', async () => {
      const remote = await openRemote(shop.file, way.driver)
      const id = shop.newOrder()
      await claims.claimOnce(id, { script: () => book(id) })
      expect(busyTimeoutOf(claims.handle!)).toBe(5000)
      const fails = claims.claimOnce(shop.newOrder(), {
        script: () => {
          throw new Error('refused')
        },
      })
      await expect(fails).rejects.toThrow('refused')
      expect(busyTimeoutOf(claims.handle!)).toBe(5000)
      await remote.run('begin immediate')
      expect(await claims.claimOnce(id, { timeoutMs: 300, strategy: 'pessimistic' })).toMatchObject({
        outcome: 'busy',
      })
      expect(busyTimeoutOf(claims.handle!)).toBe(5000)
      await remote.close()
    })

    test('its wait for locks is what it was, also when several claims use the table for the first time at once', async () => {
      const ids = [shop.newOrder(), shop.newOrder(), shop.newOrder()]
      const tables = [claims, claims.configured({}), claims.configured({})]
      const results = await Promise.all(tables.map((table, index) => table.claimOnce(ids[index])))
      expect(results.map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed', 'claimed'])
      expect(busyTimeoutOf(claims.handle!)).toBe(5000)
    })

    test('it is open, and in no transaction, after every misuse', async () => {
      const id = shop.newOrder()
      const fails = claims.claimOnce(id, { effect: (tx) => claims.query(tx, ['rollback']) })
      await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
      expect(inTransaction(claims.handle!)).toBe(false)
      expect(busyTimeoutOf(claims.handle!)).toBe(5000)
      expect(await claims.claimOnce(id, { script: () => book(id) })).toMatchObject({ outcome: 'claimed' })
      expect(shop.state(id)).toEqual(BOOKED_ONCE)
    })
  },
)

describe.each(SHARED)('$name: other code on the handle', (way) => {
  let shop: ShopFile
  let claims: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    claims = way.open(shop.file)
  })
  afterEach(() => shop.close())

  test('meets its own wait for locks at every moment of a first use', async () => {
    const seen = new Set<number>()
    const claim = { over: false }
    const claiming = claims.claimOnce(shop.newOrder()).finally(() => (claim.over = true))
    while (!claim.over) {
      seen.add(busyTimeoutOf(claims.handle!))
      await Promise.resolve()
    }
    await claiming
    expect([...seen]).toEqual([5000])
  })

  test.each(['bare', 'with an effect'])('its open transaction is waited for, and is not joined: %s', async (kind) => {
    const id = shop.newOrder()
    await claims.claimOnce(shop.newOrder()) // the table is described
    claims.handle!.exec("begin; update orders set note = 'mine' where order_id = 1")
    const { result, ticks } = await ticksWhile(
      () => claims.claimOnce(id, { timeoutMs: 20_000, ...(kind === 'bare' ? {} : { script: () => book(id) }) }),
      { afterTicks: 10, act: async () => claims.handle!.exec('rollback') },
    )
    expect(result.outcome).toBe('claimed')
    expect(ticks).toBeGreaterThanOrEqual(10)
    expect(shop.state(id)).toEqual(kind === 'bare' ? CLAIMED_BARE : BOOKED_ONCE)
  })

  test('its transaction makes the claim busy when it stays open, and is not touched', async () => {
    const id = shop.newOrder()
    await claims.claimOnce(shop.newOrder()) // the table is described
    claims.handle!.exec("begin; update orders set note = 'mine' where order_id = 1")
    expect(await claims.claimOnce(id, { timeoutMs: 300, script: () => book(id) })).toMatchObject({ outcome: 'busy' })
    expect(inTransaction(claims.handle!)).toBe(true)
    claims.handle!.exec('commit')
    expect(shop.run('select note from orders where order_id = 1')).toMatchObject([{ note: 'mine' }])
    expect(shop.state(id)).toEqual(WAITS)
  })

  test('its open transaction is waited for by the first use, too', async () => {
    const id = shop.newOrder()
    claims.handle!.exec('begin')
    const { result } = await ticksWhile(() => claims.claimOnce(id, { timeoutMs: 20_000 }), {
      afterTicks: 10,
      act: async () => claims.handle!.exec('rollback'),
    })
    expect(result.outcome).toBe('claimed')
    expect(shop.state(id)).toEqual(CLAIMED_BARE)
  })
})
