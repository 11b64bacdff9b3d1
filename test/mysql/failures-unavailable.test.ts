import { describe, expect, it } from 'vitest'
import { freePort } from '../support/servers/free-port.ts'
import { connectionOf, openClient } from './support/client.ts'
import { ordersOf } from './support/orders.ts'
import { openProxy } from '../support/mysql-proxy.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf, until } from './support/wait.ts'

const UNAVAILABLE = { code: 'CLAIM_UNAVAILABLE', reply: 'call_again' }

describe('a server that is not there', () => {
  onEveryClient((setting) => {
    it('is unavailable', async () => {
      const nowhere = new URL(setting.shop.url)
      nowhere.port = String(await freePort())
      const client = openClient(setting.kind, nowhere.href)
      expect(await failureOf(ordersOf(client).claimOnce(1))).toMatchObject(UNAVAILABLE)
      await client.end()
    })

    it('any more is unavailable, and when it is back the next call claims', async () => {
      const { shop, kind } = setting
      const proxy = await openProxy(shop.url)
      const client = openClient(kind, proxy.url)
      const orders = ordersOf(client, { timeoutMs: 3000 })
      const id = await shop.newOrder()
      expect(await orders.claimOnce(0)).toMatchObject({ outcome: 'not_found' })
      const { port } = new URL(proxy.url)
      await proxy.open(false)
      await until('the pool has noticed', () => client.threads().length === 0)
      expect(await failureOf(orders.claimOnce(id))).toMatchObject(UNAVAILABLE)
      expect(await shop.statusOf(id)).toBe('Wait')
      await proxy.open(true)
      expect(new URL(proxy.url).port).toBe(port)
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      await client.end()
      await proxy.close()
    })
  })
})

describe('a pool that gives no connection', () => {
  onEveryClient((setting) => {
    it('is unavailable when timeoutMs is over, and the connection that comes too late goes back', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1 })
      const orders = ordersOf(client)
      await orders.claimOnce(0)
      const id = await shop.newOrder()
      const taken = await connectionOf(client.core)
      const start = performance.now()
      expect(await failureOf(orders.claimOnce(id, { timeoutMs: 300 }))).toMatchObject(UNAVAILABLE)
      expect(performance.now() - start).toBeLessThan(1500)
      expect(await shop.statusOf(id)).toBe('Wait')
      taken.release()
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      expect(client.threads()).toEqual([taken.threadId])
      await client.end()
    })

    it('is aborted when the caller gives up meanwhile', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1 })
      const orders = ordersOf(client)
      await orders.claimOnce(0)
      const id = await shop.newOrder()
      const taken = await connectionOf(client.core)
      const caller = new AbortController()
      const claim = failureOf(orders.claimOnce(id, { signal: caller.signal }))
      caller.abort()
      expect(await claim).toMatchObject({ code: 'CLAIM_ABORTED' })
      taken.release()
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      await client.end()
    })

    it('because its queue is full is unavailable at once', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1, queueLimit: 1 })
      const orders = ordersOf(client, { retries: 0 })
      await orders.claimOnce(0)
      const id = await shop.newOrder()
      const taken = await connectionOf(client.core)
      const queued = connectionOf(client.core)
      expect(await failureOf(orders.claimOnce(id))).toMatchObject(UNAVAILABLE)
      taken.release()
      ;(await queued).release()
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      await client.end()
    })

    it('because it was closed is unavailable', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url)
      const orders = ordersOf(client)
      await orders.claimOnce(0)
      const id = await shop.newOrder()
      await client.end()
      expect(await failureOf(orders.claimOnce(id))).toMatchObject(UNAVAILABLE)
      expect(await failureOf(ordersOf(client).claimOnce(id))).toMatchObject(UNAVAILABLE)
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })
})
