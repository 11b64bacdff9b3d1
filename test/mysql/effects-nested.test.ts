import { describe, expect, it } from 'vitest'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { arrangeDeadlock, DEADLOCKING, recharge } from './support/deadlock.ts'
import { openHolder } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

describe('a claim of another order inside an effect, by transaction: tx', () => {
  onEveryClient((setting) => {
    for (const strategy of ['conditional', 'optimistic', 'pessimistic'] as const) {
      it(`commits with it (${strategy})`, async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        const [outer, inner] = [await shop.newOrder(), await shop.newOrder()]
        const result = await orders.claimOnce(outer, {
          effect: async (tx) => {
            await recharge(tx, outer)
            return await orders.claimOnce(inner, { strategy, transaction: tx })
          },
        })
        expect(result).toMatchObject({ outcome: 'claimed', value: { outcome: 'claimed', provisional: true } })
        expect(await shop.statusOf(inner)).toBe('Y')
        expect(await found(shop, outer)).toEqual(ONCE)
      })
    }

    it('is undone with it', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client)
      const [outer, inner] = [await shop.newOrder(), await shop.newOrder()]
      const claim = orders.claimOnce(outer, {
        effect: async (tx) => {
          await orders.claimOnce(inner, { transaction: tx })
          throw new Error('no')
        },
      })
      expect(await failureOf(claim)).toMatchObject({ message: 'no' })
      expect(await shop.statusOf(inner)).toBe('Wait')
      expect(await found(shop, outer)).toEqual(UNDONE)
    })

    it('is refused once the transaction is lost, and both are claimed by the retry', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client)
      const [outer, inner] = [await shop.newOrder(), await shop.newOrder()]
      let refused: unknown
      const result = await orders.claimOnce(outer, {
        effect: async (tx, _order, { attempt }) => {
          await recharge(tx, outer)
          if (attempt === 1) {
            const { over } = await arrangeDeadlock(shop)
            await failureOf(tx.run(DEADLOCKING))
            await over
            refused = await failureOf(orders.claimOnce(inner, { transaction: tx }))
            expect(await shop.statusOf(inner)).toBe('Wait')
          } else await orders.claimOnce(inner, { transaction: tx })
        },
      })
      expect(refused).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      expect(result.outcome).toBe('claimed')
      expect(await shop.statusOf(inner)).toBe('Y')
      expect(await found(shop, outer)).toEqual(ONCE)
    })

    it('that waits for a lock in vain takes the outer claim with it, also when the effect swallows that', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client)
      const [outer, inner] = [await shop.newOrder(), await shop.newOrder()]
      const holder = await openHolder(shop)
      await holder.run('select 1 from orders where order_id = ? for update', [inner])
      const claim = orders.claimOnce(outer, {
        effect: async (tx) => {
          await recharge(tx, outer)
          const refused = await failureOf(orders.claimOnce(inner, { transaction: tx, lockTimeoutMs: 1000 }))
          expect(refused).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
          return 'recharged'
        },
      })
      const error = await failureOf(claim)
      await holder.rollback()
      expect(error).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      expect(await found(shop, outer)).toEqual(UNDONE)
      expect(await shop.statusOf(inner)).toBe('Wait')
    })
  })
})

describe('a claim inside an effect, by a connection of its own', () => {
  onEveryClient(
    (setting) => {
      it('is refused at once where the pool has one connection, which the effect holds', async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        const [outer, inner] = [await shop.newOrder(), await shop.newOrder()]
        const startedAt = performance.now()
        const claim = orders.claimOnce(outer, { effect: () => orders.claimOnce(inner) })
        expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_EFFECT_MISUSE', reply: 'review' })
        expect(performance.now() - startedAt).toBeLessThan(10_000) // and not when the time is over
        expect(await found(shop, outer)).toEqual(UNDONE)
        const result = await orders.claimOnce(outer, {
          effect: async (tx) => {
            await recharge(tx, outer)
            return await orders.claimOnce(inner, { transaction: tx })
          },
        })
        expect(result).toMatchObject({ outcome: 'claimed', value: { outcome: 'claimed' } })
        expect(await found(shop, outer)).toEqual(ONCE)
      })
    },
    { connectionLimit: 1 },
  )
})
