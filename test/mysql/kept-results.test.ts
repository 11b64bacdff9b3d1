import { describe, expect, it } from 'vitest'
import { found, ONCE } from './support/balances.ts'
import type { Tx } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { eventsOf, onLeaseShop, withColumn } from './support/lease-setting.ts'
import { leasedOrder } from './support/lease-shop.ts'

const LEASE_MS = 30_000
const CLAIMED = { outcome: 'claimed', reply: 'handled', recovered: false }
/** Six characters each in JSON of ASCII alone, three bytes in UTF-8: 146 bytes, written in 290. */
const CHINESE = '充值成功'.repeat(12)

describe('a result that is kept, or cannot be, does not undo its claim', () => {
  onLeaseShop((setting) => {
    const moveOn = async (tx: Tx, id: number): Promise<string> => {
      await recharge(tx, id)
      await tx.run("update orders set status = 'Done' where order_id = ?", [id])
      return 'shipped'
    }

    it('where the effect moves the order on: it is kept beside the order as it is then', async () => {
      const { shop, events } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      expect(await orders.claimOnce(id, { effect: (tx) => moveOn(tx, id) })).toMatchObject(CLAIMED)
      expect(await found(shop, id)).toEqual({ ...ONCE, status: 'Done' })
      expect(await leasedOrder(shop, id)).toMatchObject({ result: '"shipped"', attempts: 0, lastError: null })
      expect(eventsOf(events, id)).toEqual(['outcome'])
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'duplicate', status: 'Done', value: 'shipped' })
    })

    it('where the effect after the work of a lease moves the order on: the work is done once', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      let works = 0
      const done = await setting.orders().leaseOnce(id, {
        leaseMs: LEASE_MS,
        work: () => void (works += 1),
        effect: (tx) => moveOn(tx, id),
      })
      expect(done).toMatchObject({ ...CLAIMED, value: 'shipped' })
      expect(works).toBe(1)
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Done', result: '"shipped"' })
    })

    it('where the effect puts the order back: it is told that nothing is kept', async () => {
      const { shop, events } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      const effect = async (tx: Tx): Promise<string> => (await orders.reset(id, { transaction: tx })).outcome
      expect(await orders.claimOnce(id, { effect })).toMatchObject({ ...CLAIMED, value: 'reset' })
      expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Wait', result: null })
      expect(eventsOf(events, id)).toContain('result_not_kept')
    })

    it('where it is too long as it is written: nothing is kept, and that is told', async () => {
      const { shop, events } = setting
      await withColumn(shop, 'result', 'varchar(200) null', async () => {
        const orders = setting.orders()
        const claimed = await shop.newOrder()
        const effect = async (tx: Tx): Promise<string> => {
          await recharge(tx, claimed)
          return CHINESE
        }
        expect(await orders.claimOnce(claimed, { effect })).toMatchObject({ ...CLAIMED, value: CHINESE })
        expect(await found(shop, claimed)).toEqual(ONCE)
        const leased = await shop.newOrder()
        let works = 0
        const work = (): string => {
          works += 1
          return CHINESE
        }
        const done = await orders.leaseOnce(leased, { leaseMs: LEASE_MS, work })
        expect(done).toMatchObject({ ...CLAIMED, value: CHINESE, attempt: 1 })
        expect(works).toBe(1)
        for (const id of [claimed, leased]) {
          expect(eventsOf(events, id)).toContain('result_not_kept')
          expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Y', result: null })
        }
      })
    })

    it('as long as the column is, it is kept to the last character', async () => {
      const { shop } = setting
      await withColumn(shop, 'result', 'varchar(290) null', async () => {
        const orders = setting.orders()
        const id = await shop.newOrder()
        expect(await orders.claimOnce(id, { effect: () => CHINESE })).toMatchObject(CLAIMED)
        expect((await leasedOrder(shop, id)).result).toHaveLength(290)
        expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'duplicate', value: CHINESE })
      })
    })

    // On MariaDB that is a text with a check: the empty text is no JSON.
    const notNull = [
      "varchar(2000) not null default 'null'",
      "longtext not null default ('null') check (json_valid(result))",
    ]
    it.each(notNull)('in a column that is NOT NULL there is none, of a lease without a value too: %s', async (type) => {
      const { shop } = setting
      await withColumn(shop, 'result', type, async () => {
        const orders = setting.orders()
        const leased = await shop.newOrder()
        const withEffect = await shop.newOrder()
        let works = 0
        const work = (): void => void (works += 1)
        expect(await orders.leaseOnce(leased, { leaseMs: LEASE_MS, work })).toMatchObject(CLAIMED)
        const effect = (): string => 'kept'
        expect(await orders.leaseOnce(withEffect, { leaseMs: LEASE_MS, work, effect })).toMatchObject(CLAIMED)
        expect(works).toBe(2)
        const again = await orders.claimOnce(leased)
        expect(again).toMatchObject({ outcome: 'duplicate' })
        expect(again).toHaveProperty('value', undefined)
        expect(await orders.claimOnce(withEffect)).toMatchObject({ outcome: 'duplicate', value: 'kept' })
      })
    })

    it('of an order that was put back by hand, the one before is gone', async () => {
      const { shop } = setting
      const orders = setting.orders()
      const id = await shop.newOrder()
      await orders.claimOnce(id, { effect: () => 'the first' })
      await shop.run("update orders set status = 'Wait' where order_id = ?", [id])
      expect(await orders.claimOnce(id)).toMatchObject(CLAIMED)
      expect(await orders.claimOnce(id)).toHaveProperty('value', undefined)
    })
  })
})

describe('a kept result where only changed rows are counted', () => {
  onLeaseShop(
    (setting) => {
      it('is the same as before, of an order that was put back by hand: it is claimed again', async () => {
        const { shop, events } = setting
        const orders = setting.orders()
        const id = await shop.newOrder()
        const effect = (): string => 'ok'
        expect(await orders.claimOnce(id, { effect })).toMatchObject(CLAIMED)
        await shop.run("update orders set status = 'Wait' where order_id = ?", [id])
        expect(await orders.claimOnce(id, { effect })).toMatchObject(CLAIMED)
        expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Y', result: '"ok"' })
        expect(eventsOf(events, id)).toEqual(['outcome', 'outcome'])
      })

      it('was written by the effect itself: it is claimed', async () => {
        const { shop } = setting
        const id = await shop.newOrder()
        const effect = async (tx: Tx): Promise<string> => {
          await tx.run(`update orders set result = '"ok"' where order_id = ?`, [id])
          return 'ok'
        }
        expect(await setting.orders().claimOnce(id, { effect })).toMatchObject(CLAIMED)
        expect(await leasedOrder(shop, id)).toMatchObject({ status: 'Y', result: '"ok"' })
      })
    },
    { flags: ['-FOUND_ROWS'] },
  )
})
