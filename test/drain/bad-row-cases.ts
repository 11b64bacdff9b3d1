import assert from 'node:assert/strict'
import type { Adapter, Session } from '../../src/adapters/adapter.ts'
import {
  CLOCK,
  counted,
  DDL,
  delivered,
  DELIVERIES,
  deliveriesOn,
  deliveryOf,
  leaveBehind,
  letLeaseRunOut,
  newDeliveries,
  statuses,
  WITHOUT_DUE,
} from './deliveries.ts'
import { byBatch, byEffect } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'

type AnyAdapter = Adapter<unknown, object>

/** Runs `interfere` once, when orders are taken and before they are completed: before the second transaction. */
function beforeTheCompletion(adapter: AnyAdapter, interfere: () => Promise<unknown>): AnyAdapter {
  let opened = 0
  return {
    ...adapter,
    open(waiting) {
      opened += 1
      if (opened !== 3) return adapter.open(waiting)
      const interfered = interfere()
      if (adapter.synchronous) return adapter.open(waiting)
      return interfered.then((): Session<unknown> | Promise<Session<unknown>> => adapter.open(waiting))
    },
  }
}

/** Rows that are not as a worker expects them, and options at their limits. */
export const BAD_ROW_CASES: readonly DrainCase[] = [
  {
    name: 'an order that was left by somebody, and not begun by a run that stops, is left again as it was',
    async run(subject, mutation) {
      const { drain, events } = deliveriesOn(subject, { mutation })
      const [id] = await newDeliveries(subject, [-2, -1])
      await leaveBehind(subject, id, 3)
      const stop = new AbortController()
      events.push = (...told) => {
        if (told.some(({ type }) => type === 'taken')) stop.abort()
        return Array.prototype.push.apply(events, told)
      }
      const result = await drain(byEffect(subject), { signal: stop.signal })
      assert.deepEqual(counted(result), { outcome: 'stopped', taken: 1, takenOver: 1, givenBack: 1 })
      const { status, attempts, token, leaseMs, dueMs } = await deliveryOf(subject, id)
      assert.deepEqual([status, attempts, token], ['Working', 3, null])
      assert(leaseMs !== null && leaseMs <= 0 && dueMs !== null && dueMs <= 0, 'whoever comes may take it over')
      // Alone, as before.
      const next = deliveriesOn(subject, { mutation })
      assert.deepEqual(counted(await next.drain(byEffect(subject))), {
        outcome: 'drained',
        taken: 2,
        takenOver: 1,
        done: 2,
      })
      const takes = next.events.flatMap((event) => (event.type === 'taken' ? [event.orders] : []))
      assert.deepEqual(takes, [1, 1])
      assert.equal((await deliveryOf(subject, id)).attempts, 4)
    },
  },
  {
    name: 'an order that somebody cancels by hand while it is leased is lost, and the others are delivered',
    async run(subject, mutation) {
      for (const handler of [byBatch(subject), byEffect(subject)]) {
        const ids = await newDeliveries(subject, [-3, -2, -1])
        const adapter = (adapted: AnyAdapter): AnyAdapter =>
          beforeTheCompletion(adapted, () =>
            subject.query(`update deliveries set status = 'Cancelled' where delivery_id = ${ids[0]}`),
          )
        const { drain } = deliveriesOn(subject, { mutation, adapter })
        const stop = AbortSignal.timeout(3000)
        const result = await drain(handler, { batchSize: 3, signal: stop })
        assert.deepEqual(counted(result), { outcome: 'drained', taken: 3, done: 2, lost: 1 })
        assert.deepEqual([...(await delivered(subject)).keys()].sort(), ids.slice(1))
        assert.deepEqual(await statuses(subject), { Cancelled: 1, Y: 2 })
      }
    },
  },
  {
    name: 'a pause of nothing, however often it is multiplied, is a pause of nothing',
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation })
      const [id] = await newDeliveries(subject, [-1])
      await subject.query(`update deliveries set attempts = 4 where delivery_id = ${id}`)
      let tries = 0
      const effect = (): void => {
        tries += 1
        if (tries === 1) throw new Error('not now')
      }
      const result = await drain({ effect }, { backoff: { firstMs: 0, factor: 1e200 } })
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 2, done: 1, failed: 1 })
      assert.equal((await deliveryOf(subject, id)).attempts, 6)
    },
  },
  {
    name: 'what somebody has left is taken alone: the one that he died of does not use up the attempts of the others',
    async run(subject, mutation) {
      for (const config of [DELIVERIES, WITHOUT_DUE]) {
        const { drain } = deliveriesOn(subject, { mutation, config })
        const ids = await newDeliveries(subject, [-6, -5, -4, -3, -2, -1])
        for (const id of ids.slice(0, 3)) {
          await leaveBehind(subject, id)
          await letLeaseRunOut(subject, id)
        }
        const sizes: number[] = []
        const { read, batch } = byBatch(subject)
        const counting = (tx: unknown, orders: unknown): unknown => {
          sizes.push((orders as object[]).length)
          return batch(tx, orders)
        }
        const result = await drain({ read, batch: counting }, { batchSize: 10, maxAttempts: 2 })
        assert.deepEqual(counted(result), { outcome: 'drained', taken: 6, takenOver: 3, done: 6 })
        assert.deepEqual(sizes.sort(), [1, 1, 1, 3])
      }
    },
  },
  {
    name: "a row whose id is NULL is nobody's order, and keeps nobody from the others",
    async run(subject, mutation) {
      const [deliveries = ''] = DDL[subject.family]
      const numbered = deliveries
        .replace('create table deliveries', 'create table numbered')
        .replace(/card (varchar\(30\)|text) not null/, 'card $1 null unique')
      await subject.query(numbered)
      try {
        const { fromNow } = CLOCK[subject.family]
        const columns = { ...DELIVERIES.columns, id: 'card' }
        for (const [due, dueAt] of [
          [fromNow(-1), 'due_at'],
          ['null', null],
        ] as const) {
          await subject.query('delete from numbered')
          await subject.query(`insert into numbered (card, due_at) values (null, ${due}), ('N1', ${due})`)
          const { dueAt: _dueAt, ...without } = columns
          const config = {
            ...DELIVERIES,
            table: 'numbered',
            columns: dueAt === null ? without : columns,
            timeoutMs: 500,
          }
          const { drain } = deliveriesOn(subject, { mutation, config })
          const result = await drain({ effect: () => {} }, { batchSize: 1 })
          assert.deepEqual(counted(result), { outcome: 'drained', taken: 1, done: 1 })
        }
      } finally {
        await subject.query('drop table numbered')
      }
    },
  },
  {
    name: 'an order of a batch that somebody keeps locked is left to him, and has not failed; the others are delivered',
    needs: ['lock time-out'],
    async run(subject, mutation) {
      if (subject.family === 'sqlite') return // one writer at a time: nobody can keep one order locked
      const config = { timeoutMs: 5000, lockTimeoutMs: 1000, retries: 0 }
      const { drain, events } = deliveriesOn(subject, { mutation, config })
      const [first, locked] = await newDeliveries(subject, [-2, -1])
      const own = await subject.begin()
      let holding: unknown = null
      const { read, batch } = byBatch(subject)
      const result = await drain({
        read,
        batch(tx, orders) {
          if (holding !== null) return batch(tx, orders)
          // It gets the lock as soon as this transaction is rolled back.
          holding = subject.through(own.tx, `update deliveries set note = 'held' where delivery_id = ${locked}`)
          return new Promise((_resolve, reject) => setTimeout(() => reject(new Error('the first time')), 100))
        },
      })
      await holding
      await own.rollback()
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 2, done: 1, left: 1 })
      assert.deepEqual([...(await delivered(subject)).keys()], [first])
      const { status, attempts } = await deliveryOf(subject, locked)
      assert.deepEqual([status, attempts], ['Working', 1])
      assert(!events.some(({ type }) => type === 'work_failed'))
    },
  },
]
