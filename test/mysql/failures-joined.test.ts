import { describe, expect, it } from 'vitest'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { arrangeDeadlock, DEADLOCKING, recharge } from './support/deadlock.ts'
import { lockWaiter, whileHeld } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const STRATEGIES = ['conditional', 'optimistic', 'pessimistic'] as const
const LOST = { code: 'CLAIM_TRANSACTION_LOST', reply: 'call_again' }

describe("a claim in the caller's own transaction", () => {
  onEveryClient((setting) => {
    for (const strategy of STRATEGIES) {
      it(`is provisional, carries its token, and stands when the caller commits (${strategy})`, async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        const id = await shop.newOrder()
        const result = await client.transaction(async (tx) => {
          const claim = await orders.claimOnce(id, { strategy, transaction: tx })
          expect(await shop.statusOf(id)).toBe('Wait')
          await recharge(tx, id)
          return claim
        })
        expect(result).toMatchObject({ outcome: 'claimed', provisional: true })
        const [row] = await shop.run('select claim_token from orders where order_id = ?', [id])
        expect((result as { token?: string }).token).toBe(row?.['claim_token'])
        expect(await found(shop, id)).toEqual(ONCE)
        expect(await orders.claimOnce(id, { strategy })).toMatchObject({ outcome: 'duplicate', provisional: false })
      })

      it(`is gone when the caller rolls back (${strategy})`, async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        const id = await shop.newOrder()
        const work = client.transaction(async (tx) => {
          expect(await orders.claimOnce(id, { strategy, transaction: tx })).toMatchObject({ outcome: 'claimed' })
          await recharge(tx, id)
          throw new Error('no')
        })
        expect(await failureOf(work)).toMatchObject({ message: 'no' })
        expect(await found(shop, id)).toEqual(UNDONE)
        expect(await orders.claimOnce(id, { strategy })).toMatchObject({ outcome: 'claimed' })
      })

      it(`is answered from committed data, or not at all, although the caller reads an old snapshot (${strategy})`, async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        const [setup] = await shop.run(`show variables like 'innodb_snapshot_isolation'`)
        const refuses = setup?.['Value'] === 'ON'
        const id = await shop.newOrder()
        const answer = await client
          .transaction(async (tx) => {
            const before = await tx.run('select status from orders where order_id = ?', [id])
            expect(before).toEqual([{ status: 'Wait' }])
            expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
            expect(await tx.run('select status from orders where order_id = ?', [id])).toEqual(before)
            return await orders.claimOnce(id, { strategy, transaction: tx })
          })
          .catch((error: unknown) => error)
        // With innodb_snapshot_isolation the server refuses to look past the snapshot (1020).
        expect(answer).toMatchObject(refuses ? LOST : { outcome: 'duplicate', status: 'Y', provisional: true })
      })

      it(`is lost to a lock wait, and says that the transaction is to be rolled back (${strategy})`, async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        await whileHeld(shop, id, async () => {
          const work = client.transaction(async (tx) => {
            await recharge(tx, id)
            await ordersOf(client).claimOnce(id, { strategy, transaction: tx, lockTimeoutMs: 1000 })
          })
          expect(await failureOf(work)).toMatchObject({ ...LOST, cause: { errno: 1205 } })
        })
        expect(await found(shop, id)).toEqual(UNDONE)
      })

      it(`is lost to a timer or a signal while it waits, and the connection stays the caller's (${strategy})`, async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        const caller = new AbortController()
        await whileHeld(shop, id, async () => {
          const work = client.transaction(async (tx) => {
            await ordersOf(client).claimOnce(id, {
              strategy,
              transaction: tx,
              lockTimeoutMs: 'server',
              signal: caller.signal,
            })
          })
          const failed = failureOf(work)
          const thread = await lockWaiter(shop)
          caller.abort()
          await shop.run(`kill query ${thread}`)
          expect(await failed).toMatchObject(LOST)
        })
        expect(await shop.statusOf(id)).toBe('Wait')
      })
    }

    it('is lost to a deadlock, and nothing of the transaction survives', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const [table] = await shop.run('select count(*) as n from accounts')
      expect(table?.['n']).toBe(2)
      const work = client.transaction(async (tx) => {
        await recharge(tx, id)
        const { over } = await arrangeDeadlock(shop)
        const claimed = await ordersOf(client).claimOnce(id, { transaction: tx })
        expect(claimed).toMatchObject({ outcome: 'claimed', provisional: true })
        expect(await failureOf(tx.run(DEADLOCKING))).toMatchObject({ errno: 1213 })
        await over
        throw new Error('rolled back')
      })
      expect(await failureOf(work)).toMatchObject({ message: 'rolled back' })
      expect(await found(shop, id)).toEqual(UNDONE)
    })

    it('is put back in it, too', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client)
      const id = await shop.newOrder()
      await orders.claimOnce(id)
      await client.transaction(async (tx) => {
        expect(await orders.reset(id, { transaction: tx })).toMatchObject({ outcome: 'reset' })
        expect(await shop.statusOf(id)).toBe('Y')
        expect(await orders.claimOnce(id, { transaction: tx })).toMatchObject({ outcome: 'claimed' })
        expect(await orders.reset(id, { transaction: tx })).toMatchObject({ outcome: 'reset' })
      })
      expect(await shop.statusOf(id)).toBe('Wait')
    })

    it('takes no effect of its own, and no handle that is none', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const orders = ordersOf(client)
      await client.transaction(async (tx) => {
        const both = orders.claimOnce(id, { transaction: tx, effect: () => 1 })
        expect(await failureOf(both)).toMatchObject({ code: 'CLAIM_INPUT' })
      })
      const none = orders.claimOnce(id, { transaction: { raw: {}, run: () => Promise.resolve([]) } })
      expect(await failureOf(none)).toMatchObject({ code: 'CLAIM_INPUT' })
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })
})
