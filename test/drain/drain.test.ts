import { afterAll, beforeAll, describe, test } from 'vitest'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import type { Subject } from '../contract/subject.ts'
import { MYSQL_ADAPTERS, mysqlSubject, SQLITE_ADAPTERS, sqliteSubject } from '../contract/subjects.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import { createDeliveries } from './deliveries.ts'
import { DRAIN_RULES } from './drain-rules.ts'

/** One contract × every database, through each adapter. */
function workers(name: string, open: () => Promise<Subject>, rules = DRAIN_RULES): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
      await createDeliveries(subject)
    })
    afterAll(() => subject.close())
    for (const { name: rule, run } of rules) test(rule, () => run(subject))
  })
}

for (const lane of lanes) {
  for (const adapter of MYSQL_ADAPTERS)
    workers(`${lane.name} through ${adapter}`, () => mysqlSubject(adapter, lane.url))
}
for (const lane of mssqlLanes) {
  for (const adapter of MSSQL_ADAPTERS)
    workers(
      `${lane.name} through ${adapter}`,
      () => mssqlSubject(adapter, lane.url),
      DRAIN_RULES.filter(({ needs = [] }) => missingTrait(lane, needs) === null),
    )
  for (const { name, needs = [] } of DRAIN_RULES) {
    const lacks = missingTrait(lane, needs)
    if (lacks !== null) test.skip(`${lane.name}: ${name} (not run: ${lacks})`)
  }
}
for (const adapter of SQLITE_ADAPTERS) workers(`SQLite through ${adapter}`, () => sqliteSubject(adapter))
