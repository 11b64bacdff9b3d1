import { describe, expect, it } from 'vitest'
import { lockWaiter, openHolder } from './support/holder.ts'
import { heldWork } from '../support/held-work.ts'
import { onLeaseShop, withColumn } from './support/lease-setting.ts'
import { ORDERS } from '../support/orders.ts'
import { leasedOrder, letLeaseRunOut } from './support/lease-shop.ts'
import { failureOf, until } from './support/wait.ts'

const LEASE_MS = 30_000
const CLAIMED = { outcome: 'claimed', reply: 'handled' }
const refuse = (): never => {
  throw new Error('not now')
}

/** Until so much time has passed: for what a lease does by itself. */
const passed = (ms: number): Promise<boolean> => {
  const end = performance.now() + ms
  return until(`${ms} ms have passed`, () => performance.now() > end)
}

describe('an order is not left hanging', () => {
  onLeaseShop((setting) => {
    it('a lease that is over, of an order that is not the one that was paid for: a mismatch at once', async () => {
      const { shop, events } = setting
      const orders = setting.orders({ timeoutMs: 1500 })
      const id = await shop.newOrder()
      const first = heldWork()
      const late = orders.leaseOnce(id, { leaseMs: LEASE_MS, expect: { amount: '42.00' }, work: first.work })
      await first.context
      await letLeaseRunOut(shop, id)
      const before = events.length
      const work = (): string => 'taken over'
      expect(await orders.leaseOnce(id, { leaseMs: LEASE_MS, expect: { amount: '43.00' }, work })).toEqual({
        outcome: 'mismatch',
        reply: 'review',
        columns: [{ column: 'amount', expected: '43.00', actual: '42.00' }],
        provisional: false,
      })
      expect(events.slice(before).map(({ type }) => type)).toEqual(['outcome'])
      // Nothing was taken over.
      first.end(null)
      expect(await late).toMatchObject({ ...CLAIMED, attempt: 1 })
    })

    it('moves that failed are no attempts, and claims that failed do not keep the work from being begun', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const moved = await shop.newOrder()
      const failed = await shop.newOrder()
      for (let call = 0; call < 10; call += 1) {
        await failureOf(orders.moveOnce(moved, { to: 'Expired', effect: refuse }))
        await failureOf(orders.claimOnce(failed, { effect: refuse }))
      }
      expect(await leasedOrder(shop, moved)).toMatchObject({ status: 'Wait', attempts: 0, lastError: null })
      expect(await leasedOrder(shop, failed)).toMatchObject({ status: 'Wait', attempts: 10 })
      for (const id of [moved, failed]) {
        const done = await orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'paid out' })
        expect(done).toMatchObject({ ...CLAIMED, value: 'paid out' })
      }
    })

    it('one that has failed is put back by reset(), with all its attempts before it, in a transaction too', async () => {
      const { shop, client } = setting
      const orders = setting.orders()
      for (const joined of [false, true]) {
        const id = await shop.newOrder()
        await failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, maxAttempts: 1, work: refuse }))
        expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Failed', attempts: 1 })
        const reset = joined ? client.transaction((tx) => orders.reset(id, { transaction: tx })) : orders.reset(id)
        expect(await reset).toEqual({ outcome: 'reset' })
        expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait', attempts: 0, lastError: null })
        const again = orders.leaseOnce(id, { leaseMs: LEASE_MS, maxAttempts: 1, work: () => 'fine now' })
        expect(await again).toMatchObject({ ...CLAIMED, attempt: 1 })
      }
    })

    it("one whose work failed by another order's lease is given back, whatever became of that one", async () => {
      const { shop } = setting
      const orders = setting.orders()
      const outer = await shop.newOrder()
      const inner = await shop.newOrder()
      const work = (): Promise<unknown> =>
        orders.leaseOnce(inner, { leaseMs: LEASE_MS, workTimeoutMs: 50, work: heldWork().work })
      expect(await failureOf(orders.leaseOnce(outer, { leaseMs: LEASE_MS, work }))).toMatchObject({
        code: 'CLAIM_TIMEOUT',
      })
      expect(await leasedOrder(shop, inner)).toMatchObject({ status: 'Working' })
      const { status, lastError } = await leasedOrder(shop, outer)
      expect(status).toBe('Wait')
      expect(lastError).toContain('workTimeoutMs')
    })

    it('one whose lease took long to get begins its work with a whole lease before it', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? for update', [id])
      const during = heldWork()
      const leased = orders.leaseOnce(id, { leaseMs: 600, work: during.work })
      await lockWaiter(shop)
      await passed(900)
      await holder.rollback()
      const { signal } = await during.context
      await passed(700)
      expect(signal.aborted).toBe(false)
      during.end('in time')
      expect(await leased).toMatchObject({ ...CLAIMED, value: 'in time' })
    })

    it('one that is given back keeps no payment: the one that pays it is no second payment', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      await failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, paymentId: 'P1', work: refuse }))
      expect(await shop.run('select gateway_txn from orders where order_id = ?', [id])).toEqual([{ gateway_txn: null }])
      expect(await orders.claimOnce(id)).toMatchObject(CLAIMED)
      expect(await orders.claimOnce(id, { paymentId: 'P2' })).toMatchObject({ outcome: 'duplicate' })
    })

    it('one whose work was given up says so as soon as it is taken over', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      await failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, workTimeoutMs: 50, work: heldWork().work }))
      await letLeaseRunOut(shop, id)
      const during = heldWork()
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work })
      await during.context
      expect((await leasedOrder(shop, id)).lastError).toBe('The lease before ran out, and nobody had ended it.')
      during.end(null)
      await leased
    })

    it('the number of the attempt has a name that no column has', async () => {
      const { shop } = setting
      const there = await shop.run("show columns from orders like 'claim_attempts'")
      if (there.length === 0) await shop.run('alter table orders add column claim_attempts int not null default 7')
      const orders = setting.orders({ columns: { ...ORDERS.leases.columns, attempts: 'claim_attempts' } })
      const id = await shop.newOrder()
      const work = (order: unknown, { attempt }: { attempt: number }): unknown => ({ order, attempt })
      const done = await orders.leaseOnce(id, { leaseMs: LEASE_MS, read: ['claim_attempts'], work })
      expect(done).toMatchObject({ ...CLAIMED, value: { order: { claim_attempts: 8 }, attempt: 8 } })
    })
  })
})

describe('a lease that is renewed within a second, in a column of whole seconds, where only changed rows are counted', () => {
  onLeaseShop(
    (setting) => {
      it('is not lost', async () => {
        const { shop, events } = setting
        await withColumn(shop, 'lease_until', 'bigint null', async () => {
          const orders = setting.orders()
          const id = await shop.newOrder()
          const during = heldWork()
          const leased = orders.leaseOnce(id, { leaseMs: 900, work: during.work })
          const { signal } = await during.context
          await passed(1500)
          expect(signal.aborted).toBe(false)
          during.end(null)
          expect(await leased).toMatchObject(CLAIMED)
          expect(events.some(({ type }) => type === 'lease_lost')).toBe(false)
        })
      })
    },
    { flags: ['-FOUND_ROWS'] },
  )
})
