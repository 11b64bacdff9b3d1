import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { redisQueue } from '../../src/queues/redis.ts'
import type { CandidateQueue } from '../../src/queues/redis.ts'
import { redisUrl } from '../support/redis/redis-url.ts'
import { until } from '../support/until.ts'
import { idsOf, pagesOf } from './support/pages.ts'

/** ioredis sends again what was not answered when a connection was lost; the server may have done it already. */
let redis: Redis
let prefix: string
beforeEach(() => {
  redis = new Redis(redisUrl())
  prefix = `claim-once-test-${randomUUID()}`
})
afterEach(async () => {
  await redis.unlink(`${prefix}:{cards}`)
  redis.disconnect()
})

const sendingTwice = (which: (args: readonly string[]) => boolean): CandidateQueue =>
  redisQueue(
    {
      async call(command, args) {
        if (which(args)) await redis.call(command, args)
        return redis.call(command, args)
      },
    },
    { prefix },
  )

const list = (): Promise<string[]> => redis.lrange(`${prefix}:{cards}`, 0, -1)
const PAGES = [idsOf(1700), ['b'], ['c']]

test('values that are sent twice are in the list once', async () => {
  const queue = sendingTwice((args) => args[1] === '1')
  expect(await queue.replace('cards', pagesOf(PAGES))).toBe(1702)
  expect(await list()).toEqual(PAGES.flat())
})

test('a list that is put in place twice is there; the refill says that it does not know', async () => {
  const queue = sendingTwice((args) => args[1] === '2')
  await expect(queue.replace('cards', pagesOf(PAGES))).rejects.toThrow('has put it in place already')
  expect(await list()).toEqual(PAGES.flat())
  await until(async () => (await redis.keys(`${prefix}*`)).length === 1, 'nothing else is left')
})

test('a list that is emptied twice is empty', async () => {
  const queue = sendingTwice(() => true)
  await queue.push('cards', ['old'])
  expect(await queue.replace('cards', pagesOf([]))).toBe(0)
  expect(await list()).toEqual([])
})
