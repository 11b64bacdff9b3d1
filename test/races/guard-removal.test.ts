import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import type { RunningLane } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import { Arena } from './arena.ts'
import type { Caller, Guard, SessionSettings } from './contest.ts'
import { shopOn, sizeOn } from './mssql-settings.ts'
import { openFileRaceShop, openMssqlRaceShop, openServerRaceShop } from './race-shop.ts'
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
const NEEDED_ON_SERVERS: typeof NEEDED = [
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
  { without: ['id guard'], callers: ['pessimistic'], by: WRONG_ORDER },
]

/** The lock alone keeps the callers of `pessimistic` apart. Where the server ignores it without a word, the rest must. */
const NEEDED_WITHOUT_LOCK: typeof NEEDED = [
  { without: ['status guard'], callers: ['pessimistic'], by: TWO_WINNERS },
  { without: ['row count'], callers: ['pessimistic'], by: TWO_WINNERS },
]

const ignoringLocks = (removals: typeof NEEDED): typeof NEEDED =>
  removals.map((removal) => ({ ...removal, without: ['read lock', ...removal.without] }))

const NEEDED_ON_MYSQL: typeof NEEDED = [
  ...NEEDED_ON_SERVERS,
  // Under REPEATABLE READ MariaDB 11.8 refuses the second UPDATE all the same, by 1020.
  ...ignoringLocks(NEEDED_WITHOUT_LOCK).map((removal) => ({ ...removal, session: READ_COMMITTED })),
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

/**
 * A race that is lost ends the search for it. Where two processes have one core between them they hardly meet, so there
 * are many tries: 40 were once too few on a file.
 */
const TRIES = 400

/** Each has a shop and connections of its own, which some servers are slow to make. */
const REMOVAL_MS = 120_000

/** A server that takes no locks for a hint needs what is needed without them, and nothing is held by a lock there. */
function mssqlTrack(lane: RunningLane) {
  const locks = missingTrait(lane, ['locks']) === null
  return {
    name: lane.name,
    // Other code does not move a version that is a number: so only then the version guard is seen for itself.
    openShop: () => openMssqlRaceShop(lane.url, shopOn(lane, { version: 'number', rowVersioning: 'on' })),
    driver: 'mssql pool' as const,
    calls: Math.min(CALLS, sizeOn(lane).calls),
    needed: [...NEEDED_ON_SERVERS, ...ignoringLocks(NEEDED_WITHOUT_LOCK), ...(locks ? [] : NEEDED_WITHOUT_LOCK)],
    redundant: locks ? REDUNDANT : REDUNDANT.filter(({ heldBy }) => heldBy !== 'the lock'),
  }
}

describe.each([
  ...lanes.map(({ name, url }) => ({
    name,
    openShop: () => openServerRaceShop(url),
    driver: 'mysql2 promise pool' as const,
    calls: CALLS,
    needed: NEEDED_ON_MYSQL,
    redundant: REDUNDANT,
  })),
  ...mssqlLanes.map(mssqlTrack),
  {
    name: 'a SQLite file',
    openShop: openFileRaceShop,
    driver: 'better-sqlite3 connection' as const,
    calls: CALLS,
    needed: NEEDED,
    redundant: REDUNDANT,
  },
])('races on $name', ({ name, openShop, driver, calls, needed, redundant }) => {
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
    await lineUp(track, { drivers: [driver, driver], calls, ...(session && { session }) }, without)
    const heat = { callers, rounds, ...(effect && { effect }) }
    const { stories } = await race(track, { name: `without ${without.join(', ')}` }, heat, { stories: 1, signal })
    await arena.close()
    await shop.close()
    return stories.join()
  }

  for (const removal of needed) {
    test(`without the ${nameOf(removal)} is found out`, { timeout: REMOVAL_MS }, async ({ signal }) => {
      expect(await storiesOf(removal, TRIES, signal)).toMatch(removal.by)
    })
  }

  for (const removal of redundant) {
    test(
      `without the ${nameOf(removal)} still has one winner, by ${removal.heldBy}`,
      { timeout: REMOVAL_MS },
      async ({ signal }) => {
        expect(await storiesOf(removal, 10, signal)).toBe('')
      },
    )
  }
})

const nameOf = ({ without, callers }: Removal): string => `${without.join(' and the ')}, ${callers.join(' and ')},`
