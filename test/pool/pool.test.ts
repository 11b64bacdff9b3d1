import { afterAll, beforeAll, describe, test } from 'vitest'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import type { Subject } from '../contract/subject.ts'
import { MYSQL_ADAPTERS, mysqlSubject, SQLITE_ADAPTERS, sqliteSubject } from '../contract/subjects.ts'
import { MSSQL_ADAPTERS, mssqlSubject } from '../contract/mssql-subject.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { missingTrait } from '../support/mssql-traits.ts'
import { CLIENTS } from '../redis/support/clients.ts'
import { QueueSetting } from '../redis/support/queue-setting.ts'
import { redisUrl } from '../support/redis/redis-url.ts'
import { createCards } from './cards.ts'
import { GUARD_CASES, LOCK_CASES } from './guard-cases.ts'
import { memoryQueue } from './memory-queue.ts'
import { POOL_CASES } from './pool-cases.ts'
import { CANDIDATE_CASES } from './candidate-cases.ts'
import { RESERVATION_CASES } from './reservation-cases.ts'
import { STOCK_CASES } from './stock-cases.ts'
import { TOGETHER_CASES } from './together-cases.ts'

const ALWAYS = [...POOL_CASES, ...GUARD_CASES, ...RESERVATION_CASES, ...STOCK_CASES, ...TOGETHER_CASES]
const ON_SERVERS = [...ALWAYS, ...LOCK_CASES]

let opened = 0

/** One contract × every (database, strategy) pair, through each adapter; the queue by one client, then by another. */
function pools(name: string, open: () => Promise<Subject>, cases = ALWAYS): void {
  const client = CLIENTS[opened++ % CLIENTS.length]
  describe(`${name}, ${client?.name}`, () => {
    let subject: Subject
    let redis: QueueSetting
    beforeAll(async () => {
      if (client === undefined) throw new TypeError('There is no client of Redis.')
      redis = await QueueSetting.open(client, redisUrl())
      subject = await open()
      await createCards(subject)
    })
    afterAll(async () => {
      await subject.close()
      await redis.close()
    })
    describe.each(PICK_STRATEGIES)('%s', (strategy) => {
      for (const { name: rule, run } of cases) {
        test(rule, () => run(subject, { strategy, queue: redis.queue }))
      }
    })
    describe('candidates', () => {
      for (const { name: rule, run } of CANDIDATE_CASES) {
        test(rule, () => run(subject, { strategy: 'queue', queue: memoryQueue() }))
      }
    })
  })
}

for (const lane of lanes) {
  for (const adapter of MYSQL_ADAPTERS)
    pools(`${lane.name} through ${adapter}`, () => mysqlSubject(adapter, lane.url), ON_SERVERS)
}
for (const lane of mssqlLanes) {
  for (const adapter of MSSQL_ADAPTERS)
    pools(
      `${lane.name} through ${adapter}`,
      () => mssqlSubject(adapter, lane.url),
      ON_SERVERS.filter(({ needs = [] }) => missingTrait(lane, needs) === null),
    )
  for (const { name, needs = [] } of ON_SERVERS) {
    const lacks = missingTrait(lane, needs)
    if (lacks !== null) test.skip(`${lane.name}: ${name} (not run: ${lacks})`)
  }
}
for (const adapter of SQLITE_ADAPTERS) pools(`SQLite through ${adapter}`, () => sqliteSubject(adapter))
