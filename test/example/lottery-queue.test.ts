import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PRIZE_CARDS } from '../../examples/server/lottery/prize-tables.ts'
import type { RushReport } from '../../examples/server/lottery/rush.ts'
import { lanes } from '../support/lanes.ts'
import { openMysqlShop } from '../support/mysql-shop.ts'
import { startRedis } from '../support/redis/start-redis.ts'
import type { PrivateServer } from '../support/servers/private-server.ts'
import { until } from '../support/until.ts'
import { holders, openLotteryShop } from './lottery-shop.ts'
import type { LotteryShop } from './lottery-shop.ts'

const DATABASES = [
  { name: 'sqlite', open: () => Promise.resolve({ url: undefined, close: () => Promise.resolve() }) },
  ...lanes.map(({ name, url }) => ({ name, open: () => openMysqlShop(url) })),
]
const QUEUE = { strategy: 'queue' }

// Of this file's own: it is crashed, and emptied.
let redis: PrivateServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

async function inRedis(...command: string[]): Promise<unknown> {
  const client = createClient({ url: redis.url })
  await client.connect()
  try {
    return await client.sendCommand(command)
  } finally {
    client.destroy()
  }
}

describe.each(DATABASES)('the lottery by queue on $name', ({ open }) => {
  let place: { readonly url: string | undefined; close(): Promise<void> }
  let lottery: LotteryShop
  let prefix: string

  beforeEach(async () => {
    place = await open()
    prefix = `lottery-${randomUUID()}`
    lottery = await openLotteryShop({ url: place.url, redisUrl: redis.url, redisPrefix: prefix })
  })
  afterEach(async () => {
    await lottery.close()
    await place.close()
  })

  test('the queue is filled at the start, and cards come out of it', async () => {
    expect(lottery.refills).toEqual([200])
    expect(await lottery.draw('ann', QUEUE)).toMatchObject({ status: 200, outcome: 'claimed' })
    expect(await lottery.draw('ann', QUEUE)).toMatchObject({ outcome: 'duplicate' })
    expect(await lottery.confirm('ann')).toMatchObject({ outcome: 'confirmed' })
    expect(lottery.fallbacks).toEqual([])
    expect(await holders(lottery)).toHaveLength(1)
    expect((await lottery.page('/lottery')).text).not.toContain('set REDIS_URL')
  })

  test('a rush gives each card to one winner', async () => {
    const report = (await (await lottery.post('/lottery/rush', QUEUE)).json()) as RushReport
    expect(report.chosen).toMatchObject({ isRight: true, cardsGiven: 30, exhausted: 70, cardsWithTwoOwners: 0 })
    // The list of the rush is gone, that of the lottery is left.
    expect(await inRedis('KEYS', `${prefix}:*`)).toEqual([expect.stringMatching(/:spring}$/)])
  })

  test('where the queue is empty the table is asked, that is told, and the queue is filled again', async () => {
    await inRedis('FLUSHALL')
    // Not at once: a second passes between two refills.
    await until(async () => {
      await lottery.draw(`winner-${lottery.fallbacks.length}`, QUEUE)
      return lottery.refills.length === 2
    }, 'the queue is filled again')
    expect(new Set(lottery.fallbacks)).toEqual(new Set(['empty']))
    const taken = (await holders(lottery)).length
    expect(lottery.refills[1]).toBeLessThanOrEqual(200 - taken + lottery.fallbacks.length)
    const before = lottery.fallbacks.length
    expect(await lottery.draw('ann', QUEUE)).toMatchObject({ outcome: 'claimed' })
    expect(lottery.fallbacks).toHaveLength(before)
  })

  test('where the queue names only cards that are not free the table is asked, and that is told', async () => {
    await lottery.draw('ann', QUEUE)
    // Hers is in no queue any more; nobody else's is free.
    const { db } = lottery.database
    await db.updateTable(PRIZE_CARDS).set({ status: 'Taken' }).where('status', '=', 'Free').execute()
    await db
      .updateTable(PRIZE_CARDS)
      .set({ status: 'Free', owner: null, slot: null, draw_token: null, reserved_until: null })
      .where('owner', '=', 'ann')
      .execute()
    expect(await lottery.draw('bob', QUEUE)).toMatchObject({ outcome: 'claimed' })
    expect(lottery.fallbacks).toHaveLength(1)
    expect(['stale', 'empty']).toContain(lottery.fallbacks[0])
  })

  test('while Redis is down cards are drawn from the table, and when it is back the queue is filled', async () => {
    await redis.takeDown()
    try {
      expect(await lottery.draw('ann', QUEUE)).toMatchObject({ status: 200, outcome: 'claimed' })
      expect(lottery.fallbacks).toEqual(['down'])
    } finally {
      await redis.bringUp()
    }
    await until(() => lottery.refills.length === 2, 'the queue is filled again')
    expect(lottery.refills[1]).toBe(199)
  })

  test('a shop that is started while Redis is down sells from the table', async () => {
    await redis.takeDown()
    try {
      const other = await openLotteryShop({ redisUrl: redis.url })
      expect(await other.draw('ann', QUEUE)).toMatchObject({ status: 200, outcome: 'claimed' })
      expect(other.fallbacks).toEqual(['down'])
      await other.close()
    } finally {
      await redis.bringUp()
    }
  })
})
