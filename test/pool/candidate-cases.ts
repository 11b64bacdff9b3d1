import assert from 'node:assert/strict'
import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'
import type { Subject } from '../contract/subject.ts'
import { cardsOn, givenCards, newCampaign } from './cards.ts'
import type { Cards } from './cards.ts'
import { memoryQueue } from './memory-queue.ts'
import { numbers, READ } from './pool-cases.ts'
import type { PoolCase } from './pool-cases.ts'

const idsOf = async ({ query }: Subject, campaign: string): Promise<string[]> =>
  (await query(`select card_id from cards where campaign = '${campaign}' order by card_id`)).map(({ card_id }) =>
    String(card_id),
  )

/** A queue that holds just this, whichever list is asked for. */
const holding = (...ids: readonly string[]): CandidateQueue => {
  const left = [...ids]
  return {
    pop: async (_list, count) => left.splice(0, count),
    push: async (_list, back) => void left.push(...back),
    replace: async () => 0,
  }
}

const fallbacks = ({ events }: Cards): string[] =>
  events.flatMap((event) => (event.type === 'queue_fallback' ? [event.reason] : []))

/** The queue names candidates; the table is the truth. */
export const CANDIDATE_CASES: readonly PoolCase[] = [
  {
    name: 'a card that is queued twice goes to one owner',
    async run(subject, how) {
      const scope = await newCampaign(subject, 2)
      const [first = '', second = ''] = await idsOf(subject, scope)
      const cards = cardsOn(subject, { ...how, queue: holding(first, first, second) })
      const results = []
      for (const owner of ['anna', 'berta']) results.push(await cards.claimNext(owner, { scope, read: READ }))
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ['claimed', 'claimed'],
      )
      const given = await givenCards(subject, scope)
      assert.deepEqual(
        given.map(({ owner, number }) => [owner, number]),
        [
          ['anna', numbers(results[0] ?? { outcome: '' })[0]],
          ['berta', numbers(results[1] ?? { outcome: '' })[0]],
        ],
      )
      assert.deepEqual(fallbacks(cards), [])
    },
  },
  {
    name: 'candidates of another scope, taken ones, and what is no id at all are passed over',
    async run(subject, how) {
      const scope = await newCampaign(subject, 2)
      const [taken = '', free = ''] = await idsOf(subject, scope)
      const [foreign = ''] = await idsOf(subject, await newCampaign(subject, 1))
      await subject.query(`update cards set status = 'Taken', owner = 'other', slot = 1 where card_id = ${taken}`)
      const garbage = ['abc', '', ` ${free}`, `${free}.0`, `0${free}`, '9223372036854775808']
      const cards = cardsOn(subject, { ...how, queue: holding(foreign, taken, ...garbage, free) })
      const result = await cards.claimNext('anna', { scope, read: READ })
      assert.equal(result.outcome, 'claimed')
      assert.deepEqual(fallbacks(cards), [])
      const given = await givenCards(subject, scope)
      assert.deepEqual(
        given.filter(({ owner }) => owner === 'anna').map(({ number }) => number),
        numbers(result),
      )
      assert.deepEqual(
        given.map(({ owner }) => owner),
        ['anna', 'other'],
      )
    },
  },
  {
    name: 'a refill stands in the place of what was queued: no card is in the queue twice',
    async run(subject, how) {
      const queue = how.queue ?? memoryQueue()
      const popped: string[] = []
      const pop: CandidateQueue['pop'] = async (list, count) => {
        const ids = await queue.pop(list, count)
        popped.push(...ids)
        return ids
      }
      const cards = cardsOn(subject, { ...how, queue: { ...queue, pop } })
      const scope = await newCampaign(subject, 10)
      for (let refills = 0; refills < 2; refills += 1) assert.deepEqual(await cards.refill({ scope }), { queued: 10 })
      const drawn = []
      for (let owner = 0; owner < 10; owner += 1) drawn.push(await cards.claimNext(`w${owner}`, { scope, read: READ }))
      assert.equal(new Set(drawn.flatMap(numbers)).size, 10)
      assert.deepEqual(fallbacks(cards), [])
      assert.equal((await cards.claimNext('late', { scope })).outcome, 'exhausted')
      assert.deepEqual(fallbacks(cards), ['empty'])
      assert.deepEqual(popped, await idsOf(subject, scope))
    },
  },
  {
    name: 'a refill while a card is out of the queue, and not taken yet, makes no second owner',
    async run(subject, how) {
      const queue = how.queue
      assert(queue !== undefined)
      const setUp = cardsOn(subject, how)
      const scope = await newCampaign(subject, 1)
      await setUp.refill({ scope })
      // It has been popped by a draw that is under way.
      const pop: CandidateQueue['pop'] = async (list, count) => {
        const popped = await queue.pop(list, count)
        if (popped.length > 0)
          await queue.replace(
            list,
            (async function* () {
              yield popped
            })(),
          )
        return popped
      }
      const cards = cardsOn(subject, { ...how, queue: { ...queue, pop } })
      const outcomes = []
      for (const owner of ['anna', 'berta']) outcomes.push((await cards.claimNext(owner, { scope })).outcome)
      assert.deepEqual(outcomes, ['claimed', 'exhausted'])
      assert.deepEqual(
        (await givenCards(subject, scope)).map(({ owner }) => owner),
        ['anna'],
      )
    },
  },
  {
    name: 'a queue that answers nonsense is a queue that is down, and one that gives too much gets the rest back',
    async run(subject, how) {
      for (const nonsense of [null, undefined, 'abc', [5], [null], {}]) {
        const scope = await newCampaign(subject, 1)
        const pop = async (): Promise<never> => nonsense as never
        const cards = cardsOn(subject, { ...how, queue: { ...memoryQueue(), pop } })
        assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
        assert.deepEqual(fallbacks(cards), ['down'])
      }
      const scope = await newCampaign(subject, 1)
      const [id = ''] = await idsOf(subject, scope)
      const back: string[] = []
      const many = Array.from({ length: 3000 }, (_, index) => `x${index}`)
      const queue: CandidateQueue = {
        ...memoryQueue(),
        pop: async () => [id, ...many],
        push: async (_list, ids) => void back.push(...ids),
      }
      const cards = cardsOn(subject, { ...how, queue })
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert.deepEqual(back, many)
    },
  },
  {
    name: 'a refill of what cannot be right is refused, and the queue is left as it was',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await newCampaign(subject, 1)
      await cards.refill({ scope })
      const wrong: readonly object[] = [{ nothing: 1 }, { worth: undefined }, { worth: new Date(Number.NaN) }]
      for (const where of wrong) {
        await assert.rejects(cards.refill({ scope, where: where as Record<string, number> }), { code: 'CLAIM_INPUT' })
      }
      await cards.claimNext('anna', { scope })
      assert.deepEqual(fallbacks(cards), [])
    },
  },
  {
    name: 'what a draw has not used is in the queue again: its owner had a card, or its effect failed',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await newCampaign(subject, 2)
      await cards.refill({ scope })
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'duplicate')
      const failure = new Error('no')
      const effect = (): never => {
        throw failure
      }
      await assert.rejects(cards.claimNext('berta', { scope, effect }), failure)
      assert.equal((await cards.claimNext('berta', { scope })).outcome, 'claimed')
      assert.deepEqual(fallbacks(cards), [])
    },
  },
]
