import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { ClaimError } from '../../src/errors.ts'
import type { Subject } from '../contract/subject.ts'
import { cardsOn, givenCards, newCampaign } from './cards.ts'
import type { Cards, CardsUnderTest } from './cards.ts'
import { PlayedQueue } from './played-queue.ts'
import { numbers, READ } from './pool-cases.ts'

export interface QueueCase {
  readonly name: string
  readonly run: (subject: Subject) => Promise<void>
}

interface Queued {
  readonly queue: PlayedQueue
  readonly cards: Cards
  readonly scope: string
}

/** So many free cards, all of them in the queue. */
async function queued(subject: Subject, free: number, how: Partial<CardsUnderTest> = {}): Promise<Queued> {
  const queue = new PlayedQueue()
  const cards = cardsOn(subject, { strategy: 'queue', queue, ...how })
  const scope = await newCampaign(subject, free)
  assert.deepEqual(await cards.refill({ scope }), { queued: free })
  return { queue, cards, scope }
}

const fallbacks = ({ events }: Cards): string[] =>
  events.flatMap((event) => (event.type === 'queue_fallback' ? [event.reason] : []))

const idsOf = async ({ query }: Subject, scope: string, status: string): Promise<string[]> =>
  (await query(`select card_id from cards where campaign = '${scope}' and status = '${status}' order by card_id`)).map(
    ({ card_id: id }) => String(id),
  )

const failure = new Error('ECONNREFUSED')

export const QUEUE_CASES: readonly QueueCase[] = [
  {
    name: 'cards are given in the order of the queue',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 4)
      queue.only.reverse()
      const [last] = queue.only
      await cards.claimNext('anna', { scope })
      assert.deepEqual(await idsOf(subject, scope, 'Taken'), [last])
      assert.deepEqual([queue.only.length, queue.pops, fallbacks(cards)], [3, [1], []])
    },
  },
  {
    name: 'those who ask at once take their candidates at once',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 8)
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => cards.claimNext(`w${index}`, { scope })),
      )
      assert(results.every(({ outcome }) => outcome === 'claimed'))
      assert.deepEqual([queue.pops, queue.only, fallbacks(cards)], [[8], [], []])
    },
  },
  {
    name: 'who has a card already gives the candidate back',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 3)
      await cards.claimNext('anna', { scope })
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'duplicate')
      assert.equal((await cards.claimNext('anna', { scope, count: 2 })).outcome, 'mismatch')
      assert.deepEqual(queue.only.sort(), await idsOf(subject, scope, 'Free'))
      assert.deepEqual(fallbacks(cards), [])
    },
  },
  {
    name: 'what is rolled back is given back',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 3)
      const effect = (): never => {
        throw failure
      }
      await assert.rejects(cards.claimNext('anna', { scope, effect }), failure)
      assert.deepEqual(queue.only.sort(), await idsOf(subject, scope, 'Free'))
      assert.equal(queue.only.length, 3)
    },
  },
  {
    name: 'an empty queue: the card comes from the table, and it is said so',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 3)
      queue.lists.clear()
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert.deepEqual(fallbacks(cards), ['empty'])
    },
  },
  {
    name: 'fewer candidates than requests: the others are served from the table',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 6)
      queue.only.splice(2)
      const results = await Promise.all(
        Array.from({ length: 7 }, (_, index) => cards.claimNext(`w${index}`, { scope })),
      )
      assert.deepEqual(results.map(({ outcome }) => outcome).sort(), [...Array<string>(6).fill('claimed'), 'exhausted'])
      assert.deepEqual([(await givenCards(subject, scope)).length, fallbacks(cards)], [6, ['empty']])
    },
  },
  {
    name: 'several cards, and not so many in the queue: all of them from the table',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 6)
      queue.only.splice(2)
      const result = await cards.claimNext('anna', { scope, count: 3, read: READ })
      assert.deepEqual([result.outcome, numbers(result).length, fallbacks(cards)], ['claimed', 3, ['empty']])
      assert.equal((await givenCards(subject, scope)).length, 3)
    },
  },
  {
    name: 'a queue that is down: the table is asked, and the queue left alone for a second',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 9)
      queue.fault = () => Promise.reject(failure)
      for (const owner of ['anna', 'berta', 'carl']) {
        assert.equal((await cards.claimNext(owner, { scope })).outcome, 'claimed')
      }
      assert.deepEqual([fallbacks(cards), queue.pops.length], [['down', 'down', 'down'], 1])
      assert(cards.events.every((event) => event.type !== 'queue_fallback' || event.error === failure))
      queue.fault = undefined
      await pause(1100)
      await cards.claimNext('dora', { scope })
      assert(queue.pops.length > 1)
      assert.deepEqual(fallbacks(cards), ['down', 'down', 'down'])
    },
  },
  {
    name: 'a queue of the user that throws at once is down, too',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 2)
      queue.fault = () => {
        throw failure
      }
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert.deepEqual(fallbacks(cards), ['down'])
    },
  },
  {
    name: 'a queue that can never work is no queue that is down',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 1)
      const old = new ClaimError('CLAIM_CONFIG', 'The server is too old.')
      queue.fault = () => Promise.reject(old)
      await assert.rejects(cards.claimNext('anna', { scope }), old)
      assert.deepEqual(await cards.count({ scope }), { free: 1, taken: 0, reserved: 0 })
    },
  },
  {
    name: 'a queue that does not answer is not waited for, and what it says too late is given back',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 3, { queueTimeoutMs: 50 })
      const later = Promise.withResolvers<unknown>()
      queue.wait = () => later.promise
      const begun = performance.now()
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert(performance.now() - begun < 2000)
      assert.deepEqual([fallbacks(cards), queue.only.length, queue.pushes.length], [['down'], 3, 0])
      later.resolve(undefined)
      await pause(20)
      assert.deepEqual([queue.only.length, queue.pushes.length], [3, 1])
    },
  },
  {
    name: 'candidates that are not free are passed over: taken, of another campaign, twice, or nonsense',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 2)
      const other = await newCampaign(subject, 1)
      const [foreign] = await idsOf(subject, other, 'Free')
      const [first, second] = queue.only
      assert(foreign !== undefined && first !== undefined && second !== undefined)
      await cards.claimNext('anna', { scope })
      queue.only.unshift(first, foreign, 'nonsense', '', '9'.repeat(40), '-1', '01')
      queue.only.push(second, second)
      assert.equal((await cards.claimNext('berta', { scope })).outcome, 'claimed')
      assert.deepEqual(await idsOf(subject, scope, 'Taken'), [first, second].sort())
      assert.deepEqual(await idsOf(subject, other, 'Free'), [foreign])
      assert.deepEqual(fallbacks(cards), [])
      assert.equal((await cards.claimNext('carl', { scope })).outcome, 'exhausted')
    },
  },
  {
    name: 'a queue of yesterday costs some tries, and no card',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 2)
      const yesterday = Array.from({ length: 1000 }, (_, index) => `${9_000_000 + index}`)
      queue.only.unshift(...yesterday.slice(0, 100))
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert.deepEqual([fallbacks(cards), queue.only.length], [[], 1])
      queue.only.unshift(...yesterday)
      queue.pops.length = 0
      queue.pushes.length = 0
      assert.equal((await cards.claimNext('berta', { scope })).outcome, 'claimed')
      assert.deepEqual([fallbacks(cards), queue.pops.length], [['stale'], 8])
      assert.deepEqual(queue.pushes, [])
    },
  },
  {
    name: 'a card that is queued twice goes to one owner',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 5)
      queue.only.push(...queue.only, ...queue.only)
      const owners = Array.from({ length: 12 }, (_, index) => `w${index}`)
      const results = await Promise.all(owners.map((owner) => cards.claimNext(owner, { scope, timeoutMs: 25_000 })))
      const given = await givenCards(subject, scope)
      assert.equal(new Set(given.map(({ number }) => number)).size, 5)
      assert.equal(results.filter(({ outcome }) => outcome === 'claimed').length, 5)
      assert.equal(results.filter(({ outcome }) => outcome === 'exhausted').length, 7)
    },
  },
  {
    name: 'refill() queues every free card, in pages, and nothing else',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 2500)
      await cards.claimNext('anna', { scope, count: 3 })
      queue.lists.clear()
      assert.deepEqual(await cards.refill({ scope }), { queued: 2497 })
      assert.deepEqual(queue.only, await idsOf(subject, scope, 'Free'))
    },
  },
  {
    name: 'each denomination has a list of its own',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 2)
      await subject.query(`update cards set worth = 100 where campaign = '${scope}' and card_number like '%-1'`)
      assert.deepEqual(await cards.refill({ scope, where: { worth: 100 } }), { queued: 1 })
      assert.equal(queue.lists.size, 2)
      const drawn = await cards.claimNext('anna', { scope, where: { worth: 100 }, read: ['worth'] })
      assert(drawn.outcome === 'claimed')
      assert.deepEqual([Number(drawn.items[0]?.['worth']), fallbacks(cards)], [100, []])
    },
  },
  {
    name: 'refill() frees the reservations that are over, and queues them',
    async run(subject) {
      const { cards, scope } = await queued(subject, 2)
      await cards.claimNext('anna', { scope, reserveMs: 1 })
      await pause(50)
      assert.deepEqual(await cards.refill({ scope }), { queued: 2 })
    },
  },
  {
    name: 'refill() says that the queue is down',
    async run(subject) {
      const { queue, cards, scope } = await queued(subject, 2)
      queue.replace = () => Promise.reject(failure)
      await assert.rejects(cards.refill({ scope }), { code: 'CLAIM_UNAVAILABLE', cause: failure })
      queue.replace = () => new Promise(() => {})
      await assert.rejects(cards.refill({ scope }), { code: 'CLAIM_UNAVAILABLE' })
    },
  },
]
