import { afterAll, beforeAll, describe, test } from 'vitest'
import { STRATEGIES } from '../../src/config.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import type { Case } from './cases.ts'
import { MSSQL_ADAPTERS, mssqlSubject } from './mssql-subject.ts'
import { RULES } from './rules.ts'
import type { Subject } from './subject.ts'
import { MYSQL_ADAPTERS, mysqlSubject, SQLITE_ADAPTERS, sqliteSubject } from './subjects.ts'

/** One contract × every (database, strategy) pair, through each adapter. */
function contract(name: string, cases: readonly Case[], open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())
    describe.each(STRATEGIES)('%s', (strategy) => {
      for (const { name: rule, run, strategies = STRATEGIES } of cases) {
        if (strategies.includes(strategy)) test(rule, () => run(subject, strategy))
      }
    })
  })
}

for (const lane of lanes) {
  for (const adapter of MYSQL_ADAPTERS) {
    contract(`${lane.name} through ${adapter}`, RULES.mysql, () => mysqlSubject(adapter, lane.url))
  }
}
// Its reads wait for locks, or read row versions: the database decides, and nothing of the contract may depend on it.
for (const lane of mssqlLanes) {
  for (const rowVersioning of ['off', 'on'] as const) {
    const title = `${lane.name} with READ_COMMITTED_SNAPSHOT ${rowVersioning}`
    const missing = missingTrait(lane, rowVersioning === 'off' ? ['row versioning off'] : [])
    if (missing !== null) {
      test.skip(`${title} (not run: ${missing})`)
      continue
    }
    const runs = RULES.mssql.map((rule) => ({ rule, lacks: missingTrait(lane, rule.needs ?? []) }))
    const options = missingTrait(lane, ['row versioning off']) === null ? { rowVersioning } : {}
    for (const adapter of MSSQL_ADAPTERS) {
      contract(
        `${title} through ${adapter}`,
        runs.flatMap(({ rule, lacks }) => (lacks === null ? [rule] : [])),
        () => mssqlSubject(adapter, lane.url, options),
      )
    }
    for (const { rule, lacks } of runs) {
      if (lacks !== null) test.skip(`${title}: ${rule.name} (not run: ${lacks})`)
    }
  }
}
for (const adapter of SQLITE_ADAPTERS) {
  contract(`SQLite through ${adapter}`, RULES.sqlite, () => sqliteSubject(adapter))
}
