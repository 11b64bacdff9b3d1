import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Subject } from '../contract/subject.ts'
import { cardsOn, givenCards, stock } from './cards.ts'
import { numbers, READ } from './pool-cases.ts'
import type { PoolCase } from './pool-cases.ts'

const AN_HOUR = 3_600_000
const LONG_AGO = { mysql: '2000-01-01 00:00:00', mssql: '2000-01-01 00:00:00', sqlite: '2000-01-01T00:00:00.000Z' }

/** What these owners have reserved is over. */
async function lapse({ query, family }: Subject, campaign: string, ...owners: readonly string[]): Promise<void> {
  const theirs = owners.map((owner) => `owner = '${owner}'`).join(' or ')
  await query(
    `update cards set reserved_until = '${LONG_AGO[family]}'
     where campaign = '${campaign}' and status = 'Reserved' and (${theirs})`,
  )
}

const statesOf = async ({ query }: Subject, campaign: string): Promise<string[]> =>
  (await query(`select status from cards where campaign = '${campaign}' order by card_id`)).map(({ status }) =>
    String(status),
  )

export const RESERVATION_CASES: readonly PoolCase[] = [
  {
    name: 'a card is reserved, and the same one is given for good when it is confirmed',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 3)
      const drawn = await cards.claimNext('anna', { scope, read: READ, reserveMs: AN_HOUR })
      assert(drawn.outcome === 'claimed')
      assert.deepEqual(drawn.reservation, { expiresInMs: AN_HOUR })
      assert.deepEqual(await cards.count({ scope }), { free: 2, taken: 0, reserved: 1 })
      const again = await cards.claimNext('anna', { scope, read: READ, reserveMs: AN_HOUR })
      assert(again.outcome === 'duplicate' && again.reservation !== null)
      assert.deepEqual(numbers(again), numbers(drawn))
      const { expiresInMs } = again.reservation
      assert(expiresInMs > AN_HOUR - 60_000 && expiresInMs <= AN_HOUR, `${expiresInMs} ms`)

      const confirmed = await cards.confirm('anna', { scope, read: READ })
      assert.deepEqual(
        [confirmed.outcome, confirmed.reply, numbers(confirmed)],
        ['confirmed', 'handled', numbers(drawn)],
      )
      assert.deepEqual(await cards.count({ scope }), { free: 2, taken: 1, reserved: 0 })
      const twice = await cards.confirm('anna', { scope, read: READ })
      assert.deepEqual([twice.outcome, twice.reply, numbers(twice)], ['duplicate', 'handled', numbers(drawn)])
      const later = await cards.claimNext('anna', { scope, read: READ })
      assert(later.outcome === 'duplicate')
      assert.deepEqual([later.reservation, numbers(later)], [null, numbers(drawn)])
      const [row] = await subject.query(
        `select taken_at, reserved_until from cards where campaign = '${scope}' and owner = 'anna'`,
      )
      assert.notEqual(row?.['taken_at'], null)
      assert.equal(row?.['reserved_until'], null)
    },
  },
  {
    name: 'who has nothing has nothing to confirm',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      const result = await cards.confirm('anna', { scope })
      assert.deepEqual([result.outcome, result.reply], ['nothing_held', 'review'])
      assert.deepEqual(await cards.count({ scope }), { free: 1, taken: 0, reserved: 0 })
    },
  },
  {
    name: 'what was not confirmed in time cannot be confirmed, and its owner draws anew',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      assert.equal((await cards.claimNext('anna', { scope, reserveMs: 200 })).outcome, 'claimed')
      await pause(250)
      assert.equal((await cards.confirm('anna', { scope })).outcome, 'expired')
      assert.deepEqual(await cards.count({ scope }), { free: 0, taken: 0, reserved: 1 })
      // Nobody has freed it: it is the only one, and this owner's own.
      const anew = await cards.claimNext('anna', { scope, reserveMs: AN_HOUR })
      assert.equal(anew.outcome, 'claimed')
      assert.equal((await cards.confirm('anna', { scope })).outcome, 'confirmed')
      assert.equal((await givenCards(subject, scope)).length, 1)
    },
  },
  {
    name: 'a card that was reserved for too long goes to whoever draws next, before anybody is told that there are none',
    async run(subject, how) {
      for (const drawTogether of [1, 64]) {
        const cards = cardsOn(subject, { ...how, drawTogether })
        const scope = await stock(subject, cards, 3)
        for (const owner of ['anna', 'berta']) await cards.claimNext(owner, { scope, reserveMs: AN_HOUR })
        await cards.claimNext('carl', { scope })
        assert.equal((await cards.claimNext('dora', { scope, reserveMs: AN_HOUR })).outcome, 'exhausted')
        await lapse(subject, scope, 'anna', 'berta')
        const owners = ['dora', 'emil', 'frida']
        const results = await Promise.all(owners.map((owner) => cards.claimNext(owner, { scope })))
        assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ['claimed', 'claimed', 'exhausted'])
        assert.equal((await cards.confirm('anna', { scope })).outcome, 'nothing_held')
        assert.equal((await givenCards(subject, scope)).length, 3)
      }
    },
  },
  {
    name: 'expire() frees what is over, and nothing else',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 5)
      const other = await stock(subject, cards, 1)
      await cards.claimNext('anna', { scope, reserveMs: AN_HOUR, count: 2 })
      await cards.claimNext('berta', { scope, reserveMs: AN_HOUR })
      await cards.claimNext('carl', { scope })
      await cards.claimNext('dora', { scope: other, reserveMs: AN_HOUR })
      await lapse(subject, scope, 'anna')
      await lapse(subject, other, 'dora')
      assert.deepEqual(await cards.expire({ scope }), { freed: 2 })
      assert.deepEqual(await cards.expire({ scope }), { freed: 0 })
      assert.deepEqual(await cards.count({ scope }), { free: 3, taken: 1, reserved: 1 })
      assert.deepEqual(await cards.count({ scope: other }), { free: 0, taken: 0, reserved: 1 })
      const [row] = await subject.query(
        `select count(*) as n from cards where campaign = '${scope}' and status = 'Free'
           and owner is null and slot is null and draw_token is null and reserved_until is null`,
      )
      assert.equal(Number(row?.['n']), 3)
    },
  },
  {
    name: 'what was reserved for too long is found among more than a hundred others that are over, too',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 121)
      for (const count of [60, 60])
        await cards.claimNext(`owner ${Math.random()}`, { scope, reserveMs: AN_HOUR, count })
      await cards.claimNext('last', { scope, reserveMs: AN_HOUR })
      const [over, later] = ['2000-01-01 00:00:00', '2000-01-02 00:00:00']
      await subject.query(`update cards set reserved_until = '${over}' where campaign = '${scope}'`)
      await subject.query(
        `update cards set reserved_until = '${later}', worth = 99 where campaign = '${scope}' and owner = 'last'`,
      )
      assert.equal((await cards.claimNext('anna', { scope, where: { worth: 99 } })).outcome, 'claimed')
      assert.deepEqual(await cards.count({ scope }), { free: 120, taken: 1, reserved: 0 })
    },
  },
  {
    name: 'more than a hundred reservations that are over are freed',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 250)
      for (let owner = 0; owner < 250; owner += 50) {
        await cards.claimNext(`owner ${owner}`, { scope, reserveMs: 1, count: 50 })
      }
      await pause(50)
      assert.deepEqual(await cards.expire({ scope }), { freed: 250 })
    },
  },
  {
    name: 'a reservation is confirmed once, however often at once, and its effect runs once',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 2)
      const drawn = await cards.claimNext('anna', { scope, read: READ, reserveMs: AN_HOUR, count: 2 })
      let ran = 0
      const results = await Promise.all(
        Array.from({ length: 8 }, () =>
          cards.confirm('anna', {
            scope,
            read: READ,
            effect: (tx) => {
              ran += 1
              return subject.through(tx, 'insert into ledger (order_id, amount) values (4712, 1)')
            },
          }),
        ),
      )
      const confirmed = results.filter(({ outcome }) => outcome === 'confirmed')
      assert.equal(confirmed.length, 1)
      assert.equal(ran, 1)
      assert(results.every(({ outcome }) => ['confirmed', 'duplicate', 'busy'].includes(outcome)))
      assert.deepEqual(numbers(confirmed[0] ?? { outcome: 'none' }), numbers(drawn))
    },
  },
  {
    name: 'what the effect of a confirmation throws leaves the reservation as it was',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      await cards.claimNext('anna', { scope, reserveMs: AN_HOUR })
      const failure = new Error('no address')
      const effect = (): never => {
        throw failure
      }
      await assert.rejects(cards.confirm('anna', { scope, effect }), failure)
      assert.deepEqual(await statesOf(subject, scope), ['Reserved'])
      assert.equal((await cards.confirm('anna', { scope })).outcome, 'confirmed')
    },
  },
  {
    name: "in the caller's transaction nothing is confirmed before it is committed",
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      await cards.claimNext('anna', { scope, reserveMs: AN_HOUR })
      const lost = await subject.begin()
      const result = await cards.confirm('anna', { scope, transaction: lost.tx })
      assert.deepEqual([result.outcome, 'provisional' in result && result.provisional], ['confirmed', true])
      await lost.rollback()
      assert.deepEqual(await statesOf(subject, scope), ['Reserved'])
      const kept = await subject.begin()
      await cards.confirm('anna', { scope, transaction: kept.tx })
      await kept.commit()
      assert.deepEqual(await statesOf(subject, scope), ['Taken'])
    },
  },
  {
    name: 'a reserved card can be given back',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      await cards.claimNext('anna', { scope, reserveMs: AN_HOUR })
      assert.deepEqual(await cards.release('anna', { scope }), { outcome: 'released', items: 1 })
      assert.deepEqual(await cards.count({ scope }), { free: 1, taken: 0, reserved: 0 })
    },
  },
  {
    name: 'an hour of the client is no hour of the database',
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      const now = Date.now
      try {
        Date.now = () => now() + 2 * AN_HOUR
        await cards.claimNext('anna', { scope, reserveMs: AN_HOUR })
        assert.equal((await cards.claimNext('berta', { scope })).outcome, 'exhausted')
        Date.now = () => now() + 4 * AN_HOUR
        assert.deepEqual(await cards.expire({ scope }), { freed: 0 })
        assert.equal((await cards.confirm('anna', { scope })).outcome, 'confirmed')
      } finally {
        Date.now = now
      }
    },
  },
]
