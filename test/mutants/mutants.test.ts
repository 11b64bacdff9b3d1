import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CASES } from '../contract/cases.ts'
import { MYSQL_CASES } from '../contract/mysql-cases.ts'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes } from '../support/lanes.ts'
import { MUTANTS } from './mutants.ts'

const cases = new Map([...CASES, ...MYSQL_CASES].map((rule) => [rule.name, rule]))

/** The contract passes on the claim as it is (test/contract); here it must fail, for each thing that can be wrong. */
function caught(name: string, family: Subject['family'], open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())
    for (const mutant of MUTANTS.filter(({ families }) => families.includes(family))) {
      test.each(mutant.strategies)(`${mutant.name} is caught (%s)`, async (strategy) => {
        const rule = cases.get(mutant.caughtBy)
        expect(rule, `there is a rule: ${mutant.caughtBy}`).toBeDefined()
        await expect(rule!.run(subject, strategy), 'the rule holds without the mutation').resolves.toBeUndefined()
        await expect(rule!.run(subject, strategy, mutant.mutation), mutant.caughtBy).rejects.toThrow()
      })
    }
  })
}

for (const { name, url } of lanes) {
  caught(`${name} through mysql2/promise`, 'mysql', () => mysqlSubject('mysql2/promise', url))
  caught(`${name} through kysely`, 'mysql', () => mysqlSubject('kysely', url))
}
caught('SQLite, own connection', 'sqlite', () => sqliteSubject('better-sqlite3, own connection'))
