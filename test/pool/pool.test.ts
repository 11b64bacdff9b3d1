import { afterAll, beforeAll, describe, test } from 'vitest'
import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import type { Subject } from '../contract/subject.ts'
import { MYSQL_ADAPTERS, mysqlSubject, SQLITE_ADAPTERS, sqliteSubject } from '../contract/subjects.ts'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { createCards } from './cards.ts'
import { POOL_CASES } from './pool-cases.ts'
import { RESERVATION_CASES } from './reservation-cases.ts'
import { STOCK_CASES } from './stock-cases.ts'

const queue: CandidateQueue = (() => {
  const lists = new Map<string, string[]>()
  return {
    pop: async (list, count) => (lists.get(list) ?? []).splice(0, count),
    push: async (list, ids) => void lists.get(list)?.push(...ids),
    replace: async (list, pages) => {
      const all: string[] = []
      for await (const page of pages) all.push(...page)
      lists.set(list, all)
      return all.length
    },
  }
})()

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
      for (const { name: rule, run } of [...POOL_CASES, ...RESERVATION_CASES, ...STOCK_CASES]) {
        test(rule, () => run(subject, { strategy, queue }))
      }
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
