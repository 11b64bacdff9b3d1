import type { RunningLane } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import type { MssqlTrait } from '../support/mssql-traits.ts'
import type { Driver, MssqlSessionFacts } from './contest.ts'
import type { MssqlRaceShopOptions } from './race-shop.ts'
import { heats, WHILE_EDITED } from './settings.ts'
import type { Heat, Setting } from './settings.ts'

/** Something of the matrix that a server cannot do, and why. */
export interface NotRun {
  readonly title: string
  readonly why: string
}

/** One shop on SQL Server, and what is raced in it. */
export interface MssqlMatch {
  readonly title: string
  readonly shop: MssqlRaceShopOptions
  readonly settings: readonly Setting[]
}

interface MssqlSetting {
  readonly name: string
  readonly driver?: Driver
  readonly needs?: readonly MssqlTrait[]
  readonly set?: string
  readonly facts?: Partial<MssqlSessionFacts>
}

const isolated = (isolation: string, ...needs: readonly MssqlTrait[]): MssqlSetting => ({
  name: `sessions with ${isolation}`,
  needs,
  set: `set transaction isolation level ${isolation}`,
  facts: { isolation },
})

const BASE: MssqlSetting = {
  name: 'base configuration',
  facts: { isolation: 'read committed', implicitTransactions: false, nocount: false, xactAbort: false },
}
const KYSELY: MssqlSetting = { ...BASE, name: 'kysely', driver: 'kysely on tedious' }

const SETTINGS: readonly MssqlSetting[] = [
  BASE,
  KYSELY,
  { name: 'NOCOUNT', set: 'set nocount on', facts: { nocount: true } },
  isolated('read uncommitted'),
  isolated('repeatable read', 'isolation levels'),
  isolated('serializable', 'isolation levels'),
  isolated('snapshot', 'isolation levels'),
]

/** Reads that wait for locks, and reads of row versions as on Azure SQL; a version of the server's, and one that is counted. */
const SHOPS: readonly (Omit<MssqlMatch, 'settings'> & {
  readonly settings: readonly MssqlSetting[]
  readonly needs?: readonly MssqlTrait[]
})[] = [
  {
    title: 'waiting reads',
    shop: { version: 'rowversion', rowVersioning: 'off' },
    settings: SETTINGS,
    needs: ['row versioning off'],
  },
  { title: 'READ_COMMITTED_SNAPSHOT', shop: { version: 'rowversion', rowVersioning: 'on' }, settings: SETTINGS },
  {
    title: 'waiting reads, counted versions',
    shop: { version: 'number', rowVersioning: 'off' },
    settings: [BASE, KYSELY],
    needs: ['row versioning off'],
  },
  {
    title: 'READ_COMMITTED_SNAPSHOT, counted versions',
    shop: { version: 'number', rowVersioning: 'on' },
    settings: [BASE, KYSELY],
  },
]

/** Everything that can be raced on that server, and what cannot. */
export function mssqlMatches(lane: RunningLane): { readonly matches: MssqlMatch[]; readonly notRun: NotRun[] } {
  const matches: MssqlMatch[] = []
  const notRun: NotRun[] = []
  for (const { title, shop, settings, needs = [] } of SHOPS) {
    const why = missingTrait(lane, needs)
    if (why !== null) {
      notRun.push({ title, why })
      continue
    }
    const runs = settings.map((setting) => ({ setting, lacks: missingTrait(lane, setting.needs ?? []) }))
    for (const { setting, lacks } of runs) {
      if (lacks !== null) notRun.push({ title: `${title}, ${setting.name}`, why: lacks })
    }
    matches.push({
      title,
      shop: shopOn(lane, shop),
      settings: runs.flatMap(({ setting, lacks }) => (lacks === null ? [settingOn(lane, setting, shop)] : [])),
    })
  }
  return { matches, notRun }
}

/** Where the database cannot be made to choose, it is left as it is made. */
export function shopOn(lane: RunningLane, { version, rowVersioning }: MssqlRaceShopOptions): MssqlRaceShopOptions {
  const chooses = rowVersioning !== undefined && missingTrait(lane, ['row versioning off']) === null
  return { version, ...(chooses && { rowVersioning }) }
}

function settingOn(lane: RunningLane, setting: MssqlSetting, { version }: MssqlRaceShopOptions): Setting {
  const { name, driver = 'mssql pool', set, facts } = setting
  const { calls, rounds } = sizeOn(lane)
  const whileEdited: readonly Heat[] = version === 'number' && driver === 'mssql pool' ? [WHILE_EDITED] : []
  return {
    name,
    drivers: [driver, driver],
    calls,
    ...(set !== undefined && { session: { set } }),
    ...(facts !== undefined && { facts }),
    heats: [...heats(setting === BASE ? rounds : 20), ...whileEdited],
  }
}

/** Babelfish takes half a second for every new session. */
export const sizeOn = ({ version }: RunningLane): { readonly calls: number; readonly rounds: number } =>
  /Babelfish/i.test(version) ? { calls: 10, rounds: 40 } : { calls: 50, rounds: 200 }
