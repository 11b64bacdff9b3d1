import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { redisQueue } from '../../../src/queues/redis.ts'
import type { CandidateQueue } from '../../../src/queues/redis.ts'
import type { ClientKind, OpenClient } from './clients.ts'
import { unheard } from './clients.ts'

/** A queue under a name of its own on a server that others use too, and a second connection to look at what it has done. */
export class QueueSetting {
  readonly queue: CandidateQueue
  readonly look: Redis
  readonly prefix: string
  readonly client: OpenClient['client']
  readonly #keyPrefix: string
  readonly #close: () => void

  private constructor(kind: ClientKind, { client, close }: OpenClient, look: Redis) {
    this.prefix = `claim-once-test-${randomUUID()}`
    this.client = client
    this.queue = redisQueue(client, { prefix: this.prefix })
    this.look = look
    this.#keyPrefix = kind.keyPrefix
    this.#close = close
  }

  static async open(kind: ClientKind, url: string): Promise<QueueSetting> {
    const look = new Redis(url, { lazyConnect: true, retryStrategy: () => 20 })
    look.on('error', unheard)
    await look.connect()
    return new QueueSetting(kind, await kind.open(url), look)
  }

  /** The key of a list whose name needs no escape. */
  key(list: string): string {
    return `${this.#keyPrefix}${this.prefix}:{${list}}`
  }

  /** Every key that the queue has made. */
  async keys(): Promise<readonly string[]> {
    const found: string[] = []
    let cursor = '0'
    do {
      const [next, some] = await this.look.scan(cursor, 'MATCH', `*${this.prefix}*`, 'COUNT', 1000)
      found.push(...some)
      cursor = next
    } while (cursor !== '0')
    return found.sort()
  }

  async unfinished(): Promise<readonly string[]> {
    return (await this.keys()).filter((key) => key.includes(':refill:'))
  }

  list(name: string): Promise<readonly string[]> {
    return this.look.lrange(this.key(name), 0, -1)
  }

  async close(): Promise<void> {
    const keys = this.look.status === 'ready' ? await this.keys() : []
    if (keys.length > 0) await this.look.unlink(...keys)
    this.look.disconnect()
    this.#close()
  }
}
