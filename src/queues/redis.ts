import { randomUUID } from 'node:crypto'
import { refuseUnknownKeys } from '../check-config.ts'
import { ClaimError, messageOf } from '../errors.ts'
import type { CandidateQueue } from '../pool/candidate-queue.ts'
import { senderOf } from './redis-client.ts'
import type { RedisClient, Send } from './redis-client.ts'

export type { CandidateQueue } from '../pool/candidate-queue.ts'
export type {
  IoRedisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisClient,
} from './redis-client.ts'

export interface RedisQueueOptions {
  /** What the names of all keys begin with; no braces. Two shops on one Redis need two. Default: 'claim-once' */
  readonly prefix?: string
}

/**
 * Candidates of a pool in lists of Redis, for the strategy `queue`. The client stays the user's: who made it connects it, listens to
 * its errors and closes it. The table decides all the same; what Redis loses is queued again by the next refill.
 *
 * Needs Redis 6.2 or newer, or a server that speaks as it does. Sends `LPOP`, `RPUSH`, `UNLINK`, and by `EVAL` (scripts of a few lines)
 * `LLEN`, `RPUSH`, `PEXPIRE`, `RENAME`, `PERSIST` and `UNLINK`. Keys are named `prefix:{table…}`, and while a list is refilled
 * `prefix:{table…}:refill:…`, which goes by itself ten minutes after the last page.
 *
 * @param client of node-redis (5 or newer) or of ioredis (5.1 or newer), also of a cluster. One that does not keep commands while
 *   there is no connection (`disableOfflineQueue: true`; `enableOfflineQueue: false`) tells at once that Redis is down. The `keyPrefix`
 *   of ioredis is heeded; that of node-redis does not concern commands like these
 * @throws {ClaimError} `CLAIM_CONFIG` where it is neither. Where the server is older than 6.2, `pop` rejects with it
 *
 * @example
 * // node-redis
 * const client = createClient({ url: process.env.REDIS_URL, disableOfflineQueue: true }).on('error', log)
 * await client.connect()
 * const queue = redisQueue(client)
 *
 * @example
 * // ioredis
 * const client = new Redis(process.env.REDIS_URL, { enableOfflineQueue: false }).on('error', log)
 * const queue = redisQueue(client, { prefix: 'lottery' })
 */
export function redisQueue(client: RedisClient, options: RedisQueueOptions = {}): CandidateQueue {
  refuseUnknownKeys(options, ['prefix'], 'redisQueue()', (message) => new ClaimError('CLAIM_CONFIG', message))
  const { prefix = 'claim-once' } = options
  if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
    throw new ClaimError('CLAIM_CONFIG', `prefix is ${prefix}. It is a text without braces.`)
  }
  return Object.freeze(new RedisQueue(senderOf(client), prefix))
}

/** How many values go with one command. Lua's unpack() fails near 8,000. */
const VALUES_AT_ONCE = 1000

/** How long a list that is being filled outlives its process, in milliseconds. Longer than any page takes to be read. */
const UNFINISHED_MS = 600_000

/**
 * Adds values to a list that is being filled, with its expiry in the same step: a crash between the two would leave it for ever.
 * A client that sends the command again after a lost connection adds nothing twice.
 *
 * KEYS: the list. ARGV: its expiry in milliseconds, how many values it must hold, the values. Answers how many it holds.
 */
const FILL = `
local held = redis.call('llen', KEYS[1])
if held == tonumber(ARGV[2]) then
  held = redis.call('rpush', KEYS[1], unpack(ARGV, 3))
end
redis.call('pexpire', KEYS[1], ARGV[1])
return held`

/**
 * Puts a filled list in the place of another: all of it or, where a part was lost, nothing. RENAME takes the expiry along. The first
 * LLEN fails where the name is that of something else, which RENAME would overwrite.
 *
 * KEYS: the place, the filled list. ARGV: how many values that must hold. Answers how many it holds.
 */
const PUT_IN_PLACE = `
redis.call('llen', KEYS[1])
local held = redis.call('llen', KEYS[2])
if held ~= tonumber(ARGV[1]) then
  return held
end
if held == 0 then
  redis.call('unlink', KEYS[1])
else
  redis.call('rename', KEYS[2], KEYS[1])
  redis.call('persist', KEYS[1])
end
return held`

class RedisQueue implements CandidateQueue {
  readonly #send: Send
  readonly #prefix: string

  constructor(send: Send, prefix: string) {
    this.#send = send
    this.#prefix = prefix
  }

  async pop(list: string, count: number): Promise<readonly string[]> {
    if (count < 1) return []
    const key = this.#key(list)
    // `null` where there is no list.
    const values = (await this.#send(key, 'lpop', [key, String(count)]).catch(explainOldServer)) as unknown[] | null
    return (values ?? []).map(String)
  }

  async push(list: string, ids: readonly string[]): Promise<void> {
    const key = this.#key(list)
    for (const values of inParts(ids)) await this.#send(key, 'rpush', [key, ...values])
  }

  async replace(list: string, pages: AsyncIterable<readonly string[]>): Promise<number> {
    const key = this.#key(list)
    const filling = `${key}:refill:${randomUUID()}`
    let filled = 0
    try {
      for await (const page of pages) {
        for (const values of inParts(page)) {
          const args = [String(UNFINISHED_MS), String(filled), ...values]
          filled += values.length
          wholeOr(list, filled, await this.#send(filling, 'eval', [FILL, '1', filling, ...args]))
        }
      }
      wholeOr(list, filled, await this.#send(key, 'eval', [PUT_IN_PLACE, '2', key, filling, String(filled)]))
      return filled
    } catch (error) {
      // Not waited for: there may be no connection. What stays goes by its expiry.
      if (filled > 0) this.#send(filling, 'unlink', [filling]).catch(() => {})
      throw error
    }
  }

  /**
   * What stands in braces decides the slot of a cluster, so that a list and the one that is filled for it share theirs. Of an empty pair, or
   * of braces in braces, that would not hold.
   */
  #key(list: string): string {
    const tag = list === '' ? '%' : list.replace(/[%{}]/g, encodeURIComponent)
    return `${this.#prefix}:{${tag}}`
  }
}

function* inParts(values: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < values.length; at += VALUES_AT_ONCE) yield values.slice(at, at + VALUES_AT_ONCE)
}

/** Evicted, expired, lost with a server that keeps nothing; or a command that was sent twice. */
function wholeOr(list: string, expected: number, held: unknown): void {
  if (Number(held) === expected) return
  throw new Error(
    `The new list of ${list} holds ${String(held)} candidates instead of ${expected}: Redis has lost it while it was filled, or has ` +
      'put it in place already. Refill it again.',
  )
}

function explainOldServer(error: unknown): never {
  if (!/wrong number of arguments/i.test(messageOf(error))) throw error
  throw new ClaimError(
    'CLAIM_CONFIG',
    `This Redis is older than 6.2, its LPOP takes one value at a time (${messageOf(error)}). Use 6.2 or newer.`,
    error,
  )
}
