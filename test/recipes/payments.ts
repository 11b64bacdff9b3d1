import { randomUUID } from 'node:crypto'
import type { Job } from 'bullmq'
import { expect } from 'vitest'
import { paymentQueue, paymentWorker } from '../../examples/recipes/bullmq.ts'
import type { Payment, PaymentJob, TopUp } from '../../examples/recipes/bullmq.ts'
import { ordersOf } from '../../examples/recipes/shop.ts'
import { redisUrl } from '../support/redis/redis-url.ts'
import { until } from '../support/until.ts'
import { AMOUNT } from './recipe-shop.ts'
import type { RecipeShop } from './recipe-shop.ts'
import { SHORT } from './worker/contest.ts'

export const connection = () => ({ url: redisUrl(), maxRetriesPerRequest: null })

export const paymentOf = (id: number, payment: Partial<Payment> = {}): Payment => ({
  orderId: String(id),
  transactionId: `txn ${id}`,
  amount: AMOUNT,
  ...payment,
})

/** A queue of its own in the Redis of all tests, and nothing of it afterwards. */
export async function withQueue(run: (queue: ReturnType<typeof paymentQueue>) => Promise<void>): Promise<void> {
  const queue = paymentQueue(connection(), `payments ${randomUUID()}`, SHORT.backoffMs)
  try {
    await run(queue)
  } finally {
    await queue.obliterate({ force: true })
    await queue.close()
  }
}

type Queue = ReturnType<typeof paymentQueue>
type Options = Partial<Parameters<typeof paymentWorker>[2]>

/** Works the queue off in this process meanwhile. */
export async function withWorker(
  { db }: RecipeShop,
  { name }: Queue,
  topUp: TopUp,
  run: (errors: readonly Error[]) => Promise<void>,
  options: Options = {},
): Promise<void> {
  const worker = paymentWorker(ordersOf(db), topUp, {
    connection: connection(),
    leaseMs: SHORT.leaseMs,
    ...options,
    name,
  })
  const errors: Error[] = []
  worker.on('error', (error) => errors.push(error))
  try {
    await worker.waitUntilReady()
    await run(errors)
  } finally {
    await worker.close()
  }
}

export const noTopUp: TopUp = async () => {
  throw new Error('Nobody asked for a top-up.')
}

/** The job as it is when it is over: completed, or failed for good. */
export async function ended(queue: Queue, { id = '' }: Job): Promise<PaymentJob> {
  await until(async () => ['completed', 'failed'].includes(await queue.getJobState(id)), `job ${id} ends`, 20_000)
  const job = await queue.getJob(id)
  expect(job).toBeDefined()
  return job as PaymentJob
}
