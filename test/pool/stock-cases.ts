import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Stock } from '../../src/pool/pool-config.ts'
import { cardsOn, newCampaign, stock } from './cards.ts'
import type { PoolCase } from './pool-cases.ts'

/** Waits for what is told beside the draws. */
async function until(reached: () => boolean): Promise<void> {
  for (const limit = performance.now() + 5000; !reached() && performance.now() < limit;) await pause(10)
}

export const STOCK_CASES: readonly PoolCase[] = [
  {
    name: 'somebody is told once when items run out, and again after they have been refilled',
    async run(subject, how) {
      const told: Stock[] = []
      const cards = cardsOn(subject, {
        ...how,
        lowStock: { below: 3, everyMs: 0, notify: (left) => told.push(left) },
      })
      const scope = await stock(subject, cards, 5)
      for (const owner of ['a', 'b']) await cards.claimNext(owner, { scope })
      await pause(100)
      assert.deepEqual(told, [])
      await cards.claimNext('c', { scope })
      await until(() => told.length > 0)
      assert.deepEqual(told, [{ scope, where: {}, free: 2 }])
      await cards.claimNext('d', { scope })
      await pause(100)
      assert.equal(told.length, 1)
      await subject.query(
        `insert into cards (campaign, card_number) values ('${scope}', 'more 1'), ('${scope}', 'more 2'), ('${scope}', 'more 3')`,
      )
      await cards.claimNext('e', { scope })
      await pause(200)
      await cards.claimNext('f', { scope })
      await until(() => told.length > 1)
      assert.deepEqual(
        told.map(({ free }) => free),
        [2, 2],
      )
    },
  },
  {
    name: 'a burst of draws is looked at when it is over, and whoever is told may fail',
    async run(subject, how) {
      const told: Stock[] = []
      const cards = cardsOn(subject, {
        ...how,
        lowStock: {
          below: 2,
          everyMs: 150,
          notify: (left) => {
            told.push(left)
            throw new Error('nobody is there')
          },
        },
      })
      const scope = await newCampaign(subject, 20)
      await Promise.all(Array.from({ length: 20 }, (_, index) => cards.claimNext(`w${index}`, { scope })))
      await until(() => told.length > 0)
      assert.deepEqual(told, [{ scope, where: {}, free: 0 }])
      assert.equal((await cards.claimNext('nobody', { scope })).outcome, 'exhausted')
    },
  },
]
