import { beforeAll, describe, expect, it } from 'vitest'
import type { ClaimEvent, WorkContext } from '../../src/index.ts'
import { recharge } from './support/deadlock.ts'
import { found } from './support/balances.ts'
import { addLeaseColumns, LEASE_CONFIG, leasedOrder, letLeaseRunOut } from './support/lease-shop.ts'
import { ordersOf } from './support/orders.ts'
import type { Orders } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import type { ClientSetting } from './support/setting.ts'
import { failureOf, until } from './support/wait.ts'

const LEASE_MS = 30_000
const RAN_OUT = 'The lease before ran out, and nobody had ended it.'

/** Work that lasts until it is told to end. */
function held(): {
  work: (order: unknown, context: WorkContext) => Promise<unknown>
  context: Promise<WorkContext>
  end: (value: unknown) => void
  fail: (error: unknown) => void
} {
  const started = Promise.withResolvers<WorkContext>()
  const ended = Promise.withResolvers<unknown>()
  return {
    work: (_order, context) => {
      started.resolve(context)
      return ended.promise
    },
    context: started.promise,
    end: ended.resolve,
    fail: ended.reject,
  }
}

const columnsAdded = new WeakSet<object>()

function onLeaseShop(
  body: (
    setting: ClientSetting & { orders: (config?: Parameters<typeof ordersOf>[1]) => Orders; events: ClaimEvent[] },
  ) => void,
): void {
  onEveryClient((setting) => {
    const events: ClaimEvent[] = []
    beforeAll(async () => {
      if (columnsAdded.has(setting.shop)) return
      columnsAdded.add(setting.shop)
      await addLeaseColumns(setting.shop)
    })
    body(
      Object.create(setting, {
        events: { value: events },
        orders: {
          value: (config = {}) =>
            ordersOf(setting.client, { ...LEASE_CONFIG, onEvent: (event) => events.push(event), ...config }),
        },
      }) as Parameters<typeof body>[0],
    )
  })
}

describe('a lease', () => {
  onLeaseShop((setting) => {
    it('is taken, works outside of any transaction, and ends in a claimed order', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const during = held()
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, read: ['account_id', 'amount'], work: during.work })
      const { attempt, idempotencyKey } = await during.context
      expect(attempt).toBe(1)
      const working = await leasedOrder(shop, id)
      expect(working).toMatchObject({ status: 'Working', attempts: 1, version: 1 })
      expect(working.leaseMs).toBeGreaterThan(LEASE_MS - 5000)
      expect(working.leaseMs).toBeLessThanOrEqual(LEASE_MS)
      expect(idempotencyKey).not.toBe(working.token)
      // Nothing is locked: whoever wants to write the row can.
      await shop.run("update orders set note = 'seen' where order_id = ?", [id])
      during.end({ receipt: 7 })
      expect(await leased).toEqual({
        outcome: 'claimed',
        reply: 'handled',
        value: { receipt: 7 },
        attempt: 1,
        recovered: false,
      })
      expect(await leasedOrder(shop, id)).toMatchObject({
        status: 'Y',
        attempts: 1,
        version: 2,
        token: working.token,
        leaseMs: null,
        result: '{"receipt":7}',
      })
      expect(await orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'twice' })).toMatchObject({
        outcome: 'duplicate',
        value: { receipt: 7 },
      })
    })

    it('gives the work what it asked to read, and nothing else', async () => {
      const { shop } = setting
      const id = await shop.newOrder({ account_id: 2 })
      const seen: unknown[] = []
      await setting
        .orders()
        .leaseOnce(id, { leaseMs: LEASE_MS, read: ['account_id'], work: (order) => void seen.push(order) })
      expect(seen).toEqual([{ account_id: 2 }])
    })

    it('that is held makes everybody else busy, who is told for how long', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const during = held()
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work })
      await during.context
      for (const strategy of ['conditional', 'optimistic', 'pessimistic'] as const) {
        const busy = await orders.claimOnce(id, { strategy })
        expect(busy).toMatchObject({ outcome: 'busy', reply: 'call_again' })
        const { retryAfterMs } = busy as { retryAfterMs: number }
        expect(retryAfterMs).toBeGreaterThan(LEASE_MS - 5000)
        expect(retryAfterMs).toBeLessThanOrEqual(LEASE_MS)
      }
      expect(await orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })).toMatchObject({ outcome: 'busy' })
      expect(await orders.moveOnce(id, { to: 'Expired' })).toEqual({ outcome: 'wrong_status', status: 'Working' })
      expect(await orders.reset(id)).toEqual({ outcome: 'wrong_status', status: 'Working' })
      during.end(null)
      expect(await leased).toMatchObject({ outcome: 'claimed' })
    })

    it('whose time has passed is taken over, with the same key and another token; the first worker can write nothing', async () => {
      const { shop, events } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const first = held()
      const second = held()
      const late = failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
      const one = await first.context
      const { token } = await leasedOrder(shop, id)
      await letLeaseRunOut(shop, id)
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'busy', retryAfterMs: 0 })
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, work: second.work })
      const two = await second.context
      expect(two.attempt).toBe(2)
      expect(two.idempotencyKey).toBe(one.idempotencyKey)
      const taken = await leasedOrder(shop, id)
      expect(taken).toMatchObject({ status: 'Working', attempts: 2, version: 2 })
      expect(taken.token).not.toBe(token)
      first.end('too late')
      expect(await late).toMatchObject({ code: 'CLAIM_LOST', reply: 'call_again' })
      expect(await leasedOrder(shop, id)).toMatchObject(
        taken.token === null ? {} : { status: 'Working', token: taken.token, result: null },
      )
      expect(events.some((event) => event.type === 'lease_lost' && event.orderId === id)).toBe(true)
      second.end('in time')
      expect(await leased).toMatchObject({ outcome: 'claimed', value: 'in time', attempt: 2 })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Y', result: '"in time"' })
    })

    it('that is lost to somebody else gives nothing back when its work fails', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const first = held()
      const second = held()
      const late = failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
      await first.context
      await letLeaseRunOut(shop, id)
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, work: second.work })
      await second.context
      first.fail(new Error('provider said no'))
      expect(await late).toMatchObject({ message: 'provider said no' })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Working', attempts: 2, lastError: RAN_OUT })
      second.end(null)
      expect(await leased).toMatchObject({ outcome: 'claimed' })
    })

    it('is not taken over where that is turned off: a person is to look', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const first = held()
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work })
      await first.context
      await letLeaseRunOut(shop, id)
      expect(await orders.leaseOnce(id, { leaseMs: LEASE_MS, takeover: false, work: () => null })).toMatchObject({
        outcome: 'wrong_status',
        reply: 'review',
        status: 'Working',
      })
      // Nobody has taken it, so the first may still end it.
      first.end(null)
      expect(await leased).toMatchObject({ outcome: 'claimed', attempt: 1 })
    })

    it('is renewed while the work goes on, and its signal does not fire', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const during = held()
      const leased = orders.leaseOnce(id, { leaseMs: 600, work: during.work })
      const { signal } = await during.context
      const { version } = await leasedOrder(shop, id)
      const end = performance.now() + 1800
      await until('three leases have passed', async () => {
        expect((await leasedOrder(shop, id)).leaseMs).toBeGreaterThan(0)
        return performance.now() > end
      })
      expect(signal.aborted).toBe(false)
      expect((await leasedOrder(shop, id)).version).toBe(version)
      during.end(null)
      expect(await leased).toMatchObject({ outcome: 'claimed', attempt: 1 })
    })

    it('that somebody else takes fires the signal of its work at the next renewal, and the call ends', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const during = held()
      const late = failureOf(orders.leaseOnce(id, { leaseMs: 600, work: during.work }))
      const { signal } = await during.context
      await shop.run("update orders set claim_token = 'somebody else' where order_id = ?", [id])
      expect(await late).toMatchObject({ code: 'CLAIM_LOST' })
      expect(signal.aborted).toBe(true)
      expect(signal.reason).toMatchObject({ code: 'CLAIM_LOST' })
    })

    it('whose work fails is given back with the reason, and the next attempt has the same key', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const keys: string[] = []
      const failure = new Error('the provider is down')
      const failed = orders.leaseOnce(id, {
        leaseMs: LEASE_MS,
        work: (_order, { idempotencyKey }) => {
          keys.push(idempotencyKey)
          throw failure
        },
      })
      expect(await failureOf(failed)).toBe(failure)
      expect(await leasedOrder(shop, id)).toMatchObject({
        status: 'Wait',
        token: null,
        attempts: 1,
        leaseMs: null,
        lastError: 'Error: the provider is down',
      })
      const done = await orders.leaseOnce(id, {
        leaseMs: LEASE_MS,
        work: (_order, { idempotencyKey, attempt }) => {
          keys.push(idempotencyKey)
          return attempt
        },
      })
      expect(done).toMatchObject({ outcome: 'claimed', value: 2, attempt: 2 })
      expect(new Set(keys).size).toBe(1)
    })

    it('that failed too often, or for good, gets the failed status, and nobody claims it any more', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const failing = (id: number, options: { maxAttempts?: number; isRetryable?: () => boolean }): Promise<unknown> =>
        failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, ...options, work: () => Promise.reject(new Error('no')) }))
      const often = await shop.newOrder()
      await failing(often, { maxAttempts: 2 })
      expect(await leasedOrder(shop, often)).toMatchObject({ status: 'Wait', attempts: 1 })
      await failing(often, { maxAttempts: 2 })
      expect(await leasedOrder(shop, often)).toMatchObject({ status: 'Failed', attempts: 2, lastError: 'Error: no' })
      const forGood = await shop.newOrder()
      await failing(forGood, { isRetryable: () => false })
      expect(await leasedOrder(shop, forGood)).toMatchObject({ status: 'Failed', attempts: 1 })
      for (const id of [often, forGood]) {
        expect(await orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => null })).toMatchObject({
          outcome: 'wrong_status',
          reply: 'review',
          status: 'Failed',
        })
      }
    })

    it('whose workers died as often as they may is not taken over once more', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const first = held()
      const late = failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, maxAttempts: 1, work: first.work }))
      await first.context
      await letLeaseRunOut(shop, id)
      const next = await orders.leaseOnce(id, { leaseMs: LEASE_MS, maxAttempts: 1, work: () => 'again' })
      expect(next).toMatchObject({ outcome: 'wrong_status', reply: 'review', status: 'Failed' })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Failed' })
      first.end(null)
      expect(await late).toMatchObject({ code: 'CLAIM_LOST' })
    })

    it('ends in a transaction with the effect that follows the work, or not at all', async () => {
      const { shop } = setting
      const orders = setting.orders()
      await shop.run('update accounts set balance = 0')
      await shop.run('delete from ledger')
      const id = await shop.newOrder()
      const failing = orders.leaseOnce(id, {
        leaseMs: LEASE_MS,
        work: () => 'receipt',
        effect: async (tx) => {
          await recharge(tx, id)
          throw new Error('not now')
        },
      })
      expect(await failureOf(failing)).toMatchObject({ message: 'not now' })
      expect(await found(shop, id)).toEqual({ status: 'Wait', balance: 0, ledger: 0 })
      const done = await orders.leaseOnce(id, {
        leaseMs: LEASE_MS,
        read: ['account_id'],
        work: () => 'receipt',
        effect: async (tx, order, { value, lease }) => {
          await recharge(tx, id)
          return { value, lease, order }
        },
      })
      const value = { value: 'receipt', lease: 2, order: { account_id: 1 } }
      expect(done).toMatchObject({ outcome: 'claimed', value })
      expect(await found(shop, id)).toEqual({ status: 'Y', balance: 42, ledger: 1 })
      expect(JSON.parse((await leasedOrder(shop, id)).result ?? '')).toEqual(value)
    })

    it('fires the signal of its work when the caller gives up, and writes down what was done all the same', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const caller = new AbortController()
      const during = held()
      const leased = orders.leaseOnce(id, { leaseMs: LEASE_MS, signal: caller.signal, work: during.work })
      const { signal } = await during.context
      caller.abort(new Error('hung up'))
      expect(signal.reason).toMatchObject({ message: 'hung up' })
      during.end('paid')
      expect(await leased).toMatchObject({ outcome: 'claimed', value: 'paid' })
    })

    it('is given up when the work takes longer than it may, and left to run out', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const during = held()
      const late = failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, workTimeoutMs: 200, work: during.work }))
      const { signal } = await during.context
      expect(await late).toMatchObject({ code: 'CLAIM_TIMEOUT' })
      expect(signal.aborted).toBe(true)
      // The work may still be running: nobody else may begin before the lease is over.
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Working' })
    })

    it('counts by the clock of the database, whatever the time zone of the session and the clock of the process', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const real = Date.now
      Date.now = () => real() + 3_600_000
      try {
        const during = held()
        const leased = setting.orders().leaseOnce(id, { leaseMs: LEASE_MS, work: during.work })
        await during.context
        const { leaseMs } = await leasedOrder(shop, id)
        expect(leaseMs).toBeGreaterThan(LEASE_MS - 5000)
        expect(leaseMs).toBeLessThanOrEqual(LEASE_MS)
        during.end(null)
        await leased
      } finally {
        Date.now = real
      }
    })

    it('is refused where the table is not configured for it, and for bounds that are none', async () => {
      const plain = ordersOf(setting.client)
      expect(await failureOf(plain.leaseOnce(1, { leaseMs: 1000, work: () => null }))).toMatchObject({
        code: 'CLAIM_CONFIG',
        message: expect.stringContaining('columns.leaseUntil, columns.attempts, states.processing') as string,
      })
      const orders = setting.orders()
      const refused = [
        { leaseMs: 99 },
        { leaseMs: 1000.5 },
        { leaseMs: 1000, maxAttempts: 0 },
        { leaseMs: 1000, workTimeoutMs: 0 },
        { leaseMs: 1000, idempotencyKey: '' },
        { leaseMs: 1000, strategy: 'pessimistic' },
        { leaseMs: 1000, transaction: {} },
      ]
      for (const options of refused) {
        const call = orders.leaseOnce(1, { ...options, work: () => null } as Parameters<Orders['leaseOnce']>[1])
        expect(await failureOf(call), JSON.stringify(options)).toMatchObject({ code: 'CLAIM_INPUT' })
      }
    })
  })
})
