import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { ordersOf } from './support/orders.ts'
import { openProxy } from '../support/mysql-proxy.ts'
import type { Proxy } from '../support/mysql-proxy.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf, until } from './support/wait.ts'

const UNKNOWN = { code: 'CLAIM_UNKNOWN', reply: 'call_again' }
const COMMIT = /^commit$/i
const UPDATE = /(?:^|\n)update `orders`/

describe('a line that breaks', () => {
  onEveryClient((setting) => {
    let proxy: Proxy
    let client: Client
    beforeAll(async () => {
      proxy = await openProxy(setting.shop.url)
      client = openClient(setting.kind, proxy.url)
      await ordersOf(client).claimOnce(0)
    })
    afterAll(async () => {
      await client.end().catch(() => {})
      await proxy.close()
    })
    const commits = (): number => proxy.statements.filter((sql) => COMMIT.test(sql)).length

    it('before COMMIT arrives: unknown; the server has rolled back, and the next call claims', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const before = commits()
      proxy.arm(COMMIT, 'cut before')
      const claim = ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
      expect(await failureOf(claim)).toMatchObject(UNKNOWN)
      expect(commits()).toBe(before + 1)
      await until('the server has rolled back', async () => {
        return (await shop.run('select 1 from orders where order_id = ? for update skip locked', [id])).length === 1
      })
      expect(await found(shop, id)).toEqual(UNDONE)
      expect(await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })).toMatchObject({
        outcome: 'claimed',
      })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('before the answer to COMMIT: unknown; claim and effect stand, and the next call is a duplicate', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const before = commits()
      proxy.arm(COMMIT, 'cut after')
      const claim = ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
      expect(await failureOf(claim)).toMatchObject(UNKNOWN)
      expect(commits()).toBe(before + 1)
      expect(await found(shop, id)).toEqual(ONCE)
      expect(await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })).toMatchObject({
        outcome: 'duplicate',
      })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('in silence, until the time is over: unknown, and the connection is closed', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      proxy.arm(COMMIT, 'no answer')
      let thread = 0
      const claim = ordersOf(client).claimOnce(id, {
        timeoutMs: 500,
        effect: async (tx) => {
          thread = Number((await tx.run('select connection_id() as id'))[0]?.['id'])
          await recharge(tx, id)
        },
      })
      expect(await failureOf(claim)).toMatchObject(UNKNOWN)
      expect(client.threads()).not.toContain(thread)
      expect(await found(shop, id)).toEqual(ONCE)
      expect(await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })).toMatchObject({
        outcome: 'duplicate',
      })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('in silence, until the caller gives up: unknown', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const caller = new AbortController()
      proxy.arm(COMMIT, 'no answer')
      const before = commits()
      const claim = failureOf(
        ordersOf(client).claimOnce(id, { signal: caller.signal, effect: (tx) => recharge(tx, id) }),
      )
      await until('COMMIT was sent', () => commits() > before)
      caller.abort()
      expect(await claim).toMatchObject(UNKNOWN)
      await until('the server has committed', async () => (await shop.statusOf(id)) === 'Y')
      expect(await found(shop, id)).toEqual(ONCE)
    })

    for (const strategy of ['conditional', 'optimistic', 'pessimistic'] as const) {
      it(`before the answer to the claiming UPDATE: unknown, whatever became of it (${strategy})`, async () => {
        const { shop } = setting
        const id = await shop.newOrder()
        proxy.arm(UPDATE, 'cut after')
        const error = await failureOf(ordersOf(client).claimOnce(id, { strategy }))
        expect(error).toMatchObject(UNKNOWN)
        // A bare claim of mysql2 is one statement that commits itself. In a transaction it is rolled back.
        const alone = setting.kind !== 'kysely' && strategy !== 'pessimistic'
        const next = await ordersOf(client).claimOnce(id)
        expect(next).toMatchObject({ outcome: alone ? 'duplicate' : 'claimed' })
        expect(await shop.statusOf(id)).toBe('Y')
      })
    }

    it('before anything was claimed: tried again on another connection', async () => {
      const { shop } = setting
      const orders = ordersOf(client)
      for (const [strategy, pattern] of [
        ['pessimistic', /^start transaction$/],
        ['pessimistic', /for update$/],
        ['optimistic', /lock in share mode$/],
      ] as const) {
        for (const fate of ['cut before', 'cut after'] as const) {
          const id = await shop.newOrder()
          proxy.arm(pattern, fate)
          expect(await orders.claimOnce(id, { strategy }), `${String(pattern)} ${fate}`).toMatchObject({
            outcome: 'claimed',
          })
          expect(await shop.statusOf(id)).toBe('Y')
        }
      }
    })

    it('after the claim, in the read for the effect: tried again, the effect runs once', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      let runs = 0
      proxy.arm(/select `account_id`/, 'cut after')
      const result = await ordersOf(client).claimOnce(id, {
        read: ['account_id'],
        effect: async (tx) => {
          runs += 1
          await recharge(tx, id)
        },
      })
      expect(result).toMatchObject({ outcome: 'claimed' })
      expect(runs).toBe(1)
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('inside the effect: its error comes out, the order waits', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      proxy.arm(/insert into ledger/, 'cut after')
      const claim = ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
      expect(await failureOf(claim)).toBeInstanceOf(Error)
      expect(await found(shop, id)).toEqual(UNDONE)
      expect(await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })).toMatchObject({
        outcome: 'claimed',
      })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('inside the effect, which swallows that: never claimed', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      proxy.arm(/insert into ledger/, 'cut after')
      const claim = ordersOf(client).claimOnce(id, {
        effect: async (tx) => {
          await recharge(tx, id).catch(() => {})
          return 'recharged'
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      expect(await found(shop, id)).toEqual(UNDONE)
    })
  })
})
