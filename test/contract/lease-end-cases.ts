import assert from 'node:assert/strict'
import { atAnotherTime } from './another-time.ts'
import type { Case } from './cases.ts'
import { assertWholeLease, leasedOrder, leasesOn, LEASE_MS, letLeaseRunOut, ONE_STRATEGY } from './leased-order.ts'
import { measure, recharge, rowOf } from './recharge.ts'
import { claimsOn } from './subject.ts'
import { withWorkers } from './workers.ts'

/** How a lease ends when not all goes well. */
export const LEASE_END_CASES: readonly Case[] = [
  {
    name: 'a lease whose work fails is given back with the reason, and the next attempt has the same key',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const claims = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const before = await leasedOrder(subject, id)
      const keys: string[] = []
      const failure = new Error('the provider is down')
      const failed = claims.leaseOnce(id, {
        leaseMs: LEASE_MS,
        work(_order, { idempotencyKey }) {
          keys.push(idempotencyKey)
          throw failure
        },
      })
      await assert.rejects(failed, (error) => error === failure)
      const given = await leasedOrder(subject, id)
      assert.deepEqual(
        [given.status, given.token, given.attempts, given.leaseMs, given.lastError],
        ['Wait', null, 1, null, 'Error: the provider is down'],
      )
      assert(subject.hasMoved(before.version, given.version, 2))
      const done = await leasesOn(subject, { strategy, mutation }).leaseOnce(id, {
        leaseMs: LEASE_MS,
        work(_order, { idempotencyKey, attempt }) {
          keys.push(idempotencyKey)
          return attempt
        },
      })
      assert(done.outcome === 'claimed')
      assert.deepEqual([done.value, done.attempt], [2, 2])
      assert.equal(new Set(keys).size, 1)
    },
  },
  {
    name: 'an order whose leases failed too often, or for good, has failed, and nobody claims it any more',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { leaseOnce, claimOnce } = leasesOn(subject, { strategy, mutation })
      const failing = async (id: number, options: { maxAttempts?: number; isRetryable?: () => boolean }) => {
        const call = leaseOnce(id, { leaseMs: LEASE_MS, ...options, work: () => Promise.reject(new Error('no')) })
        await assert.rejects(call, { message: 'no' })
        const { status, attempts, lastError, token, leaseMs } = await leasedOrder(subject, id)
        assert.deepEqual([lastError, token, leaseMs], ['Error: no', null, null])
        return { status, attempts }
      }
      const often = await subject.shop.newOrder()
      const before = await leasedOrder(subject, often)
      assert.deepEqual(await failing(often, { maxAttempts: 2 }), { status: 'Wait', attempts: 1 })
      assert.deepEqual(await failing(often, { maxAttempts: 2 }), { status: 'Failed', attempts: 2 })
      assert(subject.hasMoved(before.version, (await leasedOrder(subject, often)).version, 4))
      const forGood = await subject.shop.newOrder()
      assert.deepEqual(await failing(forGood, { isRetryable: () => false }), { status: 'Failed', attempts: 1 })
      for (const id of [often, forGood]) {
        for (const call of [() => claimOnce(id), () => leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'again' })]) {
          const { outcome, reply } = await call()
          assert.deepEqual([outcome, reply], ['wrong_status', 'review'])
        }
      }
    },
  },
  {
    name: 'an order whose workers are gone as often as they may be is not taken over once more',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id, { maxAttempts: 1 })
        await letLeaseRunOut(subject, id)
        let again = false
        const next = await claims.leaseOnce(id, { leaseMs: LEASE_MS, maxAttempts: 1, work: () => (again = true) })
        assert.deepEqual(next, { outcome: 'wrong_status', reply: 'review', status: 'Failed', provisional: false })
        assert.equal(again, false)
        assert.equal(await subject.shop.statusOf(id), 'Failed')
        await assert.rejects(worker.end('too late'), { code: 'CLAIM_LOST' })
        assert.equal(await subject.shop.statusOf(id), 'Failed')
      }),
  },
  {
    name: 'a lease ends in one transaction with the effect that follows the work, or not at all',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { leaseOnce, claimOnce } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const failing = leaseOnce(id, {
        leaseMs: LEASE_MS,
        work: () => 'receipt',
        effect(tx) {
          const done = recharge(subject, tx, null)
          const fail = (): never => {
            throw new Error('not now')
          }
          return done instanceof Promise ? done.then(fail) : fail()
        },
      })
      await assert.rejects(failing, { message: 'not now' })
      const given = await leasedOrder(subject, id)
      assert.deepEqual([given.status, given.lastError, await credited()], ['Wait', 'Error: not now', 0])
      const done = await leaseOnce(id, {
        leaseMs: LEASE_MS,
        read: ['account_id'],
        work: () => 'receipt',
        effect: (tx, order, { value, lease }) =>
          recharge(subject, tx, { value, lease, order: { ...(order as object) } }),
      })
      const value = { value: 'receipt', lease: 2, order: { account_id: 1 } }
      assert(done.outcome === 'claimed')
      assert.deepEqual([done.value, await credited()], [value, 42])
      const later = await claimOnce(id)
      assert(later.outcome === 'duplicate')
      assert.deepEqual(later.value, value)
    },
  },
  {
    name: 'a caller who gives up fires the signal of the work, and what was done is written down all the same',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const caller = new AbortController()
        const worker = await startWork(claims, id, { signal: caller.signal })
        const reason = new Error('hung up')
        caller.abort(reason)
        assert.equal(worker.signal.reason, reason)
        const done = await worker.end('paid')
        assert(done.outcome === 'claimed')
        assert.equal(done.value, 'paid')
      }),
  },
  {
    name: 'work that takes longer than it may is given up, and its lease left to run out',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        const claims = leasesOn(subject, { strategy, mutation })
        const id = await subject.shop.newOrder()
        const worker = await startWork(claims, id, { workTimeoutMs: 200 })
        await assert.rejects(worker.result, { code: 'CLAIM_TIMEOUT' })
        assert.equal(worker.signal.aborted, true)
        // The work may still be running: nobody else may begin before the lease is over.
        assert.equal(await subject.shop.statusOf(id), 'Working')
        assert.equal((await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })).outcome, 'busy')
      }),
  },
  {
    name: 'leases are set and compared by the clock of the database, however wrong that of the process is',
    strategies: ONE_STRATEGY,
    run: (subject, strategy, mutation) =>
      withWorkers(async (startWork) => {
        for (const hour of [3_600_000, -3_600_000]) {
          const id = await subject.shop.newOrder()
          const worker = await atAnotherTime(hour, async () => {
            const taken = await startWork(leasesOn(subject, { strategy, mutation }), id)
            assertWholeLease((await leasedOrder(subject, id)).leaseMs)
            return taken
          })
          await atAnotherTime(-hour, async () => {
            const claims = leasesOn(subject, { strategy, mutation })
            assert.equal((await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })).outcome, 'busy')
            await letLeaseRunOut(subject, id)
            assert.equal((await startWork(claims, id)).attempt, 2)
          })
          await assert.rejects(worker.end(), { code: 'CLAIM_LOST' })
        }
      }),
  },
  {
    name: 'a lease is refused where the table is not configured for it, and for bounds that are none',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const id = await subject.shop.newOrder()
      const work = (): void => {}
      await assert.rejects(claimsOn(subject, { strategy, mutation }).leaseOnce(id, { leaseMs: 1000, work }), {
        code: 'CLAIM_CONFIG',
        message: /needs columns\.leaseUntil, columns\.attempts, states\.processing, which are not configured/,
      })
      const { leaseOnce } = leasesOn(subject, { strategy, mutation })
      const refused = [
        { leaseMs: 99 },
        { leaseMs: 1000.5 },
        { leaseMs: 1000, maxAttempts: 0 },
        { leaseMs: 1000, workTimeoutMs: 0 },
        { leaseMs: 1000, idempotencyKey: '' },
        { leaseMs: 1000, strategy },
        { leaseMs: 1000, transaction: {} },
      ]
      for (const options of refused) {
        await assert.rejects(leaseOnce(id, { ...options, work }), { code: 'CLAIM_INPUT' }, JSON.stringify(options))
      }
      assert.equal(await subject.shop.statusOf(id), 'Wait')
    },
  },
  {
    name: 'an order that was leased and put back has nothing of it left',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { leaseOnce, reset } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const before = await rowOf(subject, id)
      const work = (_order: unknown, { attempt }: { attempt: number }): unknown => {
        if (attempt === 1) throw new Error('not now')
        return 'done'
      }
      const lease = () => leaseOnce(id, { leaseMs: LEASE_MS, paymentId: 'p-1', work })
      await assert.rejects(lease())
      assert.equal((await lease()).outcome, 'claimed')
      assert.deepEqual(await reset(id), { outcome: 'reset' })
      const after = await rowOf(subject, id)
      // Taken, given back, taken, ended, put back.
      assert(subject.hasMoved(before['row_version'], after['row_version'], 5))
      assert.deepEqual({ ...after, row_version: null }, { ...before, row_version: null })
    },
  },
]
