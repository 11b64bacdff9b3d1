import { describe, expect, it } from 'vitest'
import { found, ONCE } from './support/balances.ts'
import { connectionOf, openClient, runOn } from './support/client.ts'
import type { Client } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { lockWaiter, openHolder } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'

const STRATEGIES = ['conditional', 'optimistic', 'pessimistic'] as const

describe('a pooled connection inside a transaction that somebody has not ended', () => {
  onEveryClient((setting) => {
    /** Somebody's code begins, writes, and gives the connection back. */
    const leak = async (client: Client, ...statements: string[]): Promise<void> => {
      const connection = await connectionOf(client.core)
      for (const statement of ['begin', ...statements]) await runOn(connection, statement)
      connection.release()
    }

    for (const strategy of STRATEGIES) {
      it(`never makes a claim that is not committed (${strategy})`, async () => {
        const { shop, kind } = setting
        const client = openClient(kind, shop.url, { connectionLimit: 1 })
        const orders = ordersOf(client, { strategy })
        await orders.claimOnce(0)
        const id = await shop.newOrder()
        await leak(client, 'update accounts set balance = balance + 7 where id = 2')
        const answer = (await orders.claimOnce(id).catch((error: unknown) => error)) as {
          outcome?: string
          code?: string
        }
        // Where it is noticed it is refused, claim and leak rolled back; where ours begins, the leak was committed by it.
        if (answer.code === 'CLAIM_CONFIG') {
          expect(await shop.statusOf(id)).toBe('Wait')
          expect(await shop.balanceOf(2)).toBe(0)
        } else {
          expect(answer).toMatchObject({ outcome: 'claimed' })
          expect(await shop.statusOf(id)).toBe('Y')
        }
        expect(await orders.claimOnce(await shop.newOrder())).toMatchObject({ outcome: 'claimed' })
        await shop.run('update accounts set balance = 0 where id = 2')
        await client.end()
      })

      it(`never makes a duplicate of a claim that is not committed (${strategy})`, async () => {
        const { shop, kind } = setting
        const client = openClient(kind, shop.url, { connectionLimit: 1 })
        const orders = ordersOf(client, { strategy })
        await orders.claimOnce(0)
        const id = await shop.newOrder()
        await leak(client, `update orders set status = 'Y' where order_id = ${id}`)
        const answer = (await orders.claimOnce(id).catch((error: unknown) => error)) as {
          outcome?: string
          code?: string
        }
        if (answer.outcome === 'duplicate') expect(await shop.statusOf(id)).toBe('Y')
        else expect(answer.code).toBe('CLAIM_CONFIG')
        await client.end()
      })
    }

    it('is refused with what to do, and rolled back, by a bare claim of mysql2', async () => {
      const { shop, kind } = setting
      if (kind === 'kysely') return
      const client = openClient(kind, shop.url, { connectionLimit: 1 })
      const orders = ordersOf(client)
      await orders.claimOnce(0)
      const id = await shop.newOrder()
      await leak(client)
      await expect(orders.claimOnce(id)).rejects.toMatchObject({
        code: 'CLAIM_CONFIG',
        message: expect.stringContaining('inside an open transaction') as string,
      })
      expect(await shop.statusOf(id)).toBe('Wait')
      expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      await client.end()
    })
  })
})

describe('a session that does not commit by itself (autocommit = 0)', () => {
  onEveryClient((setting) => {
    for (const strategy of STRATEGIES) {
      it(`claims all the same, and leaves neither lock nor transaction (${strategy})`, async () => {
        const { shop, kind } = setting
        const client = openClient(kind, shop.url, { connectionLimit: 1, session: ['set autocommit = 0'] })
        const orders = ordersOf(client, { strategy })
        const expectFree = async (id: number): Promise<void> => {
          await shop.run('select 1 from orders where order_id = ? for update nowait', [id])
        }
        const [bare, full] = [await shop.newOrder(), await shop.newOrder()]
        expect(await orders.claimOnce(bare)).toMatchObject({ outcome: 'claimed' })
        expect(await shop.statusOf(bare)).toBe('Y')
        await expectFree(bare)
        expect(await orders.claimOnce(bare)).toMatchObject({ outcome: 'duplicate' })
        await expectFree(bare)
        expect(await orders.claimOnce(full, { effect: (tx) => recharge(tx, full) })).toMatchObject({
          outcome: 'claimed',
        })
        expect(await found(shop, full)).toEqual(ONCE)
        await expectFree(full)
        const other = await shop.newOrder({ amount: '1.00' })
        expect(await orders.claimOnce(other, { expect: { amount: '2.00' } })).toMatchObject({ outcome: 'mismatch' })
        await expectFree(other)
        // No gap is locked by a read that found nothing: a new order comes in at once.
        expect(await orders.claimOnce(other + 1)).toMatchObject({ outcome: 'not_found' })
        await shop.run(
          `insert into orders (order_id, status, amount, currency, account_id) values (?, 'Wait', 1, 'CNY', 1)`,
          [other + 1],
        )
        expect(await orders.reset(bare)).toMatchObject({ outcome: 'reset' })
        expect(await shop.statusOf(bare)).toBe('Wait')
        await expectFree(bare)
        await client.end()
      })
    }
  })
})

const LEVELS = ['read uncommitted', 'read committed', 'repeatable read', 'serializable'] as const

describe('a claim of somebody else that is not committed yet', () => {
  onEveryClient((setting) => {
    for (const level of LEVELS) {
      for (const strategy of STRATEGIES) {
        it(`and is then rolled back, is never a duplicate under ${level} (${strategy})`, async () => {
          const { shop, kind } = setting
          const client = openClient(kind, shop.url, {
            connectionLimit: 2,
            session: [`set session transaction isolation level ${level}`],
          })
          const orders = ordersOf(client, { strategy })
          await orders.claimOnce(0)
          const [bare, full] = [await shop.newOrder(), await shop.newOrder()]
          for (const [id, effect] of [
            [bare, undefined],
            [full, (tx: Parameters<typeof recharge>[0]) => recharge(tx, full)],
          ] as const) {
            const holder = await openHolder(shop)
            await holder.run(`update orders set status = 'Y', row_version = row_version + 1 where order_id = ?`, [id])
            const claim = orders.claimOnce(id, effect === undefined ? {} : { effect })
            await lockWaiter(shop)
            await holder.rollback()
            expect(await claim).toMatchObject({ outcome: 'claimed' })
            expect(await shop.statusOf(id)).toBe('Y')
          }
          expect(await found(shop, full)).toEqual(ONCE)
          await client.end()
        })

        it(`and is committed, is a duplicate under ${level} (${strategy})`, async () => {
          const { shop, kind } = setting
          const client = openClient(kind, shop.url, {
            connectionLimit: 1,
            session: [`set session transaction isolation level ${level}`],
          })
          const orders = ordersOf(client, { strategy })
          await orders.claimOnce(0)
          const id = await shop.newOrder()
          const holder = await openHolder(shop)
          await holder.run(`update orders set status = 'Y' where order_id = ?`, [id])
          const claim = orders.claimOnce(id, { effect: (tx) => recharge(tx, id) })
          await lockWaiter(shop)
          await holder.commit()
          expect(await claim).toMatchObject({ outcome: 'duplicate', status: 'Y' })
          expect(await shop.balanceOf(1)).toBe(0)
          await client.end()
        })
      }
    }
  })
})
