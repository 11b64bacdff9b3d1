import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRemote } from './support/remote.ts'
import { expectNoUnhandledRejection } from './support/rejections.ts'
import { BOOKED_ONCE, CLAIMED_BARE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

expectNoUnhandledRejection()

const STRATEGIES = ['optimistic', 'conditional', 'pessimistic'] as const

describe.each(WAYS)("in the caller's transaction, $name", (way) => {
  let shop: ShopFile
  let claims: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    claims = way.open(shop.file)
  })
  afterEach(() => shop.close())

  test.each(STRATEGIES)('a claim is committed with it: %s', async (strategy) => {
    const id = shop.newOrder()
    const result = await claims.transaction(async (tx) => {
      const claimed = await claims.claimOnce(id, { transaction: tx, strategy })
      await claims.query(tx, ['insert into ledger (order_id, amount) values (?, 42)', id])
      expect(shop.state(id)).toEqual(WAITS)
      return claimed
    })
    expect(result).toMatchObject({ outcome: 'claimed', provisional: true })
    const [row] = shop.run('select claim_token from orders where order_id = ?', id)
    expect(result).toMatchObject({ token: row!['claim_token'] })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test.each(STRATEGIES)('a claim is rolled back with it: %s', async (strategy) => {
    const id = shop.newOrder()
    const fails = claims.transaction(async (tx) => {
      expect(await claims.claimOnce(id, { transaction: tx, strategy })).toMatchObject({ outcome: 'claimed' })
      throw new Error('The card was stolen.')
    })
    await expect(fails).rejects.toThrow('The card was stolen.')
    expect(shop.state(id)).toEqual(WAITS)
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'claimed', provisional: false })
  })

  test('every other outcome is provisional too, and sees what the transaction did', async () => {
    const [id, cancelled] = [shop.newOrder(), shop.newOrder({ status: 'Cancelled' })]
    await claims.transaction(async (tx) => {
      expect(await claims.claimOnce(id, { transaction: tx, expect: { amount: '43.00' } })).toMatchObject({
        outcome: 'mismatch',
        provisional: true,
        columns: [{ column: 'amount', expected: '43.00', actual: '42' }],
      })
      expect(await claims.claimOnce(id, { transaction: tx })).toMatchObject({ outcome: 'claimed' })
      expect(await claims.claimOnce(id, { transaction: tx })).toMatchObject({ outcome: 'duplicate', provisional: true })
      expect(await claims.claimOnce(cancelled, { transaction: tx })).toMatchObject({
        outcome: 'wrong_status',
        status: 'Cancelled',
        provisional: true,
      })
      expect(await claims.claimOnce(999, { transaction: tx })).toMatchObject({
        outcome: 'not_found',
        provisional: true,
      })
      expect(await claims.reset(id, { transaction: tx })).toEqual({ outcome: 'reset' })
      expect(await claims.claimOnce(id, { transaction: tx })).toMatchObject({ outcome: 'claimed' })
    })
    expect(shop.state(id)).toEqual({ ...CLAIMED_BARE, version: 3 })
  })

  test('a lock that another process holds makes it lost, and not busy', async () => {
    const id = shop.newOrder()
    const remote = await openRemote(shop.file, way.driver)
    await claims.claimOnce(shop.newOrder()) // the table is described
    const fails = claims.transaction(async (tx) => {
      await claims.query(tx, ['pragma busy_timeout = 0']) // the wait of the caller's own connection is his
      await remote.run('begin immediate')
      return await claims.claimOnce(id, { transaction: tx })
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST', reply: 'call_again' })
    await remote.close()
    expect(shop.state(id)).toEqual(WAITS)
  })

  test('a handle without a transaction is refused', async () => {
    const id = shop.newOrder()
    let kept: unknown
    await claims.transaction(async (tx) => (kept = tx))
    if (way.name.startsWith('kysely')) kept = {}
    await expect(claims.claimOnce(id, { transaction: 7 })).rejects.toBeInstanceOf(Error)
    await expect(claims.claimOnce(id, { transaction: kept })).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
    expect(shop.state(id)).toEqual(WAITS)
  })

  test.each(['first use', 'later use'])(
    'a claim that the caller did not wait for is never made outside of the transaction: %s',
    async (use) => {
      const id = shop.newOrder()
      if (use === 'later use') await claims.claimOnce(shop.newOrder())
      let pending: Promise<unknown> = Promise.resolve()
      const fails = claims.transaction(async (tx) => {
        pending = claims.claimOnce(id, { transaction: tx }).catch((error: unknown) => error)
        throw new Error('rolled back')
      })
      await expect(fails).rejects.toThrow('rolled back')
      await pending
      expect(shop.state(id)).toEqual(WAITS)
    },
  )
})
