import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isMariaDb } from '../support/lanes.ts'
import { beforeStatement } from './support/before-statement.ts'
import { openClient, runOn } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { lockWaiter, whileHeld } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import type { Options } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import type { ClientSetting } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const STRATEGIES = ['conditional', 'optimistic', 'pessimistic'] as const
const BUSY = { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false }

describe('an order that another transaction holds', () => {
  onEveryClient((setting) => {
    /** Each strategy, bare and with an effect, on a held order of its own; how long each one took. */
    const claimHeld = async (
      { shop, client }: ClientSetting,
      options: Options,
      timeoutMs: number,
    ): Promise<number[]> => {
      const orders = ordersOf(client, { timeoutMs })
      await orders.claimOnce(0)
      const claims = STRATEGIES.flatMap((strategy) => [
        { strategy },
        { strategy, effect: (tx: Parameters<typeof recharge>[0]) => recharge(tx, 0) },
      ])
      const took = await Promise.all(
        claims.map(async (claim) => {
          const id = await shop.newOrder()
          return await whileHeld(shop, id, async () => {
            const start = performance.now()
            expect(await orders.claimOnce(id, { ...claim, ...options }), claim.strategy).toEqual(BUSY)
            const ms = performance.now() - start
            expect(await shop.statusOf(id)).toBe('Wait')
            return ms
          })
        }),
      )
      expect(await shop.balanceOf(1)).toBe(0)
      return took
    }

    it('is busy within the default of one second', async () => {
      for (const ms of await claimHeld(setting, {}, 2000)) {
        expect(ms).toBeGreaterThan(700)
        expect(ms).toBeLessThan(2000)
      }
    })

    it('is busy within the bound of the call', async () => {
      for (const ms of await claimHeld(setting, { lockTimeoutMs: 1500 }, 20_000)) {
        expect(ms).toBeGreaterThan(1700)
        expect(ms).toBeLessThan(5000)
      }
    })

    it('is busy at once with lockTimeoutMs: 0, or after a second where MySQL knows no less', async () => {
      const took = await claimHeld(setting, { lockTimeoutMs: 0 }, 20_000)
      for (const ms of took) expect(ms).toBeLessThan(isMariaDb(setting.lane) ? 800 : 2000)
    })

    it("leaves the session's own lock wait as it was", async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1, session: ['set innodb_lock_wait_timeout = 33'] })
      const orders = ordersOf(client)
      const id = await shop.newOrder()
      const seconds = async (): Promise<unknown> => {
        const connection = client.core as unknown as Parameters<typeof runOn>[0]
        return (await runOn(connection, 'select @@innodb_lock_wait_timeout as seconds'))[0]?.['seconds']
      }
      await whileHeld(shop, id, async () => {
        expect(await orders.claimOnce(id, { lockTimeoutMs: 1000, strategy: 'pessimistic' })).toEqual(BUSY)
        expect(await seconds()).toBe(33)
        expect(await orders.claimOnce(id, { lockTimeoutMs: 1000 })).toEqual(BUSY)
        expect(await seconds()).toBe(33)
      })
      expect(await orders.claimOnce(id, { lockTimeoutMs: 1000 })).toMatchObject({ outcome: 'claimed' })
      expect(await seconds()).toBe(33)
      expect(await orders.claimOnce(id, { lockTimeoutMs: 1000 })).toMatchObject({ outcome: 'duplicate' })
      expect(await seconds()).toBe(33)
      await client.end()
    })

    it('is claimed when it is let go in time', async () => {
      const { shop, client } = setting
      for (const strategy of STRATEGIES) {
        const id = await shop.newOrder()
        const claim = await whileHeld(shop, id, async () => {
          const waiting = ordersOf(client).claimOnce(id, { strategy })
          await lockWaiter(shop)
          return { waiting }
        })
        expect(await claim.waiting).toMatchObject({ outcome: 'claimed' })
        expect(await shop.statusOf(id)).toBe('Y')
      }
    })

    it('is a duplicate when the one who held it has claimed it', async () => {
      const { shop, client } = setting
      for (const strategy of STRATEGIES) {
        const id = await shop.newOrder()
        const held = Promise.withResolvers<null>()
        const first = ordersOf(client).claimOnce(id, {
          effect: async (tx) => {
            await recharge(tx, id)
            held.resolve(null)
            await lockWaiter(shop)
          },
        })
        await held.promise
        const waiting = ordersOf(client).claimOnce(id, { strategy })
        expect(await first).toMatchObject({ outcome: 'claimed' })
        expect(await waiting).toMatchObject({ outcome: 'duplicate', status: 'Y' })
      }
    })

    it('is busy, and not unknown, where what came before the claim has used up its time', async () => {
      const { shop, client, lane } = setting
      // MySQL knows no shorter wait than a second.
      const timeoutMs = isMariaDb(lane) ? 2000 : 4000
      const adapter = beforeStatement(client.adapter, /^start transaction$/, () => sleep(isMariaDb(lane) ? 1500 : 1000))
      const told: string[] = []
      const orders = ordersOf(client, { adapter, timeoutMs, onEvent: ({ type }) => told.push(type) })
      const id = await shop.newOrder()
      await orders.claimOnce(0)
      await whileHeld(shop, id, async () => {
        const options = { lockTimeoutMs: 1000, effect: (tx: Parameters<typeof recharge>[0]) => recharge(tx, id) }
        expect(await orders.claimOnce(id, options)).toEqual(BUSY)
      })
      expect(told).not.toContain('unknown')
    })

    it('cannot be waited for longer than the whole call', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const claim = ordersOf(client).claimOnce(id, { timeoutMs: 1000, lockTimeoutMs: 1000 })
      expect(await failureOf(claim)).toMatchObject({ code: 'CLAIM_INPUT' })
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })
})
