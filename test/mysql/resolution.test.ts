import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isUnknownClaimError } from '../../src/index.ts'
import type { ClaimEvent, UnknownClaimError } from '../../src/index.ts'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { lockWaiter, openHolder } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import type { Orders } from './support/orders.ts'
import { openProxy } from '../support/mysql-proxy.ts'
import type { Proxy } from '../support/mysql-proxy.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const COMMIT = /^commit$/i
const UPDATE = /(?:^|\n)update `orders`/
const STRATEGIES = ['conditional', 'optimistic', 'pessimistic'] as const

const CLAIMED = { outcome: 'claimed', reply: 'handled', recovered: false }
const RECOVERED = { outcome: 'claimed', reply: 'handled', recovered: true }

async function unknownOf(claim: Promise<unknown>): Promise<UnknownClaimError> {
  const error = await failureOf(claim)
  if (!isUnknownClaimError(error)) throw error
  return error
}

describe('a claim that nobody has answered is found out by its token', () => {
  onEveryClient((setting) => {
    let proxy: Proxy
    let client: Client
    let orders: Orders
    const events: ClaimEvent[] = []
    beforeAll(async () => {
      proxy = await openProxy(setting.shop.url)
      client = openClient(setting.kind, proxy.url)
      orders = ordersOf(client, { resolveTimeoutMs: 5000, onEvent: (event) => events.push(event) })
      await orders.claimOnce(0)
    })
    afterAll(async () => {
      await client.end().catch(() => {})
      await proxy.close()
    })
    const commits = (): number => proxy.statements.filter((sql) => COMMIT.test(sql)).length

    for (const strategy of STRATEGIES) {
      it(`COMMIT was done, and its answer lost: recovered, the effect is not run again (${strategy})`, async () => {
        const { shop } = setting
        const id = await shop.newOrder()
        let runs = 0
        const before = commits()
        proxy.arm(COMMIT, 'cut after')
        const effect = async (tx: Parameters<typeof recharge>[0]): Promise<string> => {
          runs += 1
          await recharge(tx, id)
          return 'done'
        }
        expect(await orders.claimOnce(id, { strategy, effect })).toMatchObject({ ...RECOVERED, value: undefined })
        expect(runs).toBe(1)
        expect(await found(shop, id)).toEqual(ONCE)
        // The claim's own; the locking read that recognised it was rolled back.
        expect(commits()).toBe(before + 1)
        expect(events.filter((event) => event.type === 'unknown').at(-1)).toMatchObject({
          phase: 'commit',
          orderId: id,
        })
        expect(await orders.claimOnce(id, { strategy, effect })).toMatchObject({ outcome: 'duplicate' })
        expect(runs).toBe(1)
      })

      it(`COMMIT never arrived: claimed now, and the effect that stands is the second run's (${strategy})`, async () => {
        const { shop } = setting
        const id = await shop.newOrder()
        const attempts: number[] = []
        proxy.arm(COMMIT, 'cut before')
        const result = await orders.claimOnce(id, {
          strategy,
          effect: async (tx, _order, { attempt }) => {
            attempts.push(attempt)
            await recharge(tx, id)
            return attempts.length
          },
        })
        expect(result).toMatchObject({ ...CLAIMED, value: 2 })
        expect(attempts[1]).toBeGreaterThan(attempts[0]!)
        expect(await found(shop, id)).toEqual(ONCE)
      })

      it(`the claiming UPDATE of a bare claim, done and not answered: recovered, or claimed now (${strategy})`, async () => {
        const { shop } = setting
        const id = await shop.newOrder()
        proxy.arm(UPDATE, 'cut after')
        const alone = setting.kind !== 'kysely' && strategy !== 'pessimistic'
        expect(await orders.claimOnce(id, { strategy })).toMatchObject(alone ? RECOVERED : CLAIMED)
        expect(await shop.statusOf(id)).toBe('Y')
        expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'duplicate' })
      })
    }

    it('a COMMIT without an answer until the time is over: recovered, within a time of its own', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      proxy.arm(COMMIT, 'no answer')
      expect(await orders.claimOnce(id, { timeoutMs: 700, effect: (tx) => recharge(tx, id) })).toMatchObject(RECOVERED)
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('somebody else has claimed it meanwhile: a duplicate, and nothing is recovered', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const holder = await openHolder(shop)
      await holder.run('select status from orders where order_id = ? lock in share mode', [id])
      const claim = orders.claimOnce(id, { lockTimeoutMs: 'server', timeoutMs: 400, effect: (tx) => recharge(tx, id) })
      // The claim waits for the holder, until its time ends; then the question what became of it waits, by another thread.
      await lockWaiter(shop, await lockWaiter(shop))
      await holder.run("update orders set status = 'Y' where order_id = ?", [id])
      await holder.commit()
      expect(await claim).toMatchObject({ outcome: 'duplicate' })
      expect(await found(shop, id)).toEqual({ ...UNDONE, status: 'Y' })
    })

    it('nobody to ask in time: CLAIM_UNKNOWN, resolved later, once for all who ask', async () => {
      const { shop } = setting
      for (const fate of ['cut after', 'cut before'] as const) {
        await shop.run('update accounts set balance = 0')
        await shop.run('delete from ledger')
        const id = await shop.newOrder()
        const effect = (tx: Parameters<typeof recharge>[0]): Promise<void> => recharge(tx, id)
        proxy.arm(COMMIT, fate)
        const error = await unknownOf(orders.claimOnce(id, { resolveTimeoutMs: 0, effect }))
        expect(error).toMatchObject({ code: 'CLAIM_UNKNOWN', reply: 'call_again' })
        expect(JSON.stringify(error)).not.toContain(error.pending)
        const elsewhere = ordersOf(openedElsewhere(), { resolveTimeoutMs: 5000 })
        const results = await Promise.all([
          error.resolve(),
          orders.resolve(error.pending, { effect }),
          elsewhere.resolve(error.pending, { effect }),
          elsewhere.resolve(error.pending, { effect }),
        ])
        const recovered = results.map((result) => result.outcome === 'claimed' && result.recovered)
        expect(results.map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed', 'claimed', 'claimed'])
        expect(recovered.filter((one) => !one)).toHaveLength(fate === 'cut before' ? 1 : 0)
        expect(await found(shop, id)).toEqual(ONCE)
      }
    })

    const opened: Client[] = []
    const openedElsewhere = (): Client => {
      const other = openClient(setting.kind, setting.shop.url)
      opened.push(other)
      return other
    }
    afterAll(async () => {
      for (const other of opened) await other.end()
    })
  })
})
