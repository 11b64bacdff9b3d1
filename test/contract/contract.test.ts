import { afterAll, beforeAll, describe, test } from 'vitest'
import { STRATEGIES } from '../../src/config.ts'
import { lanes } from '../support/lanes.ts'
import { CASES } from './cases.ts'
import { MYSQL_CASES } from './mysql-cases.ts'
import type { Case } from './cases.ts'
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
      for (const { name: rule, run } of cases) test(rule, () => run(subject, strategy))
    })
  })
}

for (const lane of lanes) {
  for (const adapter of MYSQL_ADAPTERS) {
    contract(`${lane.name} through ${adapter}`, [...CASES, ...MYSQL_CASES], () => mysqlSubject(adapter, lane.url))
  }
}
for (const adapter of SQLITE_ADAPTERS) {
  contract(`SQLite through ${adapter}`, CASES, () => sqliteSubject(adapter))
}
