import assert from 'node:assert/strict'
import type { Subject } from '../contract/subject.ts'
import { cardsOn, givenCards, stock } from './cards.ts'
import type { Cards, CardsUnderTest } from './cards.ts'
import { beforeTheUpdate, ignoringLocks } from './interference.ts'
import { numbers, READ } from './pool-cases.ts'
import type { PoolCase } from './pool-cases.ts'

const AN_HOUR = 3_600_000

/** On a server that ignores the locks of reads, others do this before the first UPDATE. */
const interfered = (subject: Subject, how: CardsUnderTest, ...statements: readonly string[]): Cards => {
  const between = beforeTheUpdate(subject, ...statements)
  return cardsOn(subject, { ...how, adapter: (adapter) => between(ignoringLocks(adapter)) })
}

/** What the table says of each card: its state, and whose it is. */
const cardsOf = async ({ query }: Subject, campaign: string): Promise<string[]> =>
  (await query(`select status, owner from cards where campaign = '${campaign}' order by card_id`)).map(
    ({ status, owner }) => `${String(status)} ${String(owner)}`,
  )

/** Something happens at one instant of a draw: what no race could be relied on to hit. */
export const GUARD_CASES: readonly PoolCase[] = [
  {
    name: 'a card that somebody else takes between look and UPDATE stays his',
    async run(subject, how) {
      const scope = await stock(subject, cardsOn(subject, how), 1)
      const cards = interfered(
        subject,
        how,
        `update cards set status = 'Taken', owner = 'other', slot = 1 where campaign = '${scope}'`,
      )
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'exhausted')
      assert.deepEqual(await cardsOf(subject, scope), ['Taken other'])
    },
  },
  {
    name: 'of those who are drawn together only who has got his card is told so',
    async run(subject, how) {
      const scope = await stock(subject, cardsOn(subject, how), 3)
      const [first] = await subject.query(`select min(card_id) as id from cards where campaign = '${scope}'`)
      const cards = interfered(
        subject,
        how,
        `update cards set status = 'Taken', owner = 'other', slot = 1 where card_id = ${String(first?.['id'])}`,
      )
      const owners = ['anna', 'berta', 'carl']
      const results = await Promise.all(owners.map((owner) => cards.claimNext(owner, { scope, read: READ })))
      assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ['claimed', 'claimed', 'exhausted'])
      const given = await givenCards(subject, scope)
      assert.deepEqual(
        owners.map((owner) => given.filter((card) => card.owner === owner).map(({ number }) => number)),
        results.map(numbers),
      )
      assert.equal(given.filter(({ owner }) => owner === 'other').length, 1)
    },
  },
  {
    name: 'two requests of one owner that race are given one card',
    async run(subject, how) {
      const scope = await stock(subject, cardsOn(subject, how), 3)
      const [last] = await subject.query(`select max(card_id) as id from cards where campaign = '${scope}'`)
      const id = String(last?.['id'])
      const cards = interfered(
        subject,
        how,
        `update cards set status = 'Taken', owner = 'anna', slot = 1 where card_id = ${id}`,
      )
      const result = await cards.claimNext('anna', { scope, read: READ })
      assert.equal(result.outcome, 'duplicate')
      const given = await givenCards(subject, scope)
      assert.deepEqual([given.length, numbers(result)], [1, given.map(({ number }) => number)])
    },
  },
  {
    name: 'a card that is not what was asked for any more is not given',
    async run(subject, how) {
      const where = { worth: 10 }
      const setUp = cardsOn(subject, how)
      const scope = await stock(subject, setUp, 1)
      if (how.strategy === 'queue') await setUp.refill({ scope, where })
      const cards = interfered(subject, how, `update cards set worth = 99 where campaign = '${scope}'`)
      assert.equal((await cards.claimNext('anna', { scope, where })).outcome, 'exhausted')
      assert.deepEqual(await cardsOf(subject, scope), ['Free null'])
    },
  },
  {
    name: 'a reservation whose time passes between look and UPDATE is not confirmed',
    async run(subject, how) {
      const setUp = cardsOn(subject, how)
      const scope = await stock(subject, setUp, 1)
      await setUp.claimNext('anna', { scope, reserveMs: AN_HOUR })
      const cards = interfered(
        subject,
        how,
        `update cards set reserved_until = '2000-01-01 00:00:00' where campaign = '${scope}'`,
      )
      assert.equal((await cards.confirm('anna', { scope })).outcome, 'expired')
      assert.deepEqual(await cardsOf(subject, scope), ['Reserved anna'])
    },
  },
  {
    name: 'what is confirmed is what its owner is told, also where he has given it back and drawn anew meanwhile',
    async run(subject, how) {
      const setUp = cardsOn(subject, how)
      const scope = await stock(subject, setUp, 2)
      await setUp.claimNext('anna', { scope, reserveMs: AN_HOUR })
      const [other] = await subject.query(`select card_id from cards where campaign = '${scope}' and status = 'Free'`)
      const cards = interfered(
        subject,
        how,
        `update cards set status = 'Free', owner = null, slot = null, reserved_until = null
         where campaign = '${scope}' and owner = 'anna'`,
        `update cards set status = 'Reserved', owner = 'anna', slot = 1, reserved_until = '2099-01-01 00:00:00'
         where card_id = ${String(other?.['card_id'])}`,
      )
      const result = await cards.confirm('anna', { scope, read: READ })
      assert.equal(result.outcome, 'confirmed')
      const given = await givenCards(subject, scope)
      assert.deepEqual(
        given.map(({ number }) => number),
        numbers(result),
      )
    },
  },
  {
    name: 'a reservation is over by the clock of the database, whatever time a process has',
    async run(subject, how) {
      const here = cardsOn(subject, how)
      const scope = await stock(subject, here, 1)
      await here.claimNext('anna', { scope, reserveMs: AN_HOUR })
      const now = Date.now
      try {
        Date.now = () => now() + 2 * AN_HOUR
        const ahead = cardsOn(subject, how)
        assert.deepEqual(await ahead.expire({ scope }), { freed: 0 })
        assert.equal((await ahead.claimNext('berta', { scope })).outcome, 'exhausted')
        assert.equal((await ahead.confirm('anna', { scope })).outcome, 'confirmed')
      } finally {
        Date.now = now
      }
    },
  },
]

/** Where others hold a row, and not the whole file. */
/** MariaDB from 11.6.2 on: whoever locks what has changed since his snapshot is told to begin anew (1020). */
async function refusesOldSnapshots({ family, query }: Subject): Promise<boolean> {
  if (family !== 'mysql') return false
  const [row] = await query(`show variables like 'innodb_snapshot_isolation'`)
  return row?.['Value'] === 'ON'
}

export const LOCK_CASES: readonly PoolCase[] = [
  {
    name: "in a caller's transaction that shows what was long ago an owner is told what he has",
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 3)
      await cards.count({ scope })
      const own = await subject.begin()
      try {
        await subject.through(own.tx, 'select count(*) from cards')
        const drawn = await cards.claimNext('anna', { scope, read: READ })
        assert.equal(drawn.outcome, 'claimed')
        const again = cards.claimNext('anna', { scope, read: READ, transaction: own.tx })
        if (await refusesOldSnapshots(subject)) await assert.rejects(again, { code: 'CLAIM_TRANSACTION_LOST' })
        else assert.deepEqual([(await again).outcome, numbers(await again)], ['duplicate', numbers(drawn)])
      } finally {
        await own.rollback()
      }
    },
  },
  {
    name: 'a card that somebody is about to take is contended, and not gone',
    needs: ['locks', 'lock time-out'],
    async run(subject, how) {
      const cards = cardsOn(subject, how)
      const scope = await stock(subject, cards, 1)
      await cards.count({ scope })
      const other = await subject.begin()
      try {
        await subject.through(
          other.tx,
          `update cards set status = 'Taken', owner = 'other', slot = 1 where campaign = '${scope}'`,
        )
        // MySQL ends a wait up to a second late, where others begin to wait meanwhile.
        for (const bounds of [{ timeoutMs: 3400 }, { timeoutMs: 2600, lockTimeoutMs: 0 }]) {
          const meanwhile = await cards.claimNext('anna', { scope, ...bounds })
          assert.deepEqual([meanwhile.outcome, meanwhile.reply], ['contended', 'call_again'])
        }
      } finally {
        await other.rollback()
      }
      assert.equal((await cards.claimNext('anna', { scope })).outcome, 'claimed')
    },
  },
]
