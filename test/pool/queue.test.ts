import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { createCards } from './cards.ts'
import { QUEUE_CASES } from './queue-cases.ts'

/** What a pool makes of its queue, whatever the queue does. */
function queues(name: string, open: () => Promise<Subject>): void {
  describe(`a queue of candidates, and ${name}`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
      await createCards(subject)
    })
    afterAll(() => subject.close())
    for (const { name: rule, run } of QUEUE_CASES) test(rule, { timeout: 30_000 }, () => run(subject))
  })
}

for (const { name, url } of lanes) queues(name, () => mysqlSubject('mysql2/promise', url))
for (const lane of mssqlLanes) {
  for (const adapter of MSSQL_ADAPTERS) queues(`${lane.name} through ${adapter}`, () => mssqlSubject(adapter, lane.url))
}
queues('SQLite', () => sqliteSubject('better-sqlite3, shared handle'))
