/**
 * Payments from a BullMQ queue: a job for each callback, worked off by as many processes as you like.
 *
 * BullMQ runs a job at least once: it is added twice where the gateway calls twice, and runs again where its worker has
 * died or stalled, also while the first run goes on. The claim decides which of the runs has the order. BullMQ decides when
 * it is tried again.
 *
 *     npm install claim-once bullmq ioredis kysely mysql2
 *     DATABASE_URL=mysql://… REDIS_URL=redis://… node bullmq.ts
 */
import { Queue, UnrecoverableError, Worker } from 'bullmq'
import type { ConnectionOptions, Job, WorkerOptions } from 'bullmq'
import { isClaimError } from 'claim-once'
import type { ClaimResult, LeaseResult } from 'claim-once'
import { openShop, ordersOf, recharge } from './shop.ts'
import type { Orders } from './shop.ts'

/** What the gateway said, once its signature has been verified. */
export interface Payment {
  readonly orderId: string
  readonly transactionId: string
  readonly amount: string
}

/** A call to the outside. It must pay out once for one key, however often it is called. */
export type TopUp = (
  order: { readonly phone: string; readonly amount: string },
  options: { readonly idempotencyKey: string; readonly signal: AbortSignal },
) => Promise<unknown>

type JobName = 'recharge' | 'top_up'
type Outcome = ClaimResult<unknown>['outcome']
export type PaymentJob = Job<Payment, Outcome, JobName>

/** Where the callback handler adds: `await queue.add('recharge', payment)`, and only then acknowledges. */
export const paymentQueue = (connection: ConnectionOptions, name = 'payments', backoffMs = 1000) =>
  new Queue<Payment, Outcome, JobName>(name, {
    connection,
    defaultJobOptions: {
      attempts: 10,
      backoff: { type: 'exponential', delay: backoffMs, jitter: 0.5 },
      removeOnComplete: { age: 24 * 60 * 60 },
    },
  })

/** Works the payments off. Stop it by `worker.close()`, which waits for what is running. */
export const paymentWorker = (
  orders: Orders,
  topUp: TopUp,
  { leaseMs = 30_000, name = 'payments', ...options }: WorkerOptions & { readonly leaseMs?: number },
) =>
  new Worker<Payment, Outcome, JobName>(name, (job) => answered(() => settle(orders, topUp, job, leaseMs)), {
    concurrency: 10,
    // A run too many does no harm here, and BullMQ would give up a job that stalls twice.
    maxStalledCount: 10,
    ...options,
  })

/** In the database: exactly once, with the claim. Outside: at least once, under a lease, and always by one key. */
async function settle(orders: Orders, topUp: TopUp, { name, data }: PaymentJob, leaseMs: number) {
  const { orderId, transactionId, amount } = data
  const paid = { expect: { amount }, paymentId: transactionId }
  switch (name) {
    case 'recharge':
      return await orders.claimOnce(orderId, { ...paid, read: ['account_id', 'amount'], effect: recharge })
    case 'top_up':
      return await orders.leaseOnce(orderId, { ...paid, leaseMs, read: ['phone', 'amount'], work: topUp })
  }
}

/** An answer of claim-once in BullMQ's words: a result, an error that is tried again, or one that is not. */
async function answered(settled: () => Promise<ClaimResult<unknown> | LeaseResult<unknown>>): Promise<Outcome> {
  const result = await settled().catch((error: unknown) => {
    // A failed effect or top-up, a database that is away: tried again. What another try will not mend is for a person.
    if (isClaimError(error) && error.reply === 'review') throw new UnrecoverableError(error.message)
    throw error
  })
  switch (result.reply) {
    case 'handled':
      return result.outcome
    case 'call_again':
      throw new Error(`not yet: ${result.outcome}`)
    case 'review':
      throw new UnrecoverableError(`for a person to look at: ${JSON.stringify(result)}`)
  }
}

if (process.argv[1] === import.meta.filename) {
  const { DATABASE_URL = '', REDIS_URL = '' } = process.env
  const db = openShop(DATABASE_URL, 20)
  const topUp: TopUp = async ({ phone, amount }, { idempotencyKey, signal }) => {
    const body = JSON.stringify({ phone, amount })
    const headers = { 'idempotency-key': idempotencyKey }
    const answer = await fetch('https://top-up.example/', { method: 'POST', body, headers, signal })
    if (!answer.ok) throw new Error(`The top-up was answered ${answer.status}.`)
  }
  // BullMQ wants its workers to wait for a Redis that is away for as long as it takes.
  const worker = paymentWorker(ordersOf(db), topUp, { connection: { url: REDIS_URL, maxRetriesPerRequest: null } })
  worker.on('error', console.error)
  worker.on('failed', (job, error) => console.error(`order ${job?.data.orderId}: ${error.message}`))
  process.once('SIGTERM', () => void worker.close().then(() => db.destroy()))
}
