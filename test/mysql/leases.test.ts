import { describe, expect, it } from 'vitest'
import { heldWork } from '../support/held-work.ts'
import { ORDERS } from '../support/orders.ts'
import { openClient } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { leasedOrder, letLeaseRunOut } from './support/lease-shop.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient, onEveryLane } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const LEASE_MS = 30_000

describe('a lease in sessions of another time zone', () => {
  onEveryClient(
    (setting) => {
      it('lasts as long as it was taken for, and is over when it is', async () => {
        const { shop, client } = setting
        const orders = ordersOf(client, ORDERS.leases)
        const id = await shop.newOrder()
        const first = heldWork()
        const late = failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
        await first.context
        const { leaseMs } = await leasedOrder(shop, id)
        expect(leaseMs).toBeGreaterThan(LEASE_MS - 10_000)
        expect(leaseMs).toBeLessThanOrEqual(LEASE_MS)
        const busy = await orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })
        expect(busy).toMatchObject({ outcome: 'busy' })
        await letLeaseRunOut(shop, id)
        const next = await orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })
        expect(next).toMatchObject({ outcome: 'claimed', attempt: 2 })
        first.end(null)
        expect(await late).toMatchObject({ code: 'CLAIM_LOST' })
      })
    },
    { session: ["set time_zone = '+09:00'"] },
  )
})

describe('a lease where the driver counts the rows that an UPDATE has changed, not those it has found', () => {
  onEveryClient(
    (setting) => {
      it('is taken, taken over, given back, and ends with its result', async () => {
        const { shop, client } = setting
        const orders = ordersOf(client, ORDERS.leases)
        const id = await shop.newOrder()
        const failing = orders.leaseOnce(id, { leaseMs: LEASE_MS, work: () => Promise.reject(new Error('no')) })
        expect(await failureOf(failing)).toMatchObject({ message: 'no' })
        const first = heldWork()
        const late = failureOf(orders.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
        await first.context
        await letLeaseRunOut(shop, id)
        const done = await orders.leaseOnce(id, {
          leaseMs: LEASE_MS,
          work: () => 'receipt',
          effect: async (tx, _order, { value }) => {
            await recharge(tx, id)
            return value
          },
        })
        expect(done).toMatchObject({ outcome: 'claimed', value: 'receipt', attempt: 3 })
        first.end(null)
        expect(await late).toMatchObject({ code: 'CLAIM_LOST' })
        expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'duplicate', value: 'receipt' })
      })
    },
    { flags: ['-FOUND_ROWS'] },
  )
})

describe('columns of leases', () => {
  onEveryLane((setting) => {
    it('say the time in UTC with milliseconds, or in seconds; others are refused', async () => {
      const { shop } = setting
      const client = openClient('mysql2/promise', shop.url)
      try {
        const lease = async (): Promise<unknown> => {
          const orders = ordersOf(client, ORDERS.leases)
          return await orders.leaseOnce(await shop.newOrder(), { leaseMs: 1500, work: () => 'done' })
        }
        for (const type of ['bigint', 'int unsigned', 'datetime(3)']) {
          await shop.run(`alter table orders modify lease_until ${type} null`)
          expect(await lease(), type).toMatchObject({ outcome: 'claimed', attempt: 1 })
        }
        for (const type of ['datetime', 'timestamp(6) null', 'varchar(30)']) {
          await shop.run(`alter table orders modify lease_until ${type}`)
          expect(await failureOf(lease()), type).toMatchObject({
            code: 'CLAIM_CONFIG',
            message: expect.stringContaining('columns.leaseUntil is "lease_until"') as string,
          })
        }
      } finally {
        await client.end()
      }
    })
  })
})
