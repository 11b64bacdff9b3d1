import { describe, expect, it } from 'vitest'
import { eventsOf, onLeaseShop, withColumn } from './support/lease-setting.ts'
import { ORDERS } from '../support/orders.ts'
import { leasedOrder } from './support/lease-shop.ts'
import { failureOf } from './support/wait.ts'

const LEASE_MS = 30_000
const SAID = '余额不足，请稍后再试，错误代码😀'.repeat(500)

describe('why an effect or a work has failed is written as far as the column goes', () => {
  const columns: readonly (readonly [type: string, noted: RegExp, length: number])[] = [
    // Bytes: 84 characters of three are 252, with the name before them.
    ['tinytext null', /^Error: 余额不足/, 255],
    ['text null', /^Error: 余额不足/, 4000],
    ['varchar(20) null', /^Error: 余额不足/, 20],
    ['varchar(20) character set utf8mb3 null', /^Error: 余额不足/, 60],
    ['varchar(20) character set latin1 null', /^Error: \?{13}$/, 20],
    ["varchar(20) not null default ''", /^Error: 余额不足/, 20],
  ]
  onLeaseShop((setting) => {
    for (const [type, noted, length] of columns) {
      it(type, async () => {
        const { shop, events } = setting
        await withColumn(shop, 'last_error', type, async () => {
          const orders = setting.orders()
          const leased = await shop.newOrder()
          const claimed = await shop.newOrder()
          const refuse = (): never => {
            throw new Error(SAID)
          }
          await failureOf(orders.leaseOnce(leased, { leaseMs: LEASE_MS, work: refuse }))
          await failureOf(orders.claimOnce(claimed, { effect: refuse }))
          for (const id of [leased, claimed]) {
            const { status, attempts, lastError } = await leasedOrder(shop, id)
            expect(eventsOf(events, id)).not.toContain('failure_not_noted')
            expect({ status, attempts }).toEqual({ status: 'Wait', attempts: 1 })
            expect(lastError).toMatch(noted)
            expect(Buffer.byteLength(lastError ?? '')).toBeGreaterThan(Math.min(length, 1000) / 2)
          }
        })
      })
    }

    it('utf8mb3 holds no emoji: a question mark stands for one', async () => {
      const { shop } = setting
      await withColumn(shop, 'last_error', 'varchar(50) character set utf8mb3 null', async () => {
        const id = await shop.newOrder()
        const effect = (): never => {
          throw new Error('余额😀')
        }
        await failureOf(setting.orders().claimOnce(id, { effect }))
        expect((await leasedOrder(shop, id)).lastError).toBe('Error: 余额?')
      })
    })

    it('an enum holds no reason and no result: it is refused with the table', async () => {
      const { shop } = setting
      for (const column of ['last_error', 'result'] as const) {
        await withColumn(shop, column, "enum('a', 'b') null", async () => {
          const id = await shop.newOrder()
          const error = await failureOf(setting.orders(ORDERS.leases).claimOnce(id))
          expect(error).toMatchObject({ code: 'CLAIM_CONFIG' })
          expect((error as Error).message).toContain(`"${column}"`)
        })
      }
    })
  })
})
