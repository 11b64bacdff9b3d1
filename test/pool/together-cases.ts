import assert from 'node:assert/strict'
import { ClaimError } from '../../src/errors.ts'
import type { Subject } from '../contract/subject.ts'
import { cardsOn, stock } from './cards.ts'
import { noting } from './interference.ts'
import type { PoolCase } from './pool-cases.ts'

/** Requests that meet in one process. */
export const TOGETHER_CASES: readonly PoolCase[] = [
  {
    name: 'whoever waits for the draws of others is told when his own time is over',
    async run(subject, how) {
      let isStuck = false
      const stuck = (adapter: Subject['adapter']): Subject['adapter'] => ({
        ...adapter,
        synchronous: false,
        open: (waiting) => (isStuck ? new Promise<never>(() => {}) : adapter.open(waiting)),
      })
      const timeoutMs = 600
      const cards = cardsOn(subject, { ...how, drawTogether: 2, timeoutMs, adapter: stuck })
      const scope = await stock(subject, cards, 1)
      await cards.count({ scope })
      isStuck = true
      const from = performance.now()
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          cards.claimNext(`w${index}`, { scope }).then(
            ({ reply }) => reply,
            (error: unknown) => (error instanceof ClaimError ? error.reply : error),
          ),
        ),
      )
      assert.deepEqual([...new Set(answers)], ['call_again'])
      const took = performance.now() - from
      // The draw that was under way, and one more: not one after the other for all six pairs.
      assert(took < 4 * timeoutMs, `${took} ms`)
    },
  },
  {
    name: 'whoever asks beside those who get a card makes no other UPDATE of theirs, which would be kept',
    async run(subject, how) {
      let built = 0
      const counting = (adapter: Subject['adapter']): Subject['adapter'] => ({
        ...adapter,
        dialect: {
          ...adapter.dialect,
          update(clauses, surroundings) {
            built += 1
            return adapter.dialect.update(clauses, surroundings)
          },
        },
      })
      const cards = cardsOn(subject, { ...how, adapter: counting })
      const scope = await stock(subject, cards, 7)
      await cards.claimNext('anna', { scope })
      built = 0
      for (const owners of [
        ['anna', 'berta', 'carl'],
        ['dora', 'anna', 'emil'],
        ['frida', 'gerd', 'anna'],
      ]) {
        const results = await Promise.all(owners.map((owner) => cards.claimNext(owner, { scope })))
        assert.equal(results.filter(({ outcome }) => outcome === 'claimed').length, 2)
      }
      assert.equal(built, 1)
    },
  },
  {
    name: 'however many are told at once that there are none, it takes a few statements',
    async run(subject, how) {
      const sent: string[] = []
      const cards = cardsOn(subject, { ...how, adapter: noting(sent) })
      const scope = await stock(subject, cards, 0)
      await cards.claimNext('first', { scope })
      sent.length = 0
      const results = await Promise.all(
        Array.from({ length: 60 }, (_, index) => cards.claimNext(`w${index}`, { scope })),
      )
      assert.deepEqual([...new Set(results.map(({ outcome }) => outcome))], ['exhausted'])
      assert(sent.length < 40, `${sent.length} statements`)
    },
  },
]
