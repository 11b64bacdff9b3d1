import assert from 'node:assert/strict'
import { STRATEGIES } from '../../src/config.ts'
import { until } from '../support/until.ts'
import type { Case } from './cases.ts'
import { assertWholeLease, leasedOrder, leasesOn, LEASE_MS, letLeaseRunOut, ONE_STRATEGY } from './leased-order.ts'
import { rowOf } from './recharge.ts'
import { withWorkers } from './workers.ts'

/** A lease, and who has it. */
export const LEASE_CASES: readonly Case[] = [
  {
    name: 'a lease is taken, its work holds no lock, and it ends in a claimed order',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const before = await leasedOrder(subject, id)
        const worker = await startWork(claims, id, { paymentId: 'p-1', set: { note: 'leased' } })
        assert.equal(worker.attempt, 1)
        const during = await leasedOrder(subject, id)
        assert.deepEqual([during.status, during.attempts, during.claimedAt], ['Working', 1, null])
        assertWholeLease(during.leaseMs)
        assert(subject.hasMoved(before.version, during.version, 1))
        assert.notEqual(worker.idempotencyKey, during.token)
        const { gateway_txn: payment, note } = await rowOf(subject, id)
        assert.deepEqual([payment, note], ['p-1', 'leased'])
        await subject.query(`update orders set note = 'seen' where order_id = ${id}`)

        const done = { outcome: 'claimed', reply: 'handled', value: { receipt: 7 }, attempt: 1, recovered: false }
        assert.deepEqual(await worker.end({ receipt: 7 }), done)
        const after = await leasedOrder(subject, id)
        assert.deepEqual(
          [after.status, after.attempts, after.token, after.leaseMs, after.result],
          ['Y', 1, during.token, null, '{"receipt":7}'],
        )
        assert.notEqual(after.claimedAt, null)
        assert(subject.hasMoved(before.version, after.version, 2))
        const later = await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'twice' })
        assert(later.outcome === 'duplicate')
        assert.deepEqual(later.value, { receipt: 7 })
      }),
  },
  {
    name: 'the work of a lease is given what it asked to read, and nothing else',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { leaseOnce } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder({ account_id: 2 })
      const work = (order: unknown): unknown => order
      const result = await leaseOnce(id, { leaseMs: LEASE_MS, read: ['account_id', 'currency'], work })
      assert(result.outcome === 'claimed')
      assert.deepEqual({ ...(result.value as object) }, { account_id: 2, currency: 'CNY' })
    },
  },
  {
    name: 'an order that is leased makes everybody else busy, who is told for how long',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id)
        for (const by of STRATEGIES) {
          const busy = await claims.claimOnce(id, { strategy: by })
          assert(busy.outcome === 'busy', by)
          assert.equal(busy.reply, 'call_again')
          assertWholeLease(busy.retryAfterMs)
        }
        const second = await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })
        assert(second.outcome === 'busy')
        assertWholeLease(second.retryAfterMs)
        const elsewhere = { outcome: 'wrong_status', status: 'Working' }
        assert.deepEqual(await claims.moveOnce(id, { to: 'Expired' }), elsewhere)
        assert.deepEqual(await claims.reset(id), elsewhere)
        assert.equal((await worker.end()).outcome, 'claimed')
      }),
  },
  {
    name: 'a lease whose time has passed is taken over with the same key and another token; the first worker writes nothing',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const elsewhere = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const first = await startWork(claims, id)
        const before = await leasedOrder(subject, id)
        await letLeaseRunOut(subject, id)
        const over = await claims.claimOnce(id)
        assert(over.outcome === 'busy')
        assert.equal(over.retryAfterMs, 0, 'only another lease takes it over')

        const second = await startWork(elsewhere, id)
        assert.deepEqual([second.attempt, second.idempotencyKey], [2, first.idempotencyKey])
        const taken = await leasedOrder(subject, id)
        assert.deepEqual([taken.status, taken.attempts], ['Working', 2])
        assertWholeLease(taken.leaseMs)
        assert.notEqual(taken.token, before.token)
        assert(subject.hasMoved(before.version, taken.version, 1))

        await assert.rejects(first.end('too late'), { code: 'CLAIM_LOST', reply: 'call_again' })
        assert.deepEqual({ ...(await leasedOrder(subject, id)), leaseMs: taken.leaseMs }, taken)
        assert(claims.events.some(({ type }) => type === 'lease_lost'))

        const done = await second.end('in time')
        assert(done.outcome === 'claimed')
        assert.deepEqual([done.value, done.attempt], ['in time', 2])
      }),
  },
  {
    name: 'whoever has lost a lease gives nothing back when the work fails',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const first = await startWork(claims, id)
        await letLeaseRunOut(subject, id)
        const second = await startWork(claims, id)
        const failure = new Error('provider said no')
        await assert.rejects(first.fail(failure), (error) => error === failure)
        const { status, attempts, lastError } = await leasedOrder(subject, id)
        assert.deepEqual([status, attempts], ['Working', 2])
        assert.match(String(lastError), /^The lease before ran out/)
        assert.equal((await second.end()).outcome, 'claimed')
      }),
  },
  {
    name: 'a lease is not taken over where that is turned off: a person is to look',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id)
        await letLeaseRunOut(subject, id)
        assert.deepEqual(await claims.leaseOnce(id, { leaseMs: LEASE_MS, takeover: false, work: () => 'mine' }), {
          outcome: 'wrong_status',
          reply: 'review',
          status: 'Working',
          provisional: false,
        })
        // Nobody has taken it, so the first may still end it.
        assert.equal((await worker.end()).outcome, 'claimed')
      }),
  },
  {
    name: 'a lease is renewed while the work goes on, and its signal does not fire',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id, { leaseMs: 3000 })
        const { lease_until: until0, row_version: version } = await rowOf(subject, id)
        const isRenewed = async (): Promise<boolean> =>
          String((await rowOf(subject, id))['lease_until']) !== String(until0)
        await until(isRenewed, 'the lease is renewed')
        assert.equal(worker.signal.aborted, false)
        // The same worker goes on: an integer version stays. A rowversion moves with every update.
        if (subject.family !== 'mssql') assert.equal((await leasedOrder(subject, id)).version, version)
        const done = await worker.end()
        assert(done.outcome === 'claimed')
        assert.equal(done.attempt, 1)
      }),
  },
  {
    name: 'the work of a lease that somebody else takes is told at the next renewal, and the call ends',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id, { leaseMs: 600 })
        await subject.query(`update orders set claim_token = 'somebody else' where order_id = ${id}`)
        let ended = false
        worker.result.catch(() => (ended = true))
        await until(() => ended, 'the call ends', 5000)
        await assert.rejects(worker.result, { code: 'CLAIM_LOST' })
        assert.equal((worker.signal.reason as { code?: unknown }).code, 'CLAIM_LOST')
      }),
  },
  {
    name: 'of ten leases at once one is taken, and one worker works',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { leaseOnce } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      let workers = 0
      const work = (): number => (workers += 1)
      const calls = Array.from({ length: 10 }, () => leaseOnce(id, { leaseMs: LEASE_MS, timeoutMs: 20_000, work }))
      const outcomes = (await Promise.all(calls)).map(({ outcome }) => outcome)
      assert.equal(outcomes.filter((outcome) => outcome === 'claimed').length, 1)
      // Whoever comes while it works is busy, whoever comes later a duplicate.
      assert.deepEqual(
        outcomes.filter((outcome) => !['claimed', 'busy', 'duplicate'].includes(outcome)),
        [],
      )
      assert.equal(workers, 1)
    },
  },
  {
    name: 'of ten who take a lease over at once one does, and one worker works',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const gone = await startWork(claims, id)
        await letLeaseRunOut(subject, id)
        const attempts: number[] = []
        const work = (_order: unknown, { attempt }: { attempt: number }): unknown => attempts.push(attempt)
        await Promise.all(
          Array.from({ length: 10 }, () => claims.leaseOnce(id, { leaseMs: LEASE_MS, timeoutMs: 20_000, work })),
        )
        assert.deepEqual(attempts, [2])
        await assert.rejects(gone.end(), { code: 'CLAIM_LOST' })
      }),
  },
  {
    name: 'another payment of an order that is leased is no duplicate, and not busy',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id, { paymentId: 'p-1' })
        const calls = [
          () => claims.claimOnce(id, { paymentId: 'p-2' }),
          () => claims.leaseOnce(id, { leaseMs: LEASE_MS, paymentId: 'p-2', work: () => 'twice' }),
        ]
        for (const call of calls) {
          const second = await call()
          assert(second.outcome === 'second_payment')
          assert.deepEqual([second.reply, second.claimedBy, second.paymentId], ['review', 'p-1', 'p-2'])
        }
        assert.equal((await claims.claimOnce(id, { paymentId: 'p-1' })).outcome, 'busy')
        assert.equal((await worker.end()).outcome, 'claimed')
      }),
  },
]
