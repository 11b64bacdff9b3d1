import { describe, expect, it } from 'vitest'
import type { ClaimEvent } from '../../src/index.ts'
import { beforeStatement } from './support/before-statement.ts'
import { openHolder } from './support/holder.ts'
import type { Holder } from './support/holder.ts'
import { heldWork } from '../support/held-work.ts'
import { eventsOf, onLeaseShop } from './support/lease-setting.ts'
import { leasedOrder, letLeaseRunOut } from './support/lease-shop.ts'
import { COMMIT, onProxiedClient } from './support/proxied.ts'
import { failureOf } from './support/wait.ts'

const LEASE_MS = 30_000
const TAKES = /set `status` = [\s\S]*`lease_until` = /
const RENEWS = /set `lease_until` = /
const refuse = (): never => {
  throw new Error('not now')
}

/** What could not be written beside an order. */
const notNoted = (events: readonly ClaimEvent[], id: number): unknown[] =>
  events.flatMap((event) => (event.type === 'failure_not_noted' && event.orderId === id ? [event.error] : []))

describe('the end of a lease', () => {
  onProxiedClient((setting) => {
    it('is not disturbed by renewals: none is sent while it is written down', async () => {
      const { shop, proxy, events } = setting
      const orders = setting.orders()
      for (const fails of [false, true]) {
        const id = await shop.newOrder()
        const renewals: number[] = []
        const seen = (): number => renewals.push(proxy.statements.filter((sql) => RENEWS.test(sql)).length)
        const during: AbortSignal[] = []
        const leased = orders.leaseOnce(id, {
          leaseMs: 300,
          work: (_order, { signal }) => void during.push(signal),
          effect: async (tx) => {
            seen()
            await tx.run('select sleep(0.6)')
            seen()
            if (fails) refuse()
          },
        })
        if (fails) expect(await failureOf(leased)).toMatchObject({ message: 'not now' })
        else expect(await leased).toMatchObject({ outcome: 'claimed' })
        expect(renewals[1]).toBe(renewals[0])
        expect(during[0]?.aborted).toBe(false)
        expect(eventsOf(events, id)).not.toContain('lease_lost')
        expect(eventsOf(events, id)).not.toContain('renewal_failed')
        expect(await shop.statusOf(id)).toBe(fails ? 'Wait' : 'Y')
      }
    })
  })

  onProxiedClient((setting) => {
    it('that was taken over as often as it may be is for good, also where the answer to the takeover was lost', async () => {
      const { shop, proxy } = setting
      const id = await shop.newOrder()
      const options = { leaseMs: LEASE_MS, maxAttempts: 1 }
      const orders = setting.orders({ resolveTimeoutMs: 5000 })
      const first = heldWork()
      const late = failureOf(orders.leaseOnce(id, { ...options, work: first.work }))
      await first.context
      await letLeaseRunOut(shop, id)
      proxy.arm(COMMIT, 'cut after')
      const next = await orders.leaseOnce(id, { ...options, work: refuse })
      expect(next).toMatchObject({ outcome: 'wrong_status', status: 'Failed' })
      expect(await shop.statusOf(id)).toBe('Failed')
      first.end(null)
      expect(await late).toMatchObject({ code: 'CLAIM_LOST' })
    })
  })

  onLeaseShop((setting) => {
    /** Claims that meet somebody who locks the order, just before they send what matches. */
    const meeting = (pattern: RegExp, id: number, holders: Holder[]): ReturnType<typeof setting.orders> => {
      const lock = async (): Promise<void> => {
        if (holders.length > 0) return
        const holder = await openHolder(setting.shop)
        holders.push(holder)
        await holder.run('select status from orders where order_id = ? for update', [id])
      }
      const adapter = beforeStatement(setting.client.adapter, pattern, lock)
      // MySQL waits for a lock for a second at least.
      return setting.orders({ adapter, timeoutMs: 2500 })
    }

    it('by work that failed: whether it may pass is not known where isRetryable() itself fails', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const isRetryable = (error: unknown): boolean => (error as { response: { status: number } }).response.status > 499
      const failed = setting.orders().leaseOnce(id, { leaseMs: LEASE_MS, isRetryable, work: refuse })
      expect(await failureOf(failed)).toMatchObject({ message: 'not now' })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait', lastError: 'Error: not now' })
    })

    it('that cannot be written down because somebody holds the order is told', async () => {
      const { shop, events } = setting
      const id = await shop.newOrder()
      const holders: Holder[] = []
      const orders = meeting(/`last_error` = /, id, holders)
      expect(await failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, work: refuse }))).toMatchObject({
        message: 'not now',
      })
      expect(notNoted(events, id)).toHaveLength(1)
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Working' })
      await holders[0]?.rollback()
    })

    it('for good is not answered where it could not be written down', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const first = heldWork()
      const options = { leaseMs: LEASE_MS, maxAttempts: 1 }
      const late = failureOf(setting.orders().leaseOnce(id, { ...options, work: first.work }))
      await first.context
      await letLeaseRunOut(shop, id)
      const holders: Holder[] = []
      const orders = meeting(/`lease_until` = null/, id, holders)
      expect(await orders.leaseOnce(id, { ...options, work: refuse })).toMatchObject({ outcome: 'busy' })
      expect(await shop.statusOf(id)).toBe('Working')
      await holders[0]?.rollback()
      first.end(null)
      expect(await late).toMatchObject({ code: 'CLAIM_LOST' })
    })

    it('whose reason the table refuses gives the order back without it', async () => {
      const { shop, events } = setting
      const id = await shop.newOrder()
      await shop.run("alter table orders add constraint no_reason check (last_error not like '%unspeakable%')")
      try {
        const work = (): Promise<never> => Promise.reject(new Error('the unspeakable'))
        const failed = setting.orders().leaseOnce(id, { leaseMs: LEASE_MS, work })
        expect(await failureOf(failed)).toMatchObject({ message: 'the unspeakable' })
        expect(notNoted(events, id)).toMatchObject([{ code: 'CLAIM_REJECTED' }])
        expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait', lastError: '' })
      } finally {
        await shop.run('alter table orders drop constraint no_reason')
      }
    })

    it('by an effect that failed while somebody else holds the order is told, when it is a claim', async () => {
      const { shop, events } = setting
      const id = await shop.newOrder()
      const holders: Holder[] = []
      const orders = meeting(/`last_error` = /, id, holders)
      expect(await failureOf(orders.claimOnce(id, { effect: refuse }))).toMatchObject({ message: 'not now' })
      expect(notNoted(events, id)).toHaveLength(1)
      await holders[0]?.rollback()
    })
  })
})

describe('a lease whose work is not begun', () => {
  onLeaseShop((setting) => {
    const never = { maxAttempts: 1, isRetryable: (): boolean => false, work: refuse }

    it('because the caller gave up meanwhile is given back, and has not failed', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const caller = new AbortController()
      const adapter = beforeStatement(setting.client.adapter, /^commit$/i, async () => caller.abort(new Error('gone')))
      const orders = setting.orders({ adapter, resolveTimeoutMs: 5000 })
      const late = orders.leaseOnce(id, { leaseMs: LEASE_MS, signal: caller.signal, ...never })
      expect(await failureOf(late)).toMatchObject({ code: 'CLAIM_ABORTED', reply: 'call_again' })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait', token: null, leaseMs: null })
    })

    it('because the caller gave up while it was renewed is given back, too', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const caller = new AbortController()
      const slow = beforeStatement(setting.client.adapter, TAKES, () => shop.run('select sleep(0.3)'))
      const adapter = beforeStatement(slow, RENEWS, async () => caller.abort(new Error('gone')))
      const orders = setting.orders({ adapter })
      const late = orders.leaseOnce(id, { leaseMs: 600, signal: caller.signal, ...never })
      expect(await failureOf(late)).toMatchObject({ code: 'CLAIM_ABORTED' })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait' })
    })

    it('because it could not be renewed says so by a code and a reply', async () => {
      const { shop, client, events } = setting
      const id = await shop.newOrder()
      const holders: Holder[] = []
      const lock = async (): Promise<void> => {
        const holder = await openHolder(shop)
        holders.push(holder)
        await holder.run('select status from orders where order_id = ? for update', [id])
      }
      const slow = beforeStatement(client.adapter, TAKES, () => shop.run('select sleep(0.3)'))
      const orders = setting.orders({ adapter: beforeStatement(slow, RENEWS, lock), timeoutMs: 1300 })
      const late = orders.leaseOnce(id, { leaseMs: 600, ...never })
      expect(await failureOf(late)).toMatchObject({ code: 'CLAIM_TIMEOUT', reply: 'call_again' })
      expect(eventsOf(events, id)).toContain('failure_not_noted')
      await holders[0]?.rollback()
    })

    it('because a listener of its events made the caller give up: the work is told at once', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const caller = new AbortController()
      const orders = setting.orders({
        adapter: client.adapter,
        onEvent: ({ type }) => type === 'leased' && caller.abort(new Error('gone')),
      })
      const work = (_order: unknown, { signal }: { signal: AbortSignal }): boolean => signal.aborted
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, signal: caller.signal, work })
      expect(await leased).toMatchObject({ outcome: 'claimed', value: true })
    })
  })
})
