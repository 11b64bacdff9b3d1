import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes } from '../support/lanes.ts'
import { createDeliveries } from './deliveries.ts'
import { DRAIN_MUTANTS } from './drain-mutants.ts'
import { DRAIN_RULES } from './drain-rules.ts'

/** The rules pass on the worker as it is (drain.test.ts); here they must fail, for each thing that can be wrong. */
function caught(name: string, family: Subject['family'], open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
      await createDeliveries(subject)
    })
    afterAll(() => subject.close())
    for (const mutant of DRAIN_MUTANTS.filter(({ families }) => families.includes(family))) {
      test(`${mutant.name} is caught`, { timeout: 60_000 }, async () => {
        const rule = DRAIN_RULES.find(({ name: called }) => called === mutant.caughtBy)
        expect(rule, `there is a rule: ${mutant.caughtBy}`).toBeDefined()
        await expect(rule!.run(subject), 'the rule holds without the mutation').resolves.toBeUndefined()
        const run = rule!.run(subject, mutant.mutation).finally(() => subject.query('delete from deliveries'))
        await expect(run, mutant.caughtBy).rejects.toThrow()
      })
    }
  })
}

for (const { name, url } of lanes) {
  caught(`${name} through mysql2/promise`, 'mysql', () => mysqlSubject('mysql2/promise', url))
  caught(`${name} through kysely`, 'mysql', () => mysqlSubject('kysely', url))
}
caught('SQLite, own connection', 'sqlite', () => sqliteSubject('better-sqlite3, own connection'))
