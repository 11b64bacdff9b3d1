import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanes } from '../support/lanes.ts'
import { until } from '../support/until.ts'
import { ended, noTopUp, paymentOf, withQueue, withWorker } from './payments.ts'
import { openRecipeShop, recharges, statuses } from './recipe-shop.ts'
import type { RecipeShop } from './recipe-shop.ts'

/** What BullMQ does with each answer, on a real Redis. */
describe.each([...lanes, { name: 'SQLite', url: null }])('$name', ({ url }) => {
  let shop: RecipeShop
  beforeAll(async () => {
    shop = await openRecipeShop(url)
  })
  afterAll(() => shop.close())

  test('a payment is recharged; the same one again is done, and recharges nothing', async () => {
    const ids = await shop.newOrders(1)
    const [id = 0] = ids
    await withQueue(async (queue) => {
      await withWorker(shop, queue, noTopUp, async () => {
        const first = await ended(queue, await queue.add('recharge', paymentOf(id)))
        expect(first).toMatchObject({ returnvalue: 'claimed', attemptsMade: 1 })
        const second = await ended(queue, await queue.add('recharge', paymentOf(id)))
        expect(second).toMatchObject({ returnvalue: 'duplicate', attemptsMade: 1 })
      })
    })
    expect(await recharges(shop, ids)).toEqual([1])
  })

  test('an effect that fails is retried by BullMQ until it succeeds', async () => {
    const ids = await shop.newOrders(1, { accounts: false })
    const [id = 0] = ids
    await withQueue(async (queue) => {
      await withWorker(shop, queue, noTopUp, async () => {
        const job = await queue.add('recharge', paymentOf(id))
        await until(async () => ((await queue.getJob(job.id ?? ''))?.attemptsMade ?? 0) >= 2, 'it is tried again')
        expect(await statuses(shop, ids)).toEqual(['Wait'])
        await shop.db.insertInto('accounts').values({ account_id: id, balance: '0' }).execute()
        const done = await ended(queue, job)
        expect(done.returnvalue).toBe('claimed')
        expect(done.attemptsMade).toBeGreaterThanOrEqual(3)
        expect(done.stacktrace?.join()).toContain('There is no account')
      })
    })
    expect(await recharges(shop, ids)).toEqual([1])
  })

  test('an order that is not there yet is asked for again', async () => {
    const [before = 0] = await shop.newOrders(1)
    const id = before + 1
    await withQueue(async (queue) => {
      await withWorker(shop, queue, noTopUp, async () => {
        const job = await queue.add('recharge', paymentOf(id))
        await until(async () => ((await queue.getJob(job.id ?? ''))?.attemptsMade ?? 0) >= 1, 'it was tried')
        expect((await queue.getJob(job.id ?? ''))?.failedReason).toBe('not yet: not_found')
        expect(await shop.newOrders(1)).toEqual([id])
        expect(await ended(queue, job)).toMatchObject({ returnvalue: 'claimed' })
      })
    })
    expect(await recharges(shop, [id])).toEqual([1])
  })

  test('what is for a person to look at is not tried again', async () => {
    const ids = await shop.newOrders(3)
    const [mismatch = 0, cancelled = 0, twice = 0] = ids
    await shop.db.updateTable('orders').set({ status: 'Cancelled' }).where('order_id', '=', cancelled).execute()
    await withQueue(async (queue) => {
      await withWorker(shop, queue, noTopUp, async () => {
        await ended(queue, await queue.add('recharge', paymentOf(twice)))
        const payments = {
          mismatch: paymentOf(mismatch, { amount: '0.01' }),
          wrong_status: paymentOf(cancelled),
          second_payment: paymentOf(twice, { transactionId: 'another' }),
        }
        for (const [outcome, payment] of Object.entries(payments)) {
          for (const name of ['recharge', 'top_up'] as const) {
            const job = await ended(queue, await queue.add(name, payment))
            expect(job.attemptsMade).toBe(1)
            expect(job.failedReason).toContain(`"${outcome}"`)
          }
        }
        // An argument that claim-once refuses.
        const refused = await ended(queue, await queue.add('recharge', { ...paymentOf(mismatch), transactionId: '' }))
        expect(refused.attemptsMade).toBe(1)
        expect(refused.failedReason).toContain('paymentId')
      })
    })
    expect(await statuses(shop, ids)).toEqual(['Wait', 'Cancelled', 'Y'])
    expect(await recharges(shop, ids)).toEqual([0, 0, 1])
  })

  test('a top-up that fails is called again, by the same key', async () => {
    const ids = await shop.newOrders(1)
    const [id = 0] = ids
    const keys: string[] = []
    const topUp = async (_order: unknown, { idempotencyKey }: { readonly idempotencyKey: string }): Promise<void> => {
      if (keys.push(idempotencyKey) < 3) throw new Error('not now')
    }
    await withQueue(async (queue) => {
      await withWorker(shop, queue, topUp, async () => {
        const job = await ended(queue, await queue.add('top_up', paymentOf(id)))
        expect(job).toMatchObject({ returnvalue: 'claimed', attemptsMade: 3 })
      })
    })
    expect(keys).toEqual([keys[0], keys[0], keys[0]])
    expect(await statuses(shop, ids)).toEqual(['Y'])
  })

  test('a job that stalls while it is worked for runs twice, and tops up once', async () => {
    const ids = await shop.newOrders(1)
    const [id = 0] = ids
    // It does not renew its hold on the job, as a process whose event loop is blocked does not.
    const stalling = { skipLockRenewal: true, lockDuration: 300, stalledInterval: 100 }
    let calls = 0
    await withQueue(async (queue) => {
      const topUp = async (): Promise<void> => {
        calls += 1
        const hasRunAgain = async () => (await queue.getJobs()).some((job) => job.failedReason === 'not yet: busy')
        await until(hasRunAgain, 'the job has run again beside this run')
      }
      await withWorker(
        shop,
        queue,
        topUp,
        async (errors) => {
          const job = await ended(queue, await queue.add('top_up', paymentOf(id), { attempts: 50 }))
          expect(job).toMatchObject({ returnvalue: 'duplicate' })
          expect(job.stalledCounter).toBeGreaterThanOrEqual(1)
          expect(job.stacktrace?.join()).toContain('not yet: busy')
          await until(() => errors.length > 0, 'the first run is told that its job is gone')
        },
        stalling,
      )
    })
    expect(calls).toBe(1)
    expect(await statuses(shop, ids)).toEqual(['Y'])
  })
})
