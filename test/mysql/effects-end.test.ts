import { describe, expect, it } from 'vitest'
import type { ClaimEvent } from '../../src/index.ts'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { openClient } from './support/client.ts'
import type { Tx } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { threadGone } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const forever = (): Promise<never> => new Promise(() => {})

describe('an effect that throws', () => {
  onEveryClient((setting) => {
    it('is undone: its own error comes out unchanged, once, and the order waits', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const events: ClaimEvent[] = []
      const thrown = new Error('the account is closed')
      let attempts = 0
      const claim = ordersOf(client, { onEvent: (event) => events.push(event) }).claimOnce(id, {
        retries: 3,
        effect: async (tx) => {
          attempts += 1
          await recharge(tx, id)
          throw thrown
        },
      })
      expect(await failureOf(claim)).toBe(thrown)
      expect(attempts).toBe(1)
      expect(events).toMatchObject([
        { type: 'effect_failed', error: thrown, orderId: id, attempt: 1 },
        { type: 'failed', error: thrown, orderId: id, attempt: 1 },
      ])
      expect(await found(shop, id)).toEqual(UNDONE)
    })

    it('is undone also where it throws at once, or throws no Error', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      for (const thrown of ['a string', undefined, null, 0]) {
        let caught: unknown = 'nothing'
        const effect = (): never => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- that is what is tested
          throw thrown
        }
        await ordersOf(client)
          .claimOnce(id, { effect })
          .catch((error: unknown) => (caught = error))
        expect(caught).toBe(thrown)
        expect(await found(shop, id)).toEqual(UNDONE)
      }
    })

    it('fails each callback anew, until it works: then it takes effect once', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const orders = ordersOf(client)
      for (let call = 1; call <= 3; call += 1) {
        await failureOf(
          orders.claimOnce(id, {
            effect: async (tx) => {
              await recharge(tx, id)
              throw new Error('no')
            },
          }),
        )
      }
      expect(await found(shop, id)).toEqual(UNDONE)
      expect((await orders.claimOnce(id, { effect: (tx) => recharge(tx, id) })).outcome).toBe('claimed')
      expect((await orders.claimOnce(id, { effect: (tx) => recharge(tx, id) })).outcome).toBe('duplicate')
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('is undone where its error is a foreign one that looks like a deadlock', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      let attempts = 0
      const foreign = Object.assign(new Error('Deadlock found on another server'), { errno: 1213, sqlState: '40001' })
      const claim = ordersOf(client).claimOnce(id, {
        retries: 2,
        effect: async (tx) => {
          attempts += 1
          await recharge(tx, id)
          throw foreign
        },
      })
      expect(await failureOf(claim)).toBe(foreign)
      expect(attempts).toBe(1)
      expect(await found(shop, id)).toEqual(UNDONE)
    })
  })
})

describe('an effect that never returns', () => {
  onEveryClient((setting) => {
    it('is rolled back when timeoutMs is over: its signal fires, its handle is dead, its connection is fit for use', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1 })
      const id = await shop.newOrder()
      let late: Tx | undefined
      let signal: AbortSignal | undefined
      const claim = ordersOf(client).claimOnce(id, {
        timeoutMs: 300,
        effect: async (tx, _order, context) => {
          late = tx
          signal = context.signal
          await recharge(tx, id)
          expect(signal.aborted).toBe(false)
          await forever()
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_TIMEOUT', reply: 'call_again' })
      expect(signal?.aborted).toBe(true)
      expect(await found(shop, id)).toEqual(UNDONE)
      expect(await failureOf(recharge(late!, id))).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      expect(await found(shop, id)).toEqual(UNDONE)

      const again = await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
      expect(again.outcome).toBe('claimed')
      expect(await failureOf(recharge(late!, id))).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      expect(await found(shop, id)).toEqual(ONCE)
      await client.end()
    })

    it('because its own statement does not: the connection is closed, the statement killed, the order waits', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 2 })
      const id = await shop.newOrder()
      let thread = 0
      const claim = ordersOf(client).claimOnce(id, {
        timeoutMs: 300,
        effect: async (tx) => {
          thread = Number((await tx.run('select connection_id() as id'))[0]?.['id'])
          await recharge(tx, id)
          await tx.run('select sleep(60)')
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_TIMEOUT' })
      expect(client.threads()).not.toContain(thread)
      const startedAt = performance.now()
      await threadGone(shop, thread)
      // By itself the server notices after five seconds that nobody is at the other end.
      expect(performance.now() - startedAt).toBeLessThan(4000)
      expect(await found(shop, id)).toEqual(UNDONE)
      expect((await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })).outcome).toBe('claimed')
      expect(await found(shop, id)).toEqual(ONCE)
      await client.end()
    })

    it('although the caller gives up: CLAIM_ABORTED, and its signal carries that on', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const caller = new AbortController()
      let signal: AbortSignal | undefined
      const claim = ordersOf(client).claimOnce(id, {
        signal: caller.signal,
        effect: async (tx, _order, context) => {
          signal = context.signal
          await recharge(tx, id)
          caller.abort(new Error('the gateway hung up'))
          await forever()
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_ABORTED', cause: { message: 'the gateway hung up' } })
      expect(signal?.aborted).toBe(true)
      expect(await found(shop, id)).toEqual(UNDONE)
    })

    it('but ends by its signal: its time is over all the same', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const claim = ordersOf(client).claimOnce(id, {
        timeoutMs: 300,
        effect: async (tx, _order, { signal }) => {
          await recharge(tx, id)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return 'recharged'
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_TIMEOUT' })
      expect(await found(shop, id)).toEqual(UNDONE)
    })
  })
})

describe('the handle of an effect', () => {
  onEveryClient((setting) => {
    it('is dead once the claim is over, in every outcome', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client)
      const kept: Tx[] = []
      const id = await shop.newOrder()
      await failureOf(
        orders.claimOnce(id, {
          effect: (tx) => {
            kept.push(tx)
            throw new Error('no')
          },
        }),
      )
      await orders.claimOnce(id, {
        effect: async (tx) => {
          kept.push(tx)
          await recharge(tx, id)
        },
      })
      expect(kept).toHaveLength(2)
      for (const tx of kept) {
        expect(await failureOf(recharge(tx, id))).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
      }
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('waits for what was started and not awaited: it is a part of the claim', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const result = await ordersOf(client).claimOnce(id, {
        effect: (tx) => {
          void tx.run('update accounts set balance = balance + 42 where id = 1')
          void tx.run('select sleep(0.1)')
          void tx.run('insert into ledger (order_id, amount) values (?, 42)', [id])
        },
      })
      expect(result.outcome).toBe('claimed')
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('takes an error that nobody awaited: a transaction that is gone is not committed', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const claim = ordersOf(client).claimOnce(id, {
        effect: (tx) => {
          tx.run('update accounts set balance = balance + 42 where id = 1').catch(() => {})
          tx.run('rollback').catch(() => {})
        },
      })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
      expect(await found(shop, id)).toEqual(UNDONE)
    })
  })
})
