import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import { createClient, createClientPool } from 'redis'
import type { RedisClient } from '../../../src/queues/redis.ts'

export interface OpenClient {
  readonly client: RedisClient
  readonly close: () => void
}

export interface ClientKind {
  readonly name: string
  /** What its key names begin with, whatever the queue calls them. */
  readonly keyPrefix: string
  readonly open: (url: string) => Promise<OpenClient>
}

/** A client tells of a lost connection by an event; its commands fail as well, and that is what the tests look at. */
export const unheard = (): void => undefined

async function nodeRedis(url: string, disableOfflineQueue: boolean): Promise<OpenClient> {
  const client = createClient({ url, disableOfflineQueue, socket: { reconnectStrategy: 20 } })
  client.on('error', unheard)
  await client.connect()
  return { client, close: () => client.destroy() }
}

async function nodeRedisPool(url: string): Promise<OpenClient> {
  const client = createClientPool({ url }, { minimum: 1, maximum: 4 })
  client.on('error', unheard)
  await client.connect()
  return { client, close: () => client.destroy() }
}

type Choices = Pick<RedisOptions, 'keyPrefix' | 'enableAutoPipelining' | 'enableOfflineQueue' | 'maxRetriesPerRequest'>

async function ioRedis(url: string, options: Choices = {}): Promise<OpenClient> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 20, ...options })
  client.on('error', unheard)
  await client.connect()
  return { client, close: () => client.disconnect() }
}

/** The ways to be connected to one server. */
export const CLIENTS: readonly ClientKind[] = [
  { name: 'node-redis', keyPrefix: '', open: (url) => nodeRedis(url, false) },
  { name: 'a pool of node-redis', keyPrefix: '', open: nodeRedisPool },
  { name: 'ioredis', keyPrefix: '', open: (url) => ioRedis(url) },
  { name: 'ioredis with a keyPrefix', keyPrefix: 'shop:', open: (url) => ioRedis(url, { keyPrefix: 'shop:' }) },
  {
    name: 'ioredis that pipelines by itself',
    keyPrefix: '',
    open: (url) => ioRedis(url, { enableAutoPipelining: true }),
  },
]

/** Those that keep commands while there is no connection, and send them when there is one again. */
export const PATIENT_CLIENTS = CLIENTS.filter(({ name }) => name === 'node-redis' || name === 'ioredis')

/** Those that fail at once. */
export const IMPATIENT_CLIENTS: readonly ClientKind[] = [
  { name: 'node-redis without an offline queue', keyPrefix: '', open: (url) => nodeRedis(url, true) },
  {
    name: 'ioredis without an offline queue',
    keyPrefix: '',
    open: (url) => ioRedis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 }),
  },
]
