import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { createCards } from '../pool/cards.ts'
import { GUARD_CASES, LOCK_CASES } from '../pool/guard-cases.ts'
import { memoryQueue } from '../pool/memory-queue.ts'
import { POOL_CASES } from '../pool/pool-cases.ts'
import { CANDIDATE_CASES } from '../pool/candidate-cases.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { POOL_MUTANTS } from './pool-mutants.ts'

const CASES = [...POOL_CASES, ...GUARD_CASES, ...LOCK_CASES, ...CANDIDATE_CASES]

/** The cases pass on the pool as it is (test/pool); here they must fail, for each thing that can be wrong. */
function caught(name: string, family: Subject['family'], open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
      await createCards(subject)
    })
    afterAll(() => subject.close())
    for (const mutant of POOL_MUTANTS.filter(({ families }) => families.includes(family))) {
      const found = CASES.find(({ name: called }) => called === mutant.caughtBy)
      test.each(mutant.strategies)(`${mutant.name} is caught (%s)`, async (strategy) => {
        expect(found, `there is a case: ${mutant.caughtBy}`).toBeDefined()
        const how = { strategy, queue: memoryQueue() }
        await expect(found!.run(subject, how), 'the case holds without the mutation').resolves.toBeUndefined()
        await expect(found!.run(subject, { ...how, mutation: mutant.mutation }), mutant.caughtBy).rejects.toThrow()
      })
    }
  })
}

// MariaDB 11.8 refuses by itself what has changed since a transaction looked (1020), which hides what the guard does.
for (const { name, url } of lanes.filter(({ name: lane }) => lane !== 'mariadb-11.8')) {
  caught(`${name} through mysql2/promise`, 'mysql', () => mysqlSubject('mysql2/promise', url))
  caught(`${name} through kysely`, 'mysql', () => mysqlSubject('kysely', url))
}
for (const { name, url } of mssqlLanes) {
  for (const adapter of MSSQL_ADAPTERS) caught(`${name} through ${adapter}`, 'mssql', () => mssqlSubject(adapter, url))
}
caught('SQLite, own connection', 'sqlite', () => sqliteSubject('better-sqlite3, own connection'))
