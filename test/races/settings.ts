import type { Caller, Driver, SessionFacts, SessionSettings } from './contest.ts'

/** Races with the same callers. */
export interface Heat {
  readonly callers: readonly Caller[]
  readonly rounds: number
  readonly effect?: 'always'
}

/** What two processes are opened with, and the races that are run on it. */
export interface Setting {
  readonly name: string
  readonly drivers: readonly [Driver, Driver]
  /** Calls at once in each process. */
  readonly calls: number
  readonly session?: SessionSettings
  /** What every connection must say of itself. */
  readonly facts?: Partial<SessionFacts>
  readonly heats: readonly Heat[]
}

export const heats = (rounds: number): readonly Heat[] => [
  { callers: ['optimistic'], rounds },
  { callers: ['conditional'], rounds },
  { callers: ['pessimistic'], rounds },
  { callers: ['optimistic', 'conditional', 'pessimistic', 'by hand'], rounds: 20 },
]

/** With claims that must be claims of the very version they have looked at. */
export const WHILE_EDITED: Heat = { callers: ['optimistic', 'editor'], rounds: 20, effect: 'always' }

const onServer = (
  name: string,
  driver: Driver,
  settings: Pick<Setting, 'session' | 'facts'> & { readonly heats?: readonly Heat[] } = {},
): Setting => ({ name, drivers: [driver, driver], calls: 50, heats: heats(20), ...settings })

const isolated = (level: string): Setting =>
  onServer(`sessions with ${level}`, 'mysql2 promise pool', {
    session: { set: `set session transaction isolation level ${level}` },
    facts: { isolation: level.toUpperCase().replace(' ', '-') },
  })

/** 2 processes of 50 connections each, on a server. */
export const SERVER_SETTINGS: readonly Setting[] = [
  onServer('base configuration', 'mysql2 promise pool', {
    facts: { autocommit: true, countsMatched: true },
    heats: [...heats(200), WHILE_EDITED],
  }),
  onServer("sql_mode=''", 'mysql2 promise pool', {
    session: { set: "set session sql_mode = ''" },
    facts: { sqlMode: '' },
  }),
  onServer("flags: ['-FOUND_ROWS']", 'mysql2 promise pool', {
    session: { flags: ['-FOUND_ROWS'] },
    facts: { countsMatched: false },
  }),
  isolated('read uncommitted'),
  isolated('read committed'),
  isolated('repeatable read'),
  isolated('serializable'),
  onServer('autocommit=0', 'mysql2 promise pool', {
    session: { set: 'set session autocommit = 0' },
    facts: { autocommit: false },
  }),
  onServer('callback pool', 'mysql2 callback pool'),
  onServer('kysely', 'kysely on mysql2'),
]

const inFile = (drivers: readonly [Driver, Driver], rounds = 20): Setting => ({
  name: drivers[0] === drivers[1] ? drivers[0] : drivers.join(' against '),
  drivers,
  calls: 20,
  heats: heats(rounds),
})

/** 2 processes on one file. A process opens it by one SQLite library only. */
export const FILE_SETTINGS: readonly Setting[] = [
  inFile(['better-sqlite3 connection', 'better-sqlite3 connection'], 200),
  inFile(['better-sqlite3 handle', 'better-sqlite3 handle']),
  inFile(['node:sqlite connection', 'node:sqlite connection']),
  inFile(['node:sqlite handle', 'node:sqlite handle']),
  inFile(['kysely on better-sqlite3', 'kysely on better-sqlite3']),
  inFile(['better-sqlite3 connection', 'node:sqlite connection']),
  inFile(['better-sqlite3 handle', 'node:sqlite handle']),
  inFile(['kysely on better-sqlite3', 'node:sqlite connection']),
]
