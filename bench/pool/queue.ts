import type { CandidateQueue } from 'claim-once'
import { redisQueue } from 'claim-once/redis'
import { createClient } from 'redis'
import { startSharedRedis } from '../../test/support/redis/shared-redis.ts'

export interface Queue {
  readonly candidates: CandidateQueue
  /** Takes candidates off a list without the package. */
  readonly popByHand: (list: string, count: number) => Promise<readonly string[]>
  /** Those that hold every card already. */
  readonly filled: Set<string>
  readonly about: string
  readonly stop: () => Promise<void>
}

/** The Redis that REDIS_URL names, or one that is started for it. */
export async function openQueue(): Promise<Queue> {
  const { redis, stop } = await startSharedRedis()
  const { server } = redis
  if (!server.available) throw new Error(`There is no Redis: ${server.reason}`)
  const client = createClient({ url: server.url })
  client.on('error', (error) => console.error(error))
  await client.connect()
  const filled = new Set<string>()
  return {
    filled,
    candidates: redisQueue(client, { prefix: PREFIX }),
    popByHand: async (list, count) => (await client.lPopCount(keyOf(list), count)) ?? [],
    about: `Redis ${server.version}`,
    async stop() {
      if (filled.size > 0) await client.unlink([...filled].map(keyOf))
      client.destroy()
      await stop()
    },
  }
}

const PREFIX = 'claim-once-bench'

/** As the package calls it. */
const keyOf = (list: string): string => `${PREFIX}:{${list}}`
