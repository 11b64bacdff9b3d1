import { Redis } from 'ioredis'
import { createSentinel } from 'redis'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { redisQueue } from '../../src/queues/redis.ts'
import { startRedis } from '../support/redis/start-redis.ts'
import type { PrivateServer } from '../support/servers/private-server.ts'
import { unheard } from './support/clients.ts'
import type { OpenClient } from './support/clients.ts'
import { pagesOf } from './support/pages.ts'

const NAME = 'shop'

let server: PrivateServer
let sentinel: PrivateServer
beforeAll(async () => {
  server = await startRedis()
  const { port, password } = new URL(server.url)
  sentinel = await startRedis(
    { [`sentinel monitor ${NAME}`]: `127.0.0.1 ${port} 1`, [`sentinel auth-pass ${NAME}`]: password },
    ['--sentinel'],
  )
})
afterAll(() => Promise.all([server.stop(), sentinel.stop()]))

const place = () => ({ host: '127.0.0.1', port: Number(new URL(sentinel.url).port) })
const passwords = () => ({ own: new URL(server.url).password, sentinel: new URL(sentinel.url).password })

async function nodeRedis(): Promise<OpenClient> {
  const client = createSentinel({
    name: NAME,
    sentinelRootNodes: [place()],
    nodeClientOptions: { password: passwords().own },
    sentinelClientOptions: { password: passwords().sentinel },
  })
  client.on('error', unheard)
  await client.connect()
  return { client, close: () => void client.destroy() }
}

async function ioRedis(): Promise<OpenClient> {
  const client = new Redis({
    name: NAME,
    sentinels: [place()],
    password: passwords().own,
    sentinelPassword: passwords().sentinel,
  })
  client.on('error', unheard)
  return { client, close: () => client.disconnect() }
}

test.each([
  { name: 'node-redis', open: nodeRedis },
  { name: 'ioredis', open: ioRedis },
])('a queue on the server that sentinels name, by $name', async ({ name, open }) => {
  const { client, close } = await open()
  onTestFinished(close)
  const queue = redisQueue(client, { prefix: name })
  await queue.push('cards', ['old'])
  expect(await queue.replace('cards', pagesOf([['a'], ['b']]))).toBe(2)
  expect(await queue.pop('cards', 9)).toEqual(['a', 'b'])
  expect(await queue.replace('cards', pagesOf([]))).toBe(0)
})
