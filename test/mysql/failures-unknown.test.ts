import { describe, expect, it } from 'vitest'
import { openClient } from './support/client.ts'
import { lockWaiter, openHolder, threadGone, whileHeld } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { recording } from './support/recorder.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const UNKNOWN = { code: 'CLAIM_UNKNOWN', reply: 'call_again' }
/** Lets the server wait for as long as it likes, so that something else strikes first. */
const SERVER = { lockTimeoutMs: 'server' } as const

describe('a claiming UPDATE that nobody has answered', () => {
  onEveryClient((setting) => {
    /** Where the UPDATE of each strategy blocks: `optimistic` reads first, under a shared lock. */
    const HOLDS = { conditional: 'for update', optimistic: 'lock in share mode' } as const

    for (const [strategy, hold] of Object.entries(HOLDS) as [keyof typeof HOLDS, string][]) {
      for (const striker of ['timer', 'signal'] as const) {
        it(`when the ${striker} strikes is unknown, and its connection is never used again (${strategy})`, async () => {
          const { shop, client } = setting
          const orders = ordersOf(client)
          await orders.claimOnce(0)
          const id = await shop.newOrder()
          const holder = await openHolder(shop)
          await holder.run(`select status from orders where order_id = ? ${hold}`, [id])
          const caller = new AbortController()
          const claim = failureOf(
            orders.claimOnce(id, {
              ...SERVER,
              strategy,
              signal: caller.signal,
              timeoutMs: striker === 'timer' ? 300 : 20_000,
            }),
          )
          const thread = await lockWaiter(shop)
          if (striker === 'signal') caller.abort()
          expect(await claim).toMatchObject(UNKNOWN)
          expect(client.threads()).not.toContain(thread)
          // We may kill our own connection, so it is not applied when the lock is free again.
          await threadGone(shop, thread)
          await holder.rollback()
          expect(await shop.statusOf(id)).toBe('Wait')
          expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
          expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'duplicate' })
        })
      }
    }

    it('is unknown also where its connection was killed by somebody else', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      await whileHeld(shop, id, async () => {
        const claim = failureOf(ordersOf(client).claimOnce(id, SERVER))
        const thread = await lockWaiter(shop)
        await shop.run(`kill ${thread}`)
        expect(await claim).toMatchObject(UNKNOWN)
        expect(client.threads()).not.toContain(thread)
      })
      expect(await shop.statusOf(id)).toBe('Wait')
      expect(await ordersOf(client).claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    })

    it('is busy where only the statement was killed: the server has said so', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      await whileHeld(shop, id, async () => {
        const claim = ordersOf(client).claimOnce(id, SERVER)
        const thread = await lockWaiter(shop)
        await shop.run(`kill query ${thread}`)
        expect(await claim).toMatchObject({ outcome: 'busy' })
        expect(client.threads()).toContain(thread)
      })
      expect(await shop.statusOf(id)).toBe('Wait')
      expect(await ordersOf(client).claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    })
  })
})

describe('a locking read that nobody has answered', () => {
  onEveryClient((setting) => {
    for (const strategy of ['pessimistic', 'optimistic'] as const) {
      it(`when the timer strikes is busy: nothing had been claimed by it (${strategy})`, async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        await orders.claimOnce(0)
        const id = await shop.newOrder()
        await whileHeld(shop, id, async () => {
          const claim = orders.claimOnce(id, { ...SERVER, strategy, timeoutMs: 300 })
          const thread = await lockWaiter(shop)
          expect(await claim).toMatchObject({ outcome: 'busy' })
          expect(client.threads()).not.toContain(thread)
          await threadGone(shop, thread)
        })
        expect(await shop.statusOf(id)).toBe('Wait')
        expect(await orders.claimOnce(id, { strategy })).toMatchObject({ outcome: 'claimed' })
      })

      it(`when the signal of the caller fires is aborted (${strategy})`, async () => {
        const { shop, client } = setting
        const orders = ordersOf(client)
        const id = await shop.newOrder()
        const caller = new AbortController()
        await whileHeld(shop, id, async () => {
          const claim = failureOf(orders.claimOnce(id, { ...SERVER, strategy, signal: caller.signal }))
          const thread = await lockWaiter(shop)
          caller.abort('the gateway hung up')
          expect(await claim).toMatchObject({
            code: 'CLAIM_ABORTED',
            reply: 'call_again',
            cause: 'the gateway hung up',
          })
          await threadGone(shop, thread)
        })
        expect(await shop.statusOf(id)).toBe('Wait')
        expect(await orders.claimOnce(id, { strategy })).toMatchObject({ outcome: 'claimed' })
      })
    }

    it('is retried where its connection was killed by somebody else: nothing had been claimed by it', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const claim = await whileHeld(shop, id, async () => {
        const waiting = ordersOf(client).claimOnce(id, { ...SERVER, strategy: 'pessimistic' })
        const thread = await lockWaiter(shop)
        await shop.run(`kill ${thread}`)
        await lockWaiter(shop, thread)
        return { waiting }
      })
      expect(await claim.waiting).toMatchObject({ outcome: 'claimed' })
      expect(await shop.statusOf(id)).toBe('Y')
    })
  })
})

describe('a signal that has fired before the call', () => {
  onEveryClient((setting) => {
    it('is aborted, and nothing is sent', async () => {
      const { shop, client } = setting
      const { adapter, sent } = recording(client.adapter)
      const orders = ordersOf(client, { adapter })
      await orders.claimOnce(0)
      const id = await shop.newOrder()
      const before = sent.length
      for (const strategy of ['conditional', 'optimistic', 'pessimistic'] as const) {
        const claim = orders.claimOnce(id, { strategy, signal: AbortSignal.abort(new Error('too late')) })
        expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_ABORTED', cause: { message: 'too late' } })
      }
      expect(sent).toHaveLength(before)
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })
})

describe('a connection that was killed while it was idle in the pool', () => {
  onEveryClient((setting) => {
    for (const strategy of ['conditional', 'optimistic', 'pessimistic'] as const) {
      it(`never makes a wrong answer (${strategy})`, async () => {
        const { shop, kind } = setting
        const client = openClient(kind, shop.url, { connectionLimit: 1 })
        const orders = ordersOf(client)
        for (let round = 0; round < 5; round += 1) {
          const id = await shop.newOrder()
          await orders.claimOnce(0)
          const [thread] = client.threads()
          // Not waited for: sometimes the pool has heard of it, sometimes it hands out the dead connection.
          const killed = shop.run(`kill ${thread!}`)
          if (round > 1) await killed
          if (round > 3) await threadGone(shop, thread!)
          const result = await orders.claimOnce(id, { strategy }).catch((error: unknown) => error)
          await killed
          const status = await shop.statusOf(id)
          const { outcome, code } = result as { outcome?: string; code?: string }
          if (outcome !== undefined) expect([outcome, status]).toEqual(['claimed', 'Y'])
          else if (code === 'CLAIM_UNAVAILABLE') expect(status).toBe('Wait')
          else expect(code).toBe('CLAIM_UNKNOWN')
        }
        await client.end()
      })
    }
  })
})
