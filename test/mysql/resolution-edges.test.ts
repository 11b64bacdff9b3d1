import { describe, expect, it } from 'vitest'
import { found, ONCE } from './support/balances.ts'
import { openClient } from './support/client.ts'
import type { Tx } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { openHolder } from './support/holder.ts'
import { leasedOrder } from './support/lease-shop.ts'
import { ordersOf } from './support/orders.ts'
import { COMMIT, onProxiedClient, unknownOf } from './support/proxied.ts'
import { failureOf } from './support/wait.ts'

const RECOVERED = { outcome: 'claimed', reply: 'handled', recovered: true }
const UNKNOWN = { code: 'CLAIM_UNKNOWN', reply: 'call_again' }
/** A table that keeps no tokens. */
const TOKENLESS = { columns: { id: 'order_id', status: 'status' }, states: { waiting: 'Wait', claimed: 'Y' } } as const

describe('resolve() where nobody can be asked', () => {
  onProxiedClient((setting) => {
    it('in a process that does not know the table yet: still unknown, and found out later', async () => {
      const { shop, proxy, kind } = setting
      const id = await shop.newOrder()
      const effect = (tx: Tx): Promise<void> => recharge(tx, id)
      proxy.arm(COMMIT, 'cut after')
      const { pending } = await unknownOf(setting.orders().claimOnce(id, { effect }))
      const elsewhere = setting.orders()
      const aborted = await unknownOf(elsewhere.resolve(pending, { effect, signal: AbortSignal.abort() }))
      expect(aborted).toMatchObject(UNKNOWN)
      const dead = openClient(kind, 'mysql://nobody:nothing@127.0.0.1:1/none')
      const away = await unknownOf(ordersOf(dead).resolve(pending, { effect }))
      expect(away).toMatchObject(UNKNOWN)
      await dead.end()
      expect(await elsewhere.resolve(away.pending, { effect })).toMatchObject(RECOVERED)
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('in less time than is configured for a lock: the wait for it is cut', async () => {
      const { shop, proxy } = setting
      const orders = setting.orders({ lockTimeoutMs: 3000 })
      const id = await shop.newOrder()
      proxy.arm(COMMIT, 'cut after')
      const error = await unknownOf(orders.claimOnce(id, { effect: (tx) => recharge(tx, id) }))
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const startedAt = performance.now()
      await unknownOf(error.resolve({ timeoutMs: 800 }))
      expect(performance.now() - startedAt).toBeLessThan(2500)
      await holder.rollback()
      expect(await error.resolve({ timeoutMs: 800 })).toMatchObject(RECOVERED)
    })

    it("in the caller's own transaction: for as long as it is told", async () => {
      const { shop, proxy, client } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      proxy.arm(COMMIT, 'cut after')
      const { pending } = await unknownOf(orders.claimOnce(id, { effect: (tx) => recharge(tx, id) }))
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const startedAt = performance.now()
      const transaction = client.transaction(async (tx) => {
        const options = { transaction: tx, timeoutMs: 700, lockTimeoutMs: 'server' } as const
        const late = await failureOf(orders.resolve(pending, options))
        const elapsedMs = performance.now() - startedAt
        await holder.rollback()
        expect(late).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
        expect(elapsedMs).toBeLessThan(5000)
      })
      await transaction
    })
  })
})

describe('resolve() of a claim that had no token', () => {
  onProxiedClient((setting) => {
    it('never says "duplicate" of what may be its own, in a transaction of the caller neither', async () => {
      const { shop, proxy, client, bareClaim } = setting
      const orders = ordersOf(client, TOKENLESS)
      const id = await shop.newOrder()
      proxy.arm(bareClaim, 'cut after')
      const { pending } = await unknownOf(orders.claimOnce(id))
      expect(await shop.statusOf(id)).toBe('Y')
      expect(await failureOf(orders.resolve(pending))).toMatchObject(UNKNOWN)
      const joined = client.transaction((tx) => orders.resolve(pending, { transaction: tx }))
      expect(await failureOf(joined)).toMatchObject(UNKNOWN)
    })

    it('when the table keeps tokens by now: claimed with one where it waits, else unknown', async () => {
      const { shop, proxy, client, bareClaim } = setting
      const before = ordersOf(client, TOKENLESS)
      const after = setting.orders()
      const waiting = await shop.newOrder()
      proxy.arm(bareClaim, 'cut before')
      const one = await unknownOf(before.claimOnce(waiting))
      expect(await after.resolve(one.pending)).toMatchObject({ outcome: 'claimed', recovered: false })
      expect((await leasedOrder(shop, waiting)).token).toMatch(/^[\da-f-]{36}$/)
      const claimed = await shop.newOrder()
      proxy.arm(bareClaim, 'cut after')
      const other = await unknownOf(before.claimOnce(claimed))
      expect(await failureOf(after.resolve(other.pending))).toMatchObject(UNKNOWN)
    })
  })
})
