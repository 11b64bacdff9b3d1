import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { paymentWorker } from '../../../examples/recipes/bullmq.ts'
import type { TopUp } from '../../../examples/recipes/bullmq.ts'
import { ordersOf } from '../../../examples/recipes/shop.ts'
import type { ClaimEvent } from '../../../src/index.ts'
import { openDatabase } from '../open-database.ts'
import { SHORT } from './contest.ts'
import type { Contest } from './contest.ts'

async function work({ database, redis, queue, outside, killAfter }: Contest): Promise<void> {
  let times = 0
  const once = (): void => {
    if ((times += 1) === killAfter) process.kill(process.pid, 'SIGKILL')
  }
  /** The claim is committed, and BullMQ has not been told yet. */
  const onEvent = (event: ClaimEvent): void => {
    if (event.operation === 'claimOnce' && event.type === 'outcome' && event.result.outcome === 'claimed') once()
  }
  const topUp: TopUp = async ({ phone }, { idempotencyKey }) => {
    appendFileSync(outside, `${phone} ${idempotencyKey}\n`)
    once()
    await pause(Math.random() * 10)
  }
  const worker = paymentWorker(ordersOf(openDatabase(database), onEvent), topUp, {
    connection: { url: redis, maxRetriesPerRequest: null },
    name: queue,
    leaseMs: SHORT.leaseMs,
    lockDuration: SHORT.lockDuration,
    stalledInterval: SHORT.stalledInterval,
  })
  worker.on('error', (error) => console.error(error))
  await worker.waitUntilReady()
  process.send?.('ready')
}

process.once('message', (contest) => {
  work(contest as Contest).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
process.on('disconnect', () => process.exit())
