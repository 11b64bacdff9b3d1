import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import { RULES } from '../contract/rules.ts'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import type { RunningLane } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import { ANSWER_MUTANTS } from './answer-mutants.ts'
import { EFFECT_MUTANTS } from './effect-mutants.ts'
import { LEASE_MUTANTS } from './lease-mutants.ts'
import { MUTANTS } from './mutants.ts'

const ALL = [...MUTANTS, ...ANSWER_MUTANTS, ...LEASE_MUTANTS, ...EFFECT_MUTANTS]

/** The contract passes on the claim as it is (test/contract); here it must fail, for each thing that can be wrong. */
function caught(name: string, family: Subject['family'], open: () => Promise<Subject>, lane?: RunningLane): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())
    for (const mutant of ALL.filter(({ families }) => families.includes(family))) {
      const rule = RULES[family].find(({ name: called }) => called === mutant.caughtBy)
      const needs = [...(mutant.needs ?? []), ...(rule?.needs ?? [])]
      const missing = lane === undefined ? null : missingTrait(lane, needs)
      if (missing !== null) {
        test.skip(`${mutant.name} is caught (not run: ${missing})`)
        continue
      }
      test.each(mutant.strategies)(`${mutant.name} is caught (%s)`, async (strategy) => {
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
for (const lane of mssqlLanes) {
  for (const adapter of MSSQL_ADAPTERS) {
    caught(`${lane.name} through ${adapter}`, 'mssql', () => mssqlSubject(adapter, lane.url), lane)
  }
}
caught('SQLite, own connection', 'sqlite', () => sqliteSubject('better-sqlite3, own connection'))
