import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanes } from '../support/lanes.ts'
import { redisUrl } from '../support/redis/redis-url.ts'
import { until } from '../support/until.ts'
import { paymentOf, withQueue } from './payments.ts'
import { openRecipeShop, recharges, statuses } from './recipe-shop.ts'
import type { RecipeShop } from './recipe-shop.ts'
import type { Contest } from './worker/contest.ts'

const WORKER = fileURLToPath(new URL('./worker/main.ts', import.meta.url))
const ORDERS = 200

/** Starts workers, each in a process of its own, and ends them. */
async function withWorkers(
  contests: readonly Contest[],
  run: (workers: ChildProcess[]) => Promise<void>,
): Promise<void> {
  const workers = contests.map((contest) => {
    const worker = fork(WORKER, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    worker.send(contest)
    return worker
  })
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    await run(workers)
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
}

describe.each([...lanes, { name: 'SQLite', url: null }])('$name', ({ url }) => {
  let shop: RecipeShop
  let folder: string
  beforeAll(async () => {
    shop = await openRecipeShop(url)
    folder = mkdtempSync(join(tmpdir(), 'claim-once-recipes-'))
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    await shop.close()
  })

  test.each(['recharge', 'top_up'] as const)(
    '%s: two jobs for each of 200 orders, two workers of which one dies: each order once',
    async (name) => {
      const ids = await shop.newOrders(ORDERS)
      const outside = join(folder, name)
      writeFileSync(outside, '')
      await withQueue(async (queue) => {
        const contest = { database: shop.database, redis: redisUrl(), queue: queue.name, outside }
        const contests = [15, null].map((killAfter) => ({ ...contest, killAfter }))
        await withWorkers(contests, async ([victim]) => {
          if (victim === undefined) throw new Error('No worker was started.')
          const died = once(victim, 'exit')
          await queue.addBulk([...ids, ...ids].map((id) => ({ name, data: paymentOf(id) })))
          expect(await died).toEqual([null, 'SIGKILL'])
          const all = async () => await queue.getJobs(['completed', 'failed'])
          await until(async () => (await all()).length === 2 * ORDERS, 'all jobs end', 60_000)
          const jobs = await all()
          expect(await queue.getFailedCount()).toBe(0)
          // The jobs of the victim ran again.
          expect(jobs.filter(({ stalledCounter }) => stalledCounter > 0).length).toBeGreaterThan(0)
          const claimed = jobs.filter(({ returnvalue }) => returnvalue === 'claimed').length
          if (name === 'recharge') {
            // Of the claim after which the victim died BullMQ never heard.
            expect(claimed).toBeGreaterThan(ORDERS / 2)
            expect(claimed).toBeLessThan(ORDERS)
          } else expect(claimed).toBeLessThanOrEqual(ORDERS)
        })
      })
      expect(await statuses(shop, ids)).toEqual(ids.map(() => 'Y'))
      const calls = readFileSync(outside, 'utf8').split('\n').filter(Boolean)
      if (name === 'recharge') expect(await recharges(shop, ids)).toEqual(ids.map(() => 1))
      else {
        expect(new Set(calls).size, 'each by one key').toBe(ORDERS)
        expect(new Set(calls.map((call) => call.split(' ').slice(0, 2).join(' '))).size).toBe(ORDERS)
        // Twice what the victim had in hand, and not what has two jobs.
        expect(calls.length).toBeLessThan(ORDERS * 1.5)
      }
    },
    120_000,
  )
})
