import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanes } from '../support/lanes.ts'
import { Arena } from './arena.ts'
import type { Caller, Guard, SessionSettings } from './contest.ts'
import { openFileRaceShop, openServerRaceShop } from './race-shop.ts'
import { lineUp, race } from './race.ts'

/** A race whose claims lack guards. */
interface Removal {
  readonly without: readonly Guard[]
  readonly callers: readonly Caller[]
  readonly session?: SessionSettings
  readonly effect?: 'always'
}

const READ_COMMITTED = { set: 'set session transaction isolation level read committed' }

const TWO_WINNERS = /calls that claimed: \d+, not 1/
const WRONG_ORDER = /status of an order nobody called: Y, not Wait/

/** Each of these guards is needed: the referee notices that it is gone, by this. */
const NEEDED: readonly (Removal & { readonly by: RegExp })[] = [
  { without: ['status guard'], callers: ['conditional'], by: TWO_WINNERS },
  { without: ['id guard'], callers: ['conditional'], by: WRONG_ORDER },
  { without: ['id guard'], callers: ['optimistic'], by: WRONG_ORDER },
  { without: ['row count'], callers: ['conditional'], by: TWO_WINNERS },
  { without: ['row count'], callers: ['optimistic'], by: TWO_WINNERS },
]

/** Needed on a server, where others get in between. A file has one writer at a time, from `begin immediate` on. */
const NEEDED_ON_SERVER: typeof NEEDED = [
  ...NEEDED,
  // The version keeps the strategies apart; code by hand does not count it on.
  { without: ['status guard'], callers: ['optimistic', 'by hand'], by: TWO_WINNERS },
  // Exactly one wins by the status guard alone; but it wins an order that it has not looked at.
  {
    without: ['version guard'],
    callers: ['optimistic', 'editor'],
    effect: 'always',
    by: /version \d+ was claimed, and version \d+ had been looked at/,
  },
  // The lock alone keeps the callers of `pessimistic` apart. Where the server ignores it without a word, the rest must.
  // Under REPEATABLE READ MariaDB 11.8 refuses the second UPDATE all the same, by 1020.
  { without: ['read lock', 'status guard'], callers: ['pessimistic'], session: READ_COMMITTED, by: TWO_WINNERS },
  { without: ['read lock', 'row count'], callers: ['pessimistic'], session: READ_COMMITTED, by: TWO_WINNERS },
  { without: ['id guard'], callers: ['pessimistic'], by: WRONG_ORDER },
  // Claims that are never committed.
  {
    without: ['session status'],
    callers: ['conditional'],
    session: { set: 'set session autocommit = 0' },
    by: /status: Wait, not Y/,
  },
]

/** Belt and braces: another guard holds when this one is gone. */
const REDUNDANT: readonly (Removal & { readonly heldBy: string })[] = [
  { without: ['status guard'], callers: ['optimistic'], heldBy: 'the version' },
  { without: ['status guard'], callers: ['pessimistic'], heldBy: 'the lock' },
  { without: ['status guard'], callers: ['pessimistic', 'by hand'], heldBy: 'the lock' },
  { without: ['row count'], callers: ['pessimistic'], heldBy: 'the lock' },
  { without: ['version guard'], callers: ['optimistic', 'by hand'], heldBy: 'the status guard' },
  { without: ['read lock'], callers: ['pessimistic', 'by hand'], heldBy: 'the status guard' },
]

const CALLS = 25

describe.each([
  ...lanes.map(({ name, url }) => ({
    name,
    openShop: () => openServerRaceShop(url),
    driver: 'mysql2 promise pool' as const,
    needed: NEEDED_ON_SERVER,
  })),
  {
    name: 'a SQLite file',
    openShop: openFileRaceShop,
    driver: 'better-sqlite3 connection' as const,
    needed: NEEDED,
  },
])('races on $name', ({ name, openShop, driver, needed }) => {
  let arena: Arena
  beforeAll(() => {
    arena = Arena.start()
  })
  afterAll(() => arena.stop())

  /** On a shop of its own: what broken claims leave behind is not the next race's. */
  async function storiesOf(
    { without, callers, session, effect }: Removal,
    rounds: number,
    signal: AbortSignal,
  ): Promise<string> {
    const shop = await openShop()
    const track = { name, arena, shop }
    await lineUp(track, { drivers: [driver, driver], calls: CALLS, ...(session && { session }) }, without)
    const heat = { callers, rounds, ...(effect && { effect }) }
    const { stories } = await race(track, { name: `without ${without.join(', ')}` }, heat, { stories: 1, signal })
    await arena.close()
    await shop.close()
    return stories.join()
  }

  for (const removal of needed) {
    test(`without the ${nameOf(removal)} is found out`, async ({ signal }) => {
      expect(await storiesOf(removal, 40, signal)).toMatch(removal.by)
    })
  }

  for (const removal of REDUNDANT) {
    test(`without the ${nameOf(removal)} still has one winner, by ${removal.heldBy}`, async ({ signal }) => {
      expect(await storiesOf(removal, 10, signal)).toBe('')
    })
  }
})

const nameOf = ({ without, callers }: Removal): string => `${without.join(' and the ')}, ${callers.join(' and ')},`
