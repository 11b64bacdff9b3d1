import { afterAll, beforeAll, describe, test } from 'vitest'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import type { Subject } from '../contract/subject.ts'
import { MYSQL_ADAPTERS, mysqlSubject, SQLITE_ADAPTERS, sqliteSubject } from '../contract/subjects.ts'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { createCards } from './cards.ts'
import { POOL_CASES } from './pool-cases.ts'

/** One contract × every (database, strategy) pair, through each adapter. */
function pools(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
      await createCards(subject)
    })
    afterAll(() => subject.close())
    describe.each(PICK_STRATEGIES)('%s', (strategy) => {
      for (const { name: rule, run } of POOL_CASES) test(rule, () => run(subject, strategy))
    })
  })
}

for (const lane of lanes) {
  for (const adapter of MYSQL_ADAPTERS) pools(`${lane.name} through ${adapter}`, () => mysqlSubject(adapter, lane.url))
}
for (const lane of mssqlLanes) {
  for (const adapter of MSSQL_ADAPTERS) pools(`${lane.name} through ${adapter}`, () => mssqlSubject(adapter, lane.url))
}
for (const adapter of SQLITE_ADAPTERS) pools(`SQLite through ${adapter}`, () => sqliteSubject(adapter))
