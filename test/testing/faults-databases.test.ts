import { afterAll, beforeAll, describe, test } from 'vitest'
import { MYSQL_ADAPTERS, mysqlSubject, SQLITE_ADAPTERS, sqliteSubject } from '../contract/subjects.ts'
import { lanes } from '../support/lanes.ts'
import { FAULT_CASES, SLOW_CASES } from './support/fault-cases.ts'
import type { FaultCase } from './support/fault-cases.ts'
import { onDatabase } from './support/fault-subject.ts'
import type { FaultSubject } from './support/fault-subject.ts'

/** Every fault × every adapter, on real databases. */
function faults(name: string, cases: readonly FaultCase[], open: () => Promise<FaultSubject>): void {
  describe(name, () => {
    let subject: FaultSubject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())
    for (const { name: rule, run } of cases) test(rule, () => run(subject))
  })
}

for (const lane of lanes) {
  for (const adapter of MYSQL_ADAPTERS) {
    faults(`${lane.name} through ${adapter}`, [...FAULT_CASES, ...SLOW_CASES], async () =>
      onDatabase(await mysqlSubject(adapter, lane.url)),
    )
  }
}
for (const adapter of SQLITE_ADAPTERS) {
  const cases = adapter.includes('shared handle') ? FAULT_CASES : [...FAULT_CASES, ...SLOW_CASES]
  faults(`SQLite through ${adapter}`, cases, async () => onDatabase(await sqliteSubject(adapter)))
}
