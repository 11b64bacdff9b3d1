import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { heldWork } from '../support/held-work.ts'
import { until } from '../support/until.ts'
import {
  counted,
  deliver,
  delivered,
  deliveriesOn,
  deliveryOf,
  letLeaseRunOut,
  newDeliveries,
  setTime,
} from './deliveries.ts'
import { byBatch, byEffect, idIn } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'

/** Work outside the database, the leases of what is taken, and the end of a run. */
export const WORK_CASES: readonly DrainCase[] = [
  {
    name: 'work outside has the same idempotency key in every attempt, as that of a callback; an effect may follow it',
    async run(subject, mutation) {
      const claims = deliveriesOn(subject, { mutation })
      const [id] = await newDeliveries(subject, [-1])
      const keys: string[] = []
      const attempts: number[] = []
      const handler = {
        read: ['delivery_id'],
        work(order: unknown, { idempotencyKey, attempt }: { idempotencyKey: string; attempt: number }) {
          // What the work makes of its order is its own affair.
          Object.assign(order as object, { delivery_id: -1 })
          keys.push(idempotencyKey)
          attempts.push(attempt)
          if (keys.length < 3) throw new Error('not reached')
          return 'sent'
        },
        effect: (tx: unknown, order: unknown, { value }: { value: unknown }) => {
          assert.equal(value, 'sent')
          return deliver(subject, tx, idIn(order))
        },
      }
      assert.deepEqual(counted(await claims.drain(handler)), { outcome: 'drained', taken: 1, failed: 1 })
      const callback = claims.leaseOnce(id, { leaseMs: 30_000, work: handler.work })
      await assert.rejects(callback, /not reached/)
      const { dueMs } = await deliveryOf(subject, id)
      assert(dueMs !== null && dueMs <= 0, 'what a callback has given back is due')
      assert.deepEqual(counted(await claims.drain(handler)), { outcome: 'drained', taken: 1, done: 1 })
      assert.deepEqual([new Set(keys).size, attempts], [1, [1, 2, 3]])
      assert.deepEqual([...(await delivered(subject))], [[id, 1]])
    },
  },
  {
    name: 'leases are renewed: that of the order whose work goes on, and those of its batch whose turn has not come',
    async run(subject, mutation) {
      const { drain, events } = deliveriesOn(subject, { mutation })
      const ids = await newDeliveries(subject, [-3, -2, -1])
      const first = heldWork()
      let begun = 0
      const running = drain(
        {
          work: (order, context) => {
            begun += 1
            return begun === 1 ? first.work(order, context) : 'quick'
          },
        },
        { batchSize: 3, leaseMs: 600 },
      )
      await first.context
      await pause(1500)
      for (const id of ids) {
        const { status, leaseMs, dueMs, attempts } = await deliveryOf(subject, id)
        assert.deepEqual([status, attempts], ['Working', 1])
        assert(leaseMs !== null && leaseMs > 0, `the lease of ${id} is renewed`)
        assert(dueMs !== null && Math.abs(dueMs - leaseMs) < 100, 'it is due when its lease is over')
      }
      const other = await deliveriesOn(subject, { mutation }).drain(byEffect(subject))
      assert.deepEqual(counted(other), { outcome: 'drained' })
      first.end('done')
      assert.deepEqual(counted(await running), { outcome: 'drained', taken: 3, done: 3 })
      assert(events.some(({ type }) => type === 'lease_renewed'))
    },
  },
  {
    name: 'a worker that has lost an order writes nothing of it, whatever its work comes to',
    async run(subject, mutation) {
      for (const ending of ['end', 'fail'] as const) {
        const { drain, events } = deliveriesOn(subject, { mutation })
        const [id] = await newDeliveries(subject, [-1])
        const slow = heldWork()
        const running = drain({
          read: ['delivery_id'],
          work: slow.work,
          effect: (tx, order) => deliver(subject, tx, idIn(order)),
        })
        await slow.context
        await letLeaseRunOut(subject, id)
        const second = heldWork()
        const next = deliveriesOn(subject, { mutation }).drain({ work: second.work })
        await second.context
        const before = await deliveryOf(subject, id)
        slow[ending](new Error('too late'))
        assert.deepEqual(counted(await running), { outcome: 'drained', taken: 1, lost: 1 })
        assert(events.some(({ type }) => type === 'lease_lost'))
        const after = await deliveryOf(subject, id)
        assert.deepEqual([after.token, after.status, after.attempts], [before.token, 'Working', 2])
        assert.equal((await delivered(subject)).size, 0)
        second.end('in time')
        assert.deepEqual(counted(await next), { outcome: 'drained', taken: 1, takenOver: 1, done: 1 })
      }
    },
  },
  {
    name: 'orders of a batch that were lost while they waited are not begun; the others are done',
    async run(subject, mutation) {
      for (const kind of ['effect', 'batch'] as const) {
        const ids = await newDeliveries(subject, [-3, -2, -1])
        const steal = (): Promise<unknown> =>
          subject.query(`update deliveries set claim_token = 'of somebody else' where delivery_id = ${ids[2]}`)
        let asked = 0
        const handler = kind === 'effect' ? byEffect(subject) : byBatch(subject)
        const { drain } = deliveriesOn(subject, {
          mutation,
          adapter: (adapter) => ({
            ...adapter,
            open(waiting) {
              // The table is described, orders are taken: before the first of them is done, somebody has the last one.
              asked += 1
              if (adapter.synchronous) {
                if (asked === 3) void steal()
                return adapter.open(waiting)
              }
              return asked === 3 ? steal().then(() => adapter.open(waiting)) : adapter.open(waiting)
            },
          }),
        })
        const result = await drain(handler, { batchSize: 3 })
        const made = await delivered(subject)
        assert.equal(made.get(ids[2] ?? 0), undefined, 'it is not delivered by who has lost it')
        assert.deepEqual(counted(result), { outcome: 'drained', taken: 3, done: 2, lost: 1 })
        assert.deepEqual([made.get(ids[0] ?? 0), made.get(ids[1] ?? 0)], [1, 1])
      }
    },
  },
  {
    name: 'a run that is stopped finishes what it is doing, and gives back at once what it had not begun',
    async run(subject, mutation) {
      for (const kind of ['effect', 'work'] as const) {
        const { drain, events } = deliveriesOn(subject, { mutation })
        const ids = await newDeliveries(subject, [-5, -4, -3, -2, -1])
        const stop = new AbortController()
        const doing = (): void => stop.abort()
        const result = await drain({ [kind]: doing }, { batchSize: 4, signal: stop.signal })
        assert.deepEqual(counted(result), { outcome: 'stopped', taken: 4, done: 1, givenBack: 3 })
        const orders = await Promise.all(ids.map((id) => deliveryOf(subject, id)))
        assert.deepEqual(
          orders.map(({ status, attempts }) => [status, attempts]),
          [
            ['Y', 1],
            ['Wait', 0],
            ['Wait', 0],
            ['Wait', 0],
            ['Wait', 0],
          ],
        )
        for (const { dueMs, leaseMs, token } of orders.slice(1, 4)) {
          assert(dueMs !== null && dueMs <= 0, 'it is due')
          assert.deepEqual([leaseMs, token], [null, null])
        }
        assert(events.some((event) => event.type === 'given_back' && event.orders === 3))
        const next = await deliveriesOn(subject, { mutation }).drain(byEffect(subject))
        assert.deepEqual(counted(next), { outcome: 'drained', taken: 4, done: 4 })
      }
    },
  },
  {
    name: 'a signal from outside the run is heard between two orders, also where the driver answers at once',
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation })
      await newDeliveries(subject, [-5, -4, -3, -2, -1])
      const stop = new AbortController()
      // As a timer or a SIGTERM would: not within the effect, but when the process has a turn for it.
      const effect = (): void => void setImmediate(() => stop.abort())
      const result = await drain({ effect }, { batchSize: 4, signal: stop.signal })
      assert.equal(result.outcome, 'stopped')
      assert(result.done < 4 && result.givenBack === 4 - result.done, `it has done ${result.done} of 4`)
      await deliveriesOn(subject, { mutation }).drain(byEffect(subject))
    },
  },
  {
    name: 'work that does not end after the signal is told so, and given back as if it had not been taken',
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation })
      const [id] = await newDeliveries(subject, [-1])
      const stop = new AbortController()
      const result = await drain(
        {
          work: (_order, { signal }) =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('stopped in the middle')))
              stop.abort('shutdown')
            }),
        },
        { signal: stop.signal, stopAfterMs: 50 },
      )
      assert.deepEqual(counted(result), { outcome: 'stopped', taken: 1, givenBack: 1 })
      const { status, attempts, dueMs } = await deliveryOf(subject, id)
      assert.deepEqual([status, attempts], ['Wait', 0])
      assert(dueMs !== null && dueMs <= 0)
      assert.deepEqual(counted(await drain({ work: () => {} }, { signal: stop.signal })), { outcome: 'stopped' })
    },
  },
  {
    name: 'a loop delivers what becomes due, looks seldom while nothing is, and stops at once',
    async run(subject, mutation) {
      const looks = { number: 0 }
      const { drain, events } = deliveriesOn(subject, {
        mutation,
        adapter: (adapter) => ({
          ...adapter,
          open(waiting) {
            looks.number += 1
            return adapter.open(waiting)
          },
        }),
      })
      const [now, later] = await newDeliveries(subject, [-1, 600])
      const stop = new AbortController()
      const running = drain(byEffect(subject), { concurrency: 5, poll: { intervalMs: 200 }, signal: stop.signal })
      await until(async () => (await delivered(subject)).has(now ?? 0), 'the first is delivered')
      await pause(300)
      const before = looks.number
      await pause(1000)
      assert(looks.number - before <= 10, `${looks.number - before} looks of five lanes in a second`)
      await setTime(subject, later, 'due_at', -1)
      await until(async () => (await delivered(subject)).has(later ?? 0), 'the second is delivered')
      stop.abort()
      const stoppedAt = performance.now()
      assert.deepEqual(counted(await running), { outcome: 'stopped', taken: 2, done: 2 })
      assert(performance.now() - stoppedAt < 5000)
      assert.equal(events.filter(({ type }) => type === 'order_done').length, 2)
    },
  },
  {
    name: 'progress is told: what is due, and what has been done',
    async run(subject, mutation) {
      const { drain, events } = deliveriesOn(subject, { mutation })
      await newDeliveries(subject, [-3, -2, -1, 60, null])
      await drain(byEffect(subject), { progress: { intervalMs: 60_000 } })
      const told = events.flatMap((event) => (event.type === 'progress' ? [event] : []))
      const [first] = told
      const last = told.at(-1)
      assert(first !== undefined && first.due !== null && first.due <= 3)
      assert.deepEqual([last?.due, counted(last?.counts ?? {})], [0, { taken: 3, done: 3 }])
    },
  },
]
