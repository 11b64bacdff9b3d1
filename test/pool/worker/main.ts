import { createPool as createMysqlPool } from 'mysql2/promise'
import Database from 'better-sqlite3'
import { createClient } from 'redis'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { mysql } from '../../../src/adapters/mysql2.ts'
import { sqlite } from '../../../src/adapters/sqlite.ts'
import { createPool } from '../../../src/index.ts'
import type { CandidateQueue } from '../../../src/index.ts'
import { redisQueue } from '../../../src/queues/redis.ts'
import { CARD_COLUMNS, CARD_STATES } from '../cards.ts'
import type { Contest, Told } from './contest.ts'

/** Every owner asks three times at once; what each was told is sent as it comes, since this process may be killed. */
async function draw({ database, campaign, owners, strategy, atOnce, redis }: Contest): Promise<void> {
  const cards = createPool({
    database: adapterFor(database),
    table: 'cards',
    columns: CARD_COLUMNS,
    states: CARD_STATES,
    strategy,
    timeoutMs: 60_000,
    ...(strategy === 'queue' ? { queue: await queueOn(redis) } : {}),
  })
  const waiting = owners.flatMap((owner) => [owner, owner, owner])
  const one = async (): Promise<void> => {
    for (let owner = waiting.shift(); owner !== undefined; owner = waiting.shift()) {
      const result = await cards.claimNext(owner, { scope: campaign, read: ['card_number'] }).then(
        (answer) => ({
          outcome: answer.outcome,
          cards: 'items' in answer ? answer.items.map((item) => String(item['card_number'])) : [],
        }),
        (error: unknown) => ({ outcome: String((error as { code?: unknown }).code ?? error), cards: [] }),
      )
      tell({ owner, ...result })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  tell('done')
}

function adapterFor(database: string): Adapter<unknown> {
  if (database.startsWith('mysql:')) return mysql(createMysqlPool({ uri: database, connectionLimit: 16 }))
  return sqlite(() => new Database(database))
}

async function queueOn(url: string): Promise<CandidateQueue> {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } })
  client.on('error', () => {}) // it is taken down; its commands fail, too
  await client.connect()
  return redisQueue(client)
}

function tell(told: Told): void {
  process.send?.(told)
}

process.once('message', (contest) => void draw(contest as Contest))
process.on('disconnect', () => process.exit())
