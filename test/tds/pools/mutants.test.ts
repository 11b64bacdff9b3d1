import { describe, expect, test } from 'vitest'
import { withDialect } from '../../mutants/mutant.ts'
import { DRIVERS } from '../claims/subjects.ts'
import { cardsOn, ownersOf, poolOf } from './subjects.ts'

/** The UPDATE without the condition that the card is free: the server takes a lock, after all. */
const withoutGuard = withDialect(({ update }) => ({
  update: (clauses, surroundings) =>
    update({ ...clauses, where: clauses.where.filter(({ names }) => !names.includes('free')) }, surroundings),
}))

describe.each(DRIVERS)('two sessions that are shown one card, through %s', (driver) => {
  test.each([
    { name: 'with the guard each has his own', adapter: undefined, owners: ['anna', 'berta'] },
    { name: 'without it the second takes the card of the first', adapter: withoutGuard, owners: [null, 'one of them'] },
  ])('$name', async ({ adapter, owners }) => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 2)
    pool.played.ignoresHints = true
    const how = { strategy: 'skip_locked', drawTogether: 1, timeoutMs: 3000 } as const
    const cards = await cardsOn(pool, { ...how, ...(adapter === undefined ? {} : { adapter }) })
    pool.server.faults.add({
      when: ({ sql }) => /\nupdate \[dbo\]\.\[cards\]/.test(sql),
      times: 2,
      do: { delayMs: 60 },
    })
    const results = await Promise.all(['anna', 'berta'].map((owner) => cards.claimNext(owner)))
    expect(results.map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed'])
    const told = ownersOf(pool).map((owner) => (owner !== null && adapter !== undefined ? 'one of them' : owner))
    expect(told.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(owners)
  })
})
