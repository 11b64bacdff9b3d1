import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ClaimError } from '../../src/errors.ts'
import { redisQueue } from '../../src/queues/redis.ts'
import type { RedisClient, RedisQueueOptions } from '../../src/queues/redis.ts'
import { redisUrl } from '../support/redis/redis-url.ts'
import { pagesOf } from './support/pages.ts'

const ioRedis = (): Redis => {
  const client = new Redis({ lazyConnect: true })
  onTestFinished(() => client.disconnect())
  return client
}

const WRONG_CLIENTS: readonly { readonly what: string; readonly make: () => unknown }[] = [
  { what: 'nothing', make: () => undefined },
  { what: 'null', make: () => null },
  { what: 'a URL', make: () => 'redis://127.0.0.1' },
  { what: 'options', make: () => ({ url: 'redis://127.0.0.1' }) },
  { what: 'the class of ioredis', make: () => Redis },
  { what: 'the function of node-redis', make: () => createClient },
  { what: 'the promise of a client', make: () => Promise.resolve(createClient()) },
  { what: 'a transaction of node-redis', make: () => createClient().multi() },
  { what: 'the legacy client of node-redis', make: () => createClient().legacy() },
  { what: 'a pipeline of ioredis', make: () => ioRedis().pipeline() },
  { what: 'a transaction of ioredis', make: () => ioRedis().multi() },
]

describe('what is no client is refused', () => {
  test.each(WRONG_CLIENTS)('$what', ({ make }) => {
    const refusal = (): unknown => redisQueue(make() as RedisClient)
    expect(refusal).toThrow(ClaimError)
    expect(refusal).toThrow(expect.objectContaining({ code: 'CLAIM_CONFIG' }))
    expect(refusal).toThrow(/^redisQueue\(\) takes a client of node-redis/)
  })
})

test('a client that is not connected yet is taken', () => {
  expect(() => redisQueue(createClient())).not.toThrow()
  expect(() => redisQueue(ioRedis())).not.toThrow()
})

test.each([
  { options: { prefix: 'a{b' }, message: 'prefix is a{b. It is a text without braces.' },
  { options: { prefix: '}' }, message: 'without braces' },
  { options: { prefix: 7 }, message: 'prefix is 7' },
  { options: { prefx: 'a' }, message: 'has no option "prefx"' },
])('options that mean nothing are refused: $options', ({ options, message }) => {
  const refusal = (): unknown => redisQueue(createClient(), options as RedisQueueOptions)
  expect(refusal).toThrow(message)
  expect(refusal).toThrow(expect.objectContaining({ code: 'CLAIM_CONFIG' }))
})

test('a Redis before 6.2 is told by name', async () => {
  // What Redis 6.0.16 says to LPOP with a count.
  const old = {
    call: () => Promise.reject(new Error("ERR wrong number of arguments for 'lpop' command")),
  }
  await expect(redisQueue(old).pop('cards', 1)).rejects.toThrow(
    expect.objectContaining({ code: 'CLAIM_CONFIG', message: expect.stringContaining('older than 6.2') as string }),
  )
})

test('a client that gives Buffers and texts for numbers is understood', async () => {
  const node = createClient({ url: redisUrl() }).withTypeMapping({ 36: Buffer, 58: String })
  const io = new Redis(redisUrl(), { stringNumbers: true })
  onTestFinished(() => {
    node.destroy()
    io.disconnect()
  })
  await node.connect()
  for (const client of [node, io]) {
    const queue = redisQueue(client, { prefix: 'claim-once-test-mapped' })
    expect(await queue.replace('cards', pagesOf([['卡'], ['b']]))).toBe(2)
    expect(await queue.pop('cards', 9)).toEqual(['卡', 'b'])
  }
})
