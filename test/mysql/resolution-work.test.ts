import { describe, expect, it } from 'vitest'
import { found, ONCE, UNDONE } from './support/balances.ts'
import type { Tx } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { lockWaiter, openHolder } from './support/holder.ts'
import { leasedOrder } from './support/lease-shop.ts'
import type { Orders } from './support/orders.ts'
import { COMMIT, onProxiedClient, UPDATE, unknownOf } from './support/proxied.ts'
import type { ProxiedSetting } from './support/proxied.ts'
import { failureOf, until } from './support/wait.ts'

const CLAIMED = { outcome: 'claimed', reply: 'handled', recovered: false }
const CONFLICT = "signal sqlstate '40001' set mysql_errno = 1213, message_text = 'Deadlock found'"

/** A claim in the caller's own transaction, with his work, whose COMMIT meets its fate; gives what resolves it. */
async function claimedInTransaction(
  { client, proxy }: ProxiedSetting,
  orders: Orders,
  id: number,
  fate: 'cut before' | 'cut after',
): Promise<string> {
  let pending: string | undefined
  await failureOf(
    client.transaction(async (tx) => {
      const result = await orders.claimOnce(id, { transaction: tx })
      if (result.outcome === 'claimed') pending = result.pending
      await recharge(tx, id)
      proxy.arm(COMMIT, fate)
    }),
  )
  if (pending === undefined) throw new Error('The claim has nothing that resolves it.')
  return pending
}

describe('what became of a claim is not found out without its work', () => {
  onProxiedClient((setting) => {
    it("a part of the caller's transaction: resolve() asks for the work, and then does it", async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const pending = await claimedInTransaction(setting, orders, id, 'cut before')
      expect(await failureOf(orders.resolve(pending))).toMatchObject({ code: 'CLAIM_INPUT', reply: 'review' })
      expect(await found(shop, id)).toEqual(UNDONE)
      expect(await orders.resolve(pending, { effect: (tx) => recharge(tx, id) })).toMatchObject(CLAIMED)
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('its work is done already: found out in another transaction, it is recovered, and not provisional', async () => {
      const { shop, client } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const pending = await claimedInTransaction(setting, orders, id, 'cut after')
      const result = await client.transaction((tx) => orders.resolve(pending, { transaction: tx }))
      expect(result).toMatchObject({ outcome: 'claimed', recovered: true, provisional: false })
      expect(result).not.toHaveProperty('token')
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('a bare claim is not given an effect, which would not run where it had been committed', async () => {
      const { shop, proxy, bareClaim } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      proxy.arm(bareClaim, 'cut after')
      const { pending } = await unknownOf(orders.claimOnce(id))
      const withEffect = orders.resolve(pending, { effect: (tx) => recharge(tx, id) })
      expect(await failureOf(withEffect)).toMatchObject({ code: 'CLAIM_INPUT' })
      expect(await orders.resolve(pending)).toMatchObject({ outcome: 'claimed', recovered: true })
      expect(await found(shop, id)).toEqual({ ...UNDONE, status: 'Y' })
    })
  })
})

describe('the effect of a claim that is found not to stand', () => {
  onProxiedClient((setting) => {
    it('is tried as often as retries say, and its own error is thrown', async () => {
      const { shop, proxy } = setting
      const orders = setting.orders({ resolveTimeoutMs: 1500, retries: 0 })
      const id = await shop.newOrder()
      let runs = 0
      proxy.arm(COMMIT, 'cut before')
      const effect = async (tx: Tx): Promise<void> => {
        runs += 1
        if (runs > 1) await tx.run(CONFLICT)
      }
      expect(await failureOf(orders.claimOnce(id, { effect }))).toMatchObject({ errno: 1213 })
      expect(runs).toBe(2)
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait', attempts: 1 })
    })

    it('has the time of a call, however short the time for the question is', async () => {
      const { shop, proxy } = setting
      const orders = setting.orders({ resolveTimeoutMs: 400 })
      const id = await shop.newOrder()
      let runs = 0
      proxy.arm(COMMIT, 'cut before')
      const effect = async (tx: Tx, _order: unknown, { signal }: { signal: AbortSignal }): Promise<boolean> => {
        runs += 1
        await recharge(tx, id)
        if (runs > 1) await tx.run('select sleep(0.8)')
        return signal.aborted
      }
      expect(await orders.claimOnce(id, { effect })).toMatchObject({ ...CLAIMED, value: false })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    /** The COMMIT is cut off; in the attempts that find that out the effect conflicts, after what is done `before`. */
    async function conflicting(before: () => void = () => {}) {
      const { shop, proxy } = setting
      const orders = setting.orders({ timeoutMs: 600, resolveTimeoutMs: 600, retries: 1000 })
      const id = await shop.newOrder()
      let runs = 0
      proxy.arm(COMMIT, 'cut before')
      const effect = async (tx: Tx): Promise<void> => {
        runs += 1
        if (runs === 1) return
        before()
        await tx.run(CONFLICT)
      }
      const startedAt = performance.now()
      const error = await failureOf(orders.claimOnce(id, { effect }))
      return { error, runs, tookMs: performance.now() - startedAt, order: await leasedOrder(shop, id) }
    }

    it('that conflicts until the time is over throws its error: the claim is known by then', async () => {
      const { error, tookMs, order } = await conflicting()
      expect(tookMs).toBeLessThan(5000)
      expect(error).not.toMatchObject({ code: 'CLAIM_UNKNOWN' })
      expect(order).toMatchObject({ status: 'Wait', attempts: 1 })
    })

    it('that conflicts, and is cut off in its next attempt, throws its error: that attempt had not come to its COMMIT', async () => {
      const { error, runs, order } = await conflicting(() => setting.proxy.arm(UPDATE, 'no answer'))
      expect(error).toMatchObject({ errno: 1213 })
      expect(runs).toBe(2)
      expect(order).toMatchObject({ status: 'Wait', attempts: 1 })
    })

    it('is not begun for a caller who has given up: CLAIM_ABORTED, and the order waits', async () => {
      const { shop } = setting
      const orders = setting.orders({ resolveTimeoutMs: 5000 })
      const id = await shop.newOrder()
      let runs = 0
      const caller = new AbortController()
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const effect = (tx: Tx): Promise<void> => {
        runs += 1
        return recharge(tx, id)
      }
      const late = failureOf(orders.claimOnce(id, { signal: caller.signal, effect }))
      const first = await lockWaiter(shop)
      caller.abort(new Error('hung up'))
      await lockWaiter(shop, first)
      await holder.rollback()
      expect(await late).toMatchObject({ code: 'CLAIM_ABORTED', reply: 'call_again', cause: { message: 'hung up' } })
      expect(runs).toBe(0)
      expect(await found(shop, id)).toEqual(UNDONE)
    })

    it('a bare claim of a caller who has given up is made all the same: its UPDATE may be on its way', async () => {
      const { shop } = setting
      const orders = setting.orders({ resolveTimeoutMs: 5000 })
      const id = await shop.newOrder()
      const caller = new AbortController()
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const claim = orders.claimOnce(id, { signal: caller.signal })
      const first = await lockWaiter(shop)
      caller.abort(new Error('hung up'))
      await lockWaiter(shop, first)
      await holder.rollback()
      expect(await claim).toMatchObject({ outcome: 'claimed' })
      expect(await shop.statusOf(id)).toBe('Y')
    })

    const failing = (): never => {
      throw new Error('the provider said no')
    }
    const noted = { status: 'Wait', attempts: 1, lastError: 'Error: the provider said no' }

    it('that fails in resolve() is noted beside the order', async () => {
      const { shop, proxy } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      proxy.arm(COMMIT, 'cut before')
      const { pending } = await unknownOf(orders.claimOnce(id, { effect: (tx) => recharge(tx, id) }))
      const error = await failureOf(orders.resolve(pending, { effect: failing }))
      expect(error).toMatchObject({ message: 'the provider said no' })
      await until('it is noted', async () => (await leasedOrder(shop, id)).attempts === 1)
      expect(await leasedOrder(shop, id)).toMatchObject(noted)
    })

    it('that fails in the call itself, after its UPDATE was lost, is noted too', async () => {
      const { shop, proxy } = setting
      const orders = setting.orders({ resolveTimeoutMs: 2000 })
      const id = await shop.newOrder()
      proxy.arm(UPDATE, 'cut before')
      const error = await failureOf(orders.claimOnce(id, { effect: failing }))
      expect(error).toMatchObject({ message: 'the provider said no' })
      expect(await leasedOrder(shop, id)).toMatchObject(noted)
    })
  })
})
