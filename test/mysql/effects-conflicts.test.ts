import { describe, expect, it } from 'vitest'
import type { ClaimEvent } from '../../src/index.ts'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { arrangeDeadlock, DEADLOCKING, recharge } from './support/deadlock.ts'
import { openClient } from './support/client.ts'
import { openHolder } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import { errnoOf, failureOf } from './support/wait.ts'

const DEADLOCK = 1213

describe('an effect whose transaction is lost to a deadlock', () => {
  onEveryClient((setting) => {
    it('swallows it and goes on: nothing of that attempt survives, and the next one takes effect once', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const later: unknown[] = []
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx, _order, { attempt }) => {
          await recharge(tx, id)
          if (attempt > 1) return attempt
          const { over } = await arrangeDeadlock(shop)
          expect(errnoOf(await failureOf(tx.run(DEADLOCKING)))).toBe(DEADLOCK)
          await over
          later.push(await failureOf(recharge(tx, id)), await failureOf(tx.run('select 1')))
          return attempt
        },
      })
      expect(result).toMatchObject({ outcome: 'claimed', value: 2 })
      expect(later).toMatchObject([{ code: 'CLAIM_TRANSACTION_LOST' }, { code: 'CLAIM_TRANSACTION_LOST' }])
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('swallows it every time: the call fails, and nothing survives', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const events: ClaimEvent[] = []
      let attempts = 0
      const claim = ordersOf(client, { onEvent: (event) => events.push(event) }).claimOnce(id, {
        retries: 1,
        effect: async (tx) => {
          attempts += 1
          await recharge(tx, id)
          const { over } = await arrangeDeadlock(shop)
          await failureOf(tx.run(DEADLOCKING))
          await over
          await failureOf(recharge(tx, id))
          return 'recharged'
        },
      })
      const error = await failureOf(claim)
      expect(error).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST', reply: 'call_again', cause: { errno: DEADLOCK } })
      expect(attempts).toBe(2)
      expect(events.map(({ type }) => type)).toEqual(['effect_failed', 'retry', 'effect_failed', 'failed'])
      expect(await found(shop, id)).toEqual(UNDONE)
    })

    it('wraps it without a cause: retried all the same', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx, _order, { attempt }) => {
          await recharge(tx, id)
          if (attempt > 1) return
          const { over } = await arrangeDeadlock(shop)
          await failureOf(tx.run(DEADLOCKING))
          await over
          throw new Error('The recharge failed.')
        },
      })
      expect(result.outcome).toBe('claimed')
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('wraps it, with retries: 0: the error is thrown unchanged, and the order waits', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const wrapped = new Error('The recharge failed.')
      let attempts = 0
      const claim = ordersOf(client).claimOnce(id, {
        retries: 0,
        effect: async (tx) => {
          attempts += 1
          await recharge(tx, id)
          const { over } = await arrangeDeadlock(shop)
          await failureOf(tx.run(DEADLOCKING))
          await over
          throw wrapped
        },
      })
      expect(await failureOf(claim)).toBe(wrapped)
      expect(attempts).toBe(1)
      expect(await found(shop, id)).toEqual(UNDONE)
    })

    it('lets it pass: retried', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      let over = Promise.resolve()
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx, _order, { attempt }) => {
          await over
          await recharge(tx, id)
          if (attempt > 1) return attempt
          ;({ over } = await arrangeDeadlock(shop))
          await tx.run(DEADLOCKING)
          throw new Error('There was no deadlock.')
        },
      })
      expect(result).toMatchObject({ outcome: 'claimed', value: 2 })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('started several statements at once: those after the deadlock are not applied', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      let codes: unknown[] = []
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx, _order, { attempt }) => {
          await recharge(tx, id)
          if (attempt > 1) return
          const { over } = await arrangeDeadlock(shop)
          const insert = 'insert into ledger (order_id, amount) values (7, 7)'
          const answers = await Promise.allSettled([tx.run(DEADLOCKING), tx.run(insert), tx.run(insert)])
          await over
          codes = answers.map((answer) =>
            answer.status === 'rejected' ? (answer.reason as { code: unknown }).code : 0,
          )
        },
      })
      expect(codes).toEqual(['ER_LOCK_DEADLOCK', 'CLAIM_TRANSACTION_LOST', 'CLAIM_TRANSACTION_LOST'])
      expect(result.outcome).toBe('claimed')
      expect(await found(shop, id)).toEqual(ONCE)
    })
  })
})

describe('an effect that waits for a lock in vain', () => {
  onEveryClient(
    (setting) => {
      it('lets the error pass: it is thrown unchanged, not retried, and the order waits', async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        const holder = await openHolder(shop)
        await holder.run('update accounts set balance = balance + 0 where id = 1')
        let attempts = 0
        const error = await failureOf(
          ordersOf(client).claimOnce(id, {
            effect: async (tx) => {
              attempts += 1
              await tx.run('insert into ledger (order_id, amount) values (?, 42)', [id])
              await tx.run('update accounts set balance = balance + 42 where id = 1')
            },
          }),
        )
        await holder.rollback()
        expect(errnoOf(error)).toBe(1205)
        expect(attempts).toBe(1)
        expect(await found(shop, id)).toEqual(UNDONE)
      })

      it('swallows it: the claim is not committed without that statement', async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        const holder = await openHolder(shop)
        await holder.run('update accounts set balance = balance + 0 where id = 1')
        const claim = ordersOf(client).claimOnce(id, {
          effect: async (tx) => {
            await tx.run('insert into ledger (order_id, amount) values (?, 42)', [id])
            await failureOf(tx.run('update accounts set balance = balance + 42 where id = 1'))
            await failureOf(tx.run('insert into ledger (order_id, amount) values (?, 42)', [id]))
            return 'recharged'
          },
        })
        const error = await failureOf(claim)
        await holder.rollback()
        expect(error).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST', cause: { errno: 1205 } })
        expect(await found(shop, id)).toEqual(UNDONE)
        const again = await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
        expect(again.outcome).toBe('claimed')
        expect(await found(shop, id)).toEqual(ONCE)
      })
    },
    { session: ['set innodb_lock_wait_timeout = 1'] },
  )
})

describe('an effect that writes over a row that changed after its snapshot', () => {
  onEveryClient((setting) => {
    it('takes effect once: after a retry where the server refuses (1020), else at once', async () => {
      const { shop, client } = setting
      const [row] = await shop.run(`show variables like 'innodb_snapshot_isolation'`)
      const refuses = row?.['Value'] === 'ON'
      const id = await shop.newOrder()
      const swallowed: unknown[] = []
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx, _order, { attempt }) => {
          await tx.run('select balance from accounts where id = 1')
          if (attempt === 1) await shop.run('update accounts set balance = balance + 100 where id = 1')
          try {
            await recharge(tx, id)
          } catch (error) {
            swallowed.push(errnoOf(error))
            await failureOf(recharge(tx, id))
          }
          return attempt
        },
      })
      expect(swallowed).toEqual(refuses ? [1020] : [])
      expect(result).toMatchObject({ outcome: 'claimed', value: refuses ? 2 : 1 })
      expect(await found(shop, id)).toEqual({ ...ONCE, balance: 142 })
    })
  })
})

describe('a lock that an effect waits for', () => {
  onEveryClient((setting) => {
    it('is bounded by the pool as the user set it, not by the claim', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1, session: ['set innodb_lock_wait_timeout = 33'] })
      const id = await shop.newOrder()
      const result = await ordersOf(client).claimOnce(id, {
        lockTimeoutMs: 1000,
        effect: (tx) => tx.run('select @@innodb_lock_wait_timeout as seconds'),
      })
      await client.end()
      expect(result).toMatchObject({ outcome: 'claimed', value: [{ seconds: 33 }] })
    })
  })
})
