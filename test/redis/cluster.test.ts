import { Cluster, Redis } from 'ioredis'
import type { ClusterOptions } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { redisQueue } from '../../src/queues/redis.ts'
import { startCluster } from '../support/redis/start-cluster.ts'
import type { RedisCluster } from '../support/redis/start-cluster.ts'
import { until } from '../support/until.ts'
import { unheard } from './support/clients.ts'
import type { OpenClient } from './support/clients.ts'
import { idsOf, pagesOf } from './support/pages.ts'

async function nodeRedis(url: string): Promise<OpenClient> {
  const { password } = new URL(url)
  const client = createCluster({ rootNodes: [{ url }], defaults: { password } })
  client.on('error', unheard)
  await client.connect()
  return { client, close: () => client.destroy() }
}

type Choices = Pick<ClusterOptions, 'keyPrefix' | 'enableAutoPipelining' | 'scaleReads'>

async function ioRedis(url: string, options: Choices = {}): Promise<OpenClient> {
  const { hostname, port, password } = new URL(url)
  const client = new Cluster([{ host: hostname, port: Number(port) }], {
    lazyConnect: true,
    redisOptions: { password },
    ...options,
  })
  client.on('error', unheard)
  await client.connect()
  return { client, close: () => client.disconnect() }
}

const CLIENTS = [
  { name: 'node-redis', keyPrefix: '', open: nodeRedis },
  { name: 'ioredis', keyPrefix: '', open: ioRedis },
  { name: 'ioredis with a keyPrefix', keyPrefix: 'shop:', open: (url: string) => ioRedis(url, { keyPrefix: 'shop:' }) },
  {
    name: 'ioredis that pipelines by itself',
    keyPrefix: '',
    open: (url: string) => ioRedis(url, { enableAutoPipelining: true }),
  },
  {
    name: 'ioredis that reads from replicas',
    keyPrefix: '',
    open: (url: string) => ioRedis(url, { scaleReads: 'slave' }),
  },
]

let cluster: RedisCluster
let nodes: readonly Redis[]
beforeAll(async () => {
  cluster = await startCluster()
  nodes = cluster.urls.map((url) => new Redis(url))
})
afterAll(async () => {
  for (const node of nodes) node.disconnect()
  await cluster.stop()
})

const keysOfNodes = (): Promise<string[][]> => Promise.all(nodes.map((node) => node.keys('*')))

describe.each(CLIENTS)('on a cluster, by $name', ({ name, keyPrefix, open }) => {
  test('a list is filled and put in place on the server that has it, whatever its name', async () => {
    const { client, close } = await open(cluster.urls[0])
    onTestFinished(close)
    const queue = redisQueue(client, { prefix: name })
    const lists = ['', '{}', '}', '{', '}{', 'a{b}c', '%', ...idsOf(20, 'list')]
    const ids = idsOf(2500)
    await Promise.all(lists.map((list) => queue.push(list, ['old'])))
    for (const list of lists) expect(await queue.replace(list, pagesOf([ids, ['last']]))).toBe(2501)

    const keys = await keysOfNodes()
    expect(keys.flat()).toHaveLength(lists.length)
    expect(keys.flat().every((key) => key.startsWith(`${keyPrefix}${name}:{`))).toBe(true)
    // Else this would be no test of where they are.
    expect(keys.every((some) => some.length > 0)).toBe(true)

    const taken = await Promise.all(lists.map((list) => queue.pop(list, 3000)))
    for (const each of taken) expect(each).toEqual([...ids, 'last'])
    expect((await keysOfNodes()).flat()).toEqual([])
  })

  test('a refill that fails leaves nothing of it', async () => {
    const { client, close } = await open(cluster.urls[0])
    onTestFinished(close)
    const queue = redisQueue(client, { prefix: name })
    const lists = idsOf(10, 'list')
    for (const list of lists) {
      await queue.push(list, ['old'])
      const broken = pagesOf([['a'], ['b']], () => Promise.reject(new Error('the table is gone')))
      await expect(queue.replace(list, broken)).rejects.toThrow('the table is gone')
    }
    await until(async () => (await keysOfNodes()).flat().length === lists.length, 'only the old lists are left')
    for (const list of lists) expect(await queue.replace(list, pagesOf([]))).toBe(0)
    expect((await keysOfNodes()).flat()).toEqual([])
  })
})
