import assert from 'node:assert/strict'
import type { Subject } from '../contract/subject.ts'
import type { MssqlTrait } from '../support/mssql-traits.ts'
import { cardsOn, givenCards, stock } from './cards.ts'
import type { CardsUnderTest } from './cards.ts'

/** A rule of pools, shown on one subject with one strategy. */
export interface PoolCase {
  readonly name: string
  /** What of SQL Server it needs. Default: nothing that other T-SQL servers have not. */
  readonly needs?: readonly MssqlTrait[]
  readonly run: (subject: Subject, how: CardsUnderTest) => Promise<void>
}

export const READ = ['card_number'] as const

export const numbers = (result: { readonly outcome: string; readonly items?: readonly object[] }): string[] =>
  (result.items ?? []).map((item) => String((item as { card_number?: unknown }).card_number))

export const POOL_CASES: readonly PoolCase[] = [
  {
    name: 'an owner is given a card, and the same one whenever he asks again',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 5)
      const first = await cards.claimNext('anna', { scope, read: READ })
      assert.equal(first.outcome, 'claimed')
      const second = await cards.claimNext('anna', { scope, read: READ })
      assert.deepEqual([second.outcome, second.reply, numbers(second)], ['duplicate', 'handled', numbers(first)])
      assert.deepEqual(await givenCards(subject, scope), [{ owner: 'anna', slot: 1, number: numbers(first)[0] }])
      assert.deepEqual(await cards.count({ scope }), { free: 4, taken: 1, reserved: 0 })
    },
  },
  {
    name: 'each owner gets a card of his own, in each scope one, until there are none',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const spring = await stock(subject, cards, 3)
      const autumn = await stock(subject, cards, 3)
      const all = []
      for (const owner of ['anna', 'berta', 'carl', 'dora'])
        all.push(await cards.claimNext(owner, { scope: spring, read: READ }))
      assert.deepEqual(
        all.map(({ outcome }) => outcome),
        ['claimed', 'claimed', 'claimed', 'exhausted'],
      )
      assert.equal(new Set(all.flatMap(numbers)).size, 3)
      assert.equal((await cards.claimNext('anna', { scope: autumn })).outcome, 'claimed')
      assert.equal((await givenCards(subject, autumn)).length, 1)
    },
  },
  {
    name: 'thirty requests of ten owners at once: ten distinct cards',
    async run(subject, how) {
      for (const drawTogether of [1, 64]) {
        const cards = cardsOn(subject, { ...how, drawTogether })
        const scope = await stock(subject, cards, 10)
        const results = await Promise.all(
          Array.from({ length: 30 }, (_, index) => cards.claimNext(`owner ${index % 10}`, { scope, read: READ })),
        )
        assert.deepEqual([...new Set(results.map(({ reply }) => reply))], ['handled'])
        const given = await givenCards(subject, scope)
        assert.equal(given.length, 10)
        assert.equal(new Set(given.map(({ owner }) => owner)).size, 10)
        results.forEach((result, index) => {
          const own = given.find(({ owner }) => owner === `owner ${index % 10}`)
          assert.deepEqual(numbers(result), [own?.number])
        })
      }
    },
  },
  {
    name: 'more winners than cards at once: each card goes to one of them, and the others are told',
    async run(subject, how) {
      for (const drawTogether of [1, 64]) {
        const cards = cardsOn(subject, { ...how, drawTogether })
        const scope = await stock(subject, cards, 12)
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, index) => cards.claimNext(`w${index}`, { scope })),
        )
        const claimed = results.filter(({ outcome }) => outcome === 'claimed')
        const exhausted = results.filter(({ outcome }) => outcome === 'exhausted')
        assert.deepEqual([claimed.length, exhausted.length], [12, 8])
        assert.equal((await givenCards(subject, scope)).length, 12)
      }
    },
  },
  {
    name: 'several cards for one owner: all or none, in slots from 1',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 4)
      const three = await cards.claimNext('anna', { scope, count: 3, read: READ })
      assert(three.outcome === 'claimed')
      assert.deepEqual(
        three.items.map(({ slot }) => slot),
        [1, 2, 3],
      )
      assert.equal((await cards.claimNext('berta', { scope, count: 2 })).outcome, 'exhausted')
      assert.deepEqual(await cards.count({ scope }), { free: 1, taken: 3, reserved: 0 })
      assert.equal((await cards.claimNext('anna', { scope, count: 3 })).outcome, 'duplicate')
      assert.equal((await cards.claimNext('anna', { scope, count: 2 })).outcome, 'mismatch')
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'mismatch')
    },
  },
  {
    name: 'only cards of the denomination that was asked for',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 3, 50)
      await subject.query(`update cards set worth = 100 where campaign = '${scope}' and card_number like '%-2'`)
      const hundred = await cards.claimNext('anna', { scope, where: { worth: 100 }, read: ['worth', 'card_number'] })
      assert(hundred.outcome === 'claimed')
      assert.deepEqual([Number(hundred.items[0]?.['worth']), numbers(hundred)[0]?.endsWith('-2')], [100, true])
      assert.equal((await cards.claimNext('berta', { scope, where: { worth: 100 } })).outcome, 'exhausted')
      assert.equal((await cards.claimNext('anna', { scope, where: { worth: 50 } })).outcome, 'mismatch')
      assert.equal((await cards.claimNext('berta', { scope, where: { worth: 50 } })).outcome, 'claimed')
    },
  },
  {
    name: 'an effect is committed with the card, or the card is free again',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 2)
      const entry = (tx: unknown): unknown =>
        subject.through(tx, 'insert into ledger (order_id, amount) values (4711, 1)')
      const entries = async (): Promise<number> =>
        Number((await subject.query('select count(*) as n from ledger where order_id = 4711'))[0]?.['n'])
      const before = await entries()
      const failure = new Error('no')
      // Synchronous where the handle is.
      const failing = (tx: unknown): unknown => {
        const done = entry(tx)
        const fail = (): never => {
          throw failure
        }
        return done instanceof Promise ? done.then(fail) : fail()
      }
      await assert.rejects(cards.claimNext('anna', { scope, effect: failing }), failure)
      assert.deepEqual([await entries(), await cards.count({ scope })], [before, { free: 2, taken: 0, reserved: 0 }])
      const seen: unknown[] = []
      const given = await cards.claimNext('anna', {
        scope,
        read: READ,
        effect: (tx, items) => {
          seen.push(items)
          const done = entry(tx)
          return done instanceof Promise ? done.then(() => 'sent') : 'sent'
        },
      })
      assert(given.outcome === 'claimed')
      assert.deepEqual([given.value, seen], ['sent', [given.items]])
    },
  },
  {
    name: "in the caller's transaction nothing is given before it is committed",
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 2)
      await cards.count({ scope })
      const lost = await subject.begin()
      const drawn = await cards.claimNext('anna', { scope, transaction: lost.tx })
      assert.deepEqual([drawn.outcome, drawn.provisional], ['claimed', true])
      await lost.rollback()
      assert.deepEqual(await cards.count({ scope }), { free: 2, taken: 0, reserved: 0 })
      const kept = await subject.begin()
      await cards.claimNext('anna', { scope, transaction: kept.tx })
      await kept.commit()
      assert.deepEqual(await cards.count({ scope }), { free: 1, taken: 1, reserved: 0 })
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'duplicate')
    },
  },
  {
    name: 'a card that is released is free, and its owner may draw again',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      await cards.claimNext('anna', { scope })
      assert.deepEqual(await cards.release('berta', { scope }), { outcome: 'nothing_held' })
      assert.deepEqual(await cards.release('anna', { scope }), { outcome: 'released', items: 1 })
      assert.deepEqual(await cards.release('anna', { scope }), { outcome: 'nothing_held' })
      const [row] = await subject.query(
        `select owner, slot, taken_at, draw_token, reserved_until from cards where campaign = '${scope}'`,
      )
      assert.deepEqual({ ...row }, { owner: null, slot: null, taken_at: null, draw_token: null, reserved_until: null })
      assert.equal((await cards.claimNext('berta', { scope })).outcome, 'claimed')
    },
  },
  {
    name: 'owners are compared as themselves',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 3)
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
      assert.equal((await cards.claimNext('Anna', { scope })).outcome, 'claimed')
      assert.equal((await givenCards(subject, scope)).length, 2)
    },
  },
  {
    name: 'what cannot be right is refused before anything is sent',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      const refused: readonly (readonly [unknown, object])[] = [
        ['anna', {}],
        ['', { scope }],
        [null, { scope }],
        [['anna'], { scope }],
        ['x'.repeat(41), { scope }],
        ['anna', { scope, count: 0 }],
        ['anna', { scope, count: 101 }],
        ['anna', { scope, reserveMs: 0 }],
        ['anna', { scope, reserveMs: 1.5 }],
        ['anna', { scope, where: { owner: 'berta' } }],
        ['anna', { scope, where: { nothing: 1 } }],
        ['anna', { scope, where: null }],
        ['anna', { scope, where: ['worth'] }],
        ['anna', { scope, where: { worth: new Date(Number.NaN) } }],
        ['anna', { scope, where: { worth: undefined } }],
        ['anna', { scope, read: ['nothing'] }],
        ['anna', { scope, strategy: 'luck' }],
        ['anna', { scope, colour: 'red' }],
        ['anna', { scope, effect: () => null, transaction: {} }],
      ]
      for (const [owner, options] of refused) {
        const long = owner === 'x'.repeat(41) && subject.family === 'sqlite' // TEXT has no length
        if (!long)
          await assert.rejects(
            cards.claimNext(owner, options),
            { code: 'CLAIM_INPUT' },
            JSON.stringify([owner, options]),
          )
      }
      assert.deepEqual(await cards.count({ scope }), { free: 1, taken: 0, reserved: 0 })
    },
  },
]
