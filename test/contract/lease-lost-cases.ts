import assert from 'node:assert/strict'
import { until } from '../support/until.ts'
import type { Case } from './cases.ts'
import { leasedOrder, leasesOn, LEASE_MS, ONE_STRATEGY } from './leased-order.ts'
import { COMMIT, Line, UPDATE } from './lost-answers.ts'
import type { Fate } from './lost-answers.ts'
import { measure, recharge } from './recharge.ts'
import { whileHeld } from './while-held.ts'
import { withWorkers } from './workers.ts'

const FATES = ['done, not answered', 'never sent'] as const satisfies readonly Fate[]

/** A lease of which an answer is lost. */
export const LEASE_LOST_CASES: readonly Case[] = [
  {
    name: 'a lease whose taking was done or not, and not answered, goes on: one attempt, one worker',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      for (const fate of FATES) {
        const line = new Line()
        const { leaseOnce } = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
        const id = await subject.shop.newOrder()
        let workers = 0
        line.arm(COMMIT, fate)
        const result = await leaseOnce(id, { leaseMs: LEASE_MS, work: () => (workers += 1) })
        const done = { outcome: 'claimed', reply: 'handled', value: 1, attempt: 1, recovered: false }
        assert.deepEqual(result, done, fate)
        assert.equal((await leasedOrder(subject, id)).attempts, 1)
      }
    },
  },
  {
    name: 'a lease whose end was done and not answered is recovered; one that never arrived ends now',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        for (const fate of FATES) {
          const line = new Line()
          const claims = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
          const id = await subject.shop.newOrder()
          const credited = await measure(subject)
          const worker = await startWork(claims, id, { effect: (tx) => recharge(subject, tx, 'paid') })
          line.arm(COMMIT, fate)
          assert.deepEqual(await worker.end('receipt'), {
            outcome: 'claimed',
            reply: 'handled',
            value: 'paid',
            attempt: 1,
            recovered: fate === 'done, not answered',
          })
          assert.deepEqual([await subject.shop.statusOf(id), await credited()], ['Y', 42])
        }
      }),
  },
  {
    name: 'a lease whose end is one statement, done and not answered, is recovered',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        for (const fate of FATES) {
          const line = new Line()
          const claims = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
          const id = await subject.shop.newOrder()
          const worker = await startWork(claims, id)
          line.arm(subject.adapter.tellsSession ? UPDATE : COMMIT, fate)
          const result = await worker.end('receipt')
          assert(result.outcome === 'claimed')
          assert.deepEqual([result.value, result.recovered], ['receipt', fate === 'done, not answered'])
        }
      }),
  },
  {
    name: 'a lease that was given back without an answer: the error of its work is thrown, and the next attempt works',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const line = new Line()
        const claims = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id)
        line.arm(subject.adapter.tellsSession ? UPDATE : COMMIT, 'done, not answered')
        const failure = new Error('not now')
        await assert.rejects(worker.fail(failure), (error) => error === failure)
        assert(claims.events.some(({ type }) => type === 'failure_not_noted'))
        const next = await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'done' })
        assert(next.outcome === 'claimed')
        assert.equal(next.attempt, 2)
      }),
  },
  {
    name: 'a renewal without an answer is made again, and the work goes on',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const renewed = async (fate: Fate): Promise<void> => {
          const line = new Line()
          const claims = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
          const id = await subject.shop.newOrder()
          const worker = await startWork(claims, id, { leaseMs: 3000 })
          line.arm(UPDATE, fate)
          await until(() => claims.events.some(({ type }) => type === 'renewal_failed'), 'a renewal has failed')
          const sent = line.sent.length
          await until(() => line.sent.length > sent, 'it is made again')
          assert.equal(worker.signal.aborted, false)
          assert.equal((await worker.end()).outcome, 'claimed')
        }
        await Promise.all(FATES.map(renewed))
      }),
  },
  {
    name: 'a renewal that is on its way when the work ends is no loss',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        if (subject.family === 'sqlite') return // one connection: nothing else is on its way
        for (let round = 1; round <= 2; round += 1) {
          const line = new Line()
          const claims = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
          const id = await subject.shop.newOrder()
          const worker = await startWork(claims, id, { leaseMs: 1500 })
          const updates = (): number => line.sent.filter((sql) => UPDATE.test(sql)).length
          const { result } = await whileHeld(
            subject,
            `update orders set note = 'held' where order_id = ${id}`,
            async () => {
              const before = updates()
              await until(() => updates() > before, 'a renewal waits for the row')
              const ended = worker.end('receipt')
              await until(() => updates() > before + 1, 'the end waits for the row')
              return { result: ended }
            },
          )
          assert.equal((await result).outcome, 'claimed')
          assert.deepEqual(
            claims.events.map(({ type }) => type),
            ['leased', 'outcome'],
          )
          assert.equal(worker.signal.aborted, false)
        }
      }),
  },
]
