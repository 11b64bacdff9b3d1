import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRemote } from './support/remote.ts'
import type { Remote } from './support/remote.ts'
import { book } from './support/script.ts'
import { BOOKED_ONCE, CLAIMED_BARE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { ticksWhile } from './support/ticks.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

describe.each(WAYS)('$name', (way) => {
  let shop: ShopFile
  let remote: Remote
  let claims: OpenWay

  beforeEach(async () => {
    shop = createShopFile(way.driver)
    remote = await openRemote(shop.file, way.driver)
    claims = way.open(shop.file)
    await claims.claimOnce(shop.newOrder({ status: 'Y' })) // the table is described
  })
  afterEach(async () => {
    await remote.close()
    shop.close()
  })

  test.each(['bare', 'with an effect'])(
    'the event loop turns while another process has the file locked, and then the order is claimed: %s',
    async (kind) => {
      const id = shop.newOrder()
      await remote.run('begin immediate')
      const { result, longestPauseMs } = await ticksWhile(
        () => claims.claimOnce(id, { timeoutMs: 20_000, ...(kind === 'bare' ? {} : { script: () => book(id) }) }),
        { afterTicks: 20, act: () => remote.run('commit') },
      )
      expect(result.outcome).toBe('claimed')
      expect(longestPauseMs).toBeLessThan(2000)
      expect(shop.state(id)).toEqual(kind === 'bare' ? CLAIMED_BARE : BOOKED_ONCE)
    },
  )

  test('a file that stays locked makes the claim busy when its time is over, and the order waits', async () => {
    const id = shop.newOrder()
    await remote.run('begin immediate')
    const { result, longestPauseMs, ticks } = await ticksWhile(() =>
      claims.claimOnce(id, { timeoutMs: 600, script: () => book(id) }),
    )
    expect(result).toMatchObject({ outcome: 'busy', reply: 'call_again' })
    expect(ticks).toBeGreaterThan(10)
    expect(longestPauseMs).toBeLessThan(2000)
    await remote.run('rollback')
    expect(shop.state(id)).toEqual(WAITS)
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    expect(shop.balance()).toBe(0)
  })

  test('lockTimeoutMs: 0 answers busy at once on a locked file, long before timeoutMs', async () => {
    const id = shop.newOrder()
    await remote.run('begin immediate')
    const startedAt = performance.now()
    expect(await claims.claimOnce(id, { timeoutMs: 3000, lockTimeoutMs: 0 })).toMatchObject({ outcome: 'busy' })
    expect(performance.now() - startedAt).toBeLessThan(1500)
    expect(shop.state(id)).toEqual(WAITS)
  })

  test('a locked file is waited for through most of timeoutMs, not less than the wait for a lock by default', async () => {
    const id = shop.newOrder()
    await remote.run('begin immediate')
    const startedAt = performance.now()
    expect(await claims.claimOnce(id, { timeoutMs: 2000 })).toMatchObject({ outcome: 'busy' })
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990)
  })

  test('time that runs out between two tries, while the event loop is held, is busy as well', async () => {
    const id = shop.newOrder()
    await remote.run('begin immediate')
    let blocked = false
    const blocking = claims.configured({
      onEvent({ type }) {
        if (type !== 'retry' || blocked) return
        blocked = true
        setImmediate(() => {
          const end = performance.now() + 400
          while (performance.now() < end);
        })
      },
    })
    expect(await blocking.claimOnce(id, { timeoutMs: 300 })).toMatchObject({ outcome: 'busy' })
    expect(blocked).toBe(true)
  })

  test('a deferred transaction that has read is refused the write at once when another process wrote meanwhile', async () => {
    const id = shop.newOrder()
    const other = shop.newOrder()
    const startedAt = performance.now()
    const failed = claims.transaction(async (tx) => {
      await claims.query(tx, ['select * from orders'])
      await remote.run("update orders set note = 'read me' where order_id = ?", other)
      await claims.query(tx, ["update orders set status = 'Y' where order_id = ?", id])
    })
    await expect(failed).rejects.toMatchObject(
      way.driver === 'better-sqlite3' ? { code: 'SQLITE_BUSY_SNAPSHOT' } : { errcode: 517 },
    )
    expect(performance.now() - startedAt).toBeLessThan(3000) // the handle's own wait is five seconds
  })

  test("a stale snapshot of the caller's transaction is CLAIM_TRANSACTION_LOST, not an answer out of it", async () => {
    const id = shop.newOrder()
    const failed = claims.transaction(async (tx) => {
      expect(await claims.query(tx, ['select status from orders where order_id = ?', id])).toEqual([{ status: 'Wait' }])
      await remote.run("update orders set status = 'Refunded' where order_id = ?", id)
      return await claims.claimOnce(id, { transaction: tx })
    })
    await expect(failed).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
    expect(shop.state(id)).toMatchObject({ status: 'Refunded' })
  })

  test('delete … where 0 takes the write lock and changes nothing', async () => {
    const id = shop.newOrder()
    await claims.transaction(async (tx) => {
      await claims.query(tx, ['delete from orders where 0'])
      await remote.run('pragma busy_timeout = 0')
      await expect(remote.run('begin immediate')).rejects.toThrow(/locked/)
    })
    await remote.run('begin immediate')
    await remote.run('rollback')
    expect(shop.state(id)).toEqual(WAITS)
  })
})
