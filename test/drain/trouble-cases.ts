import assert from 'node:assert/strict'
import type { Adapter, Session } from '../../src/adapters/adapter.ts'
import { COMMIT, Line } from '../contract/lost-answers.ts'
import { until } from '../support/until.ts'
import {
  counted,
  deliver,
  delivered,
  deliveriesOn,
  deliveryOf,
  leaveBehind,
  letLeaseRunOut,
  newDeliveries,
  setTime,
  statuses,
  WITHOUT_DUE,
} from './deliveries.ts'
import { byBatch, byEffect, idIn } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'

type AnyAdapter = Adapter<unknown, object>

/** Matches the so-many-th time only. */
export function nth(pattern: RegExp, number: number): RegExp {
  const counting = new RegExp(pattern)
  let met = 0
  counting.test = (text) => {
    if (pattern.test(text)) met += 1
    return pattern.test(text) && met === number
  }
  return counting
}

/** A server that cannot lock past what others have locked, as MySQL 5.7. */
const withoutSkipping = (adapter: AnyAdapter): AnyAdapter => ({
  ...adapter,
  dialect: { ...adapter.dialect, skipsLocked: () => false },
})

/** A server that takes such locks without a word, and does not keep them. */
const ignoringLocks = (adapter: AnyAdapter): AnyAdapter => ({
  ...adapter,
  dialect: { ...adapter.dialect, select: (clauses) => adapter.dialect.select(clauses, 'none') },
})

/** Runs `interfere` when rows have been read, and before they are taken; on SQLite before its transaction. */
function beforeTheTake(adapter: AnyAdapter, interfere: () => Promise<unknown>): AnyAdapter {
  let done = false
  const changed = (session: Session<unknown>): Session<unknown> => {
    const { send } = session
    session.send = (statement) => {
      if (done || !/update (?:\[\w+\]\.)?["`[]deliveries|begin immediate/.test(statement.sql))
        return send.call(session, statement)
      done = true
      const interfered = interfere()
      return adapter.synchronous ? send.call(session, statement) : interfered.then(() => send.call(session, statement))
    }
    return session
  }
  return {
    ...adapter,
    open(waiting) {
      const opened = adapter.open(waiting)
      return opened instanceof Promise ? opened.then(changed) : changed(opened)
    },
  }
}

/** What the drivers say of it. */
export const REFUSED = {
  mysql: { code: 'ECONNREFUSED', errno: -111 },
  mssql: { code: 'ESOCKET' },
  sqlite: { code: 'SQLITE_CANTOPEN', errcode: 14 },
} as const

/** A database that cannot be reached while `away.is`. */
const reachable =
  (away: { is: boolean }) =>
  (adapter: AnyAdapter): AnyAdapter => ({
    ...adapter,
    open(waiting) {
      if (!away.is) return adapter.open(waiting)
      throw Object.assign(new Error('nobody is there'), REFUSED[adapter.dialect.name])
    },
  })

/** What keeps a worker from going on, and what is left of it. */
export const TROUBLE_CASES: readonly DrainCase[] = [
  {
    name: 'COMMIT of a take, or of what follows it, was done or not, and its answer lost: each order is delivered once',
    async run(subject, mutation) {
      for (const fate of ['done, not answered', 'never sent'] as const) {
        for (const [kind, handler] of Object.entries({ effect: byEffect(subject), batch: byBatch(subject) })) {
          // The first COMMIT is that of the take, the second that of the first order, or of the batch.
          for (const number of [1, 2]) {
            const line = new Line()
            const { drain, events } = deliveriesOn(subject, { mutation, adapter: line.adapter })
            await newDeliveries(subject, [-3, -2, -1])
            line.arm(nth(COMMIT, number), fate)
            const result = await drain(handler, { batchSize: 3 })
            const label = `${kind}, ${fate}, COMMIT ${number}`
            assert.deepEqual([...(await delivered(subject)).values()], [1, 1, 1], label)
            assert.deepEqual(await statuses(subject), { Y: 3 }, label)
            assert.equal(result.done, 3, label)
            assert(
              events.some(({ type }) => type === 'unknown'),
              label,
            )
          }
        }
      }
    },
  },
  {
    name: 'a server that cannot skip locked rows: the same, by candidates',
    async run(subject, mutation) {
      const ids = await newDeliveries(
        subject,
        Array.from({ length: 40 }, () => -1),
      )
      const runs = await Promise.all(
        [1, 5].map((batchSize) =>
          deliveriesOn(subject, { mutation, adapter: withoutSkipping }).drain(
            { ...byEffect(subject), set: { note: 'sent' } },
            { batchSize, concurrency: 2 },
          ),
        ),
      )
      assert.equal(
        runs.reduce((sum, { done }) => sum + done, 0),
        40,
      )
      assert.deepEqual(
        [...(await delivered(subject)).values()],
        ids.map(() => 1),
      )
      for (const id of ids) assert.equal((await deliveryOf(subject, id)).attempts, 1)
    },
  },
  {
    name: 'an order that somebody takes, or puts off, when it has been read is not taken, whatever the server says of its locks',
    async run(subject, mutation) {
      for (const server of [withoutSkipping, ignoringLocks]) {
        const ids = await newDeliveries(subject, [-3, -2, -1])
        const taken = `status = 'Working', claim_token = 'of somebody else', attempts = 1`
        // All at once: a handle that answers at once waits for none of them.
        const interfere = (): Promise<unknown> =>
          Promise.all([
            subject.query(`update deliveries set ${taken} where delivery_id = ${ids[0]}`),
            setTime(subject, ids[0], 'lease_until', 600),
            setTime(subject, ids[1], 'due_at', 600),
          ])
        const adapter = (adapted: AnyAdapter): AnyAdapter => beforeTheTake(server(adapted), interfere)
        const { drain } = deliveriesOn(subject, { mutation, adapter })
        assert.deepEqual(counted(await drain(byEffect(subject))), { outcome: 'drained', taken: 1, done: 1 })
        assert.deepEqual([...(await delivered(subject))], [[ids[2], 1]])
        const orders = await Promise.all(ids.slice(0, 2).map((id) => deliveryOf(subject, id)))
        assert.deepEqual(
          // CHAR(36), filled up.
          orders.map(({ status, token, attempts }) => [
            status,
            typeof token === 'string' ? token.trimEnd() : token,
            attempts,
          ]),
          [
            ['Working', 'of somebody else', 1],
            ['Wait', null, 0],
          ],
        )
      }
    },
  },
  {
    name: 'rows that somebody has locked are passed over, or waited for, and never skipped for good',
    needs: ['locks', 'lock time-out'],
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation, config: { timeoutMs: 3000 } })
      const [locked] = await newDeliveries(subject, [-2, -1])
      if (subject.family === 'sqlite') return // one writer at a time: nothing is done while somebody writes
      const own = await subject.begin()
      await subject.through(own.tx, `update deliveries set note = 'held' where delivery_id = ${locked}`)
      const first = await drain(byEffect(subject)).finally(() => own.rollback())
      assert.deepEqual(counted(first), { outcome: 'drained', taken: 1, done: 1 })
      assert.deepEqual(counted(await drain(byEffect(subject))), { outcome: 'drained', taken: 1, done: 1 })
    },
  },
  {
    name: 'without a column that says when: everything that waits is taken once a run, and what failed by the next one',
    async run(subject, mutation) {
      const on = () => deliveriesOn(subject, { mutation, config: WITHOUT_DUE })
      const ids = await newDeliveries(
        subject,
        Array.from({ length: 25 }, (_, index) => (index % 2 === 0 ? null : 600)),
      )
      const bad = [ids[0], ids[7], ids[24]]
      // One whose worker has died, with an id beyond what is gone through first.
      await leaveBehind(subject, ids[24])
      await setTime(subject, ids[24], 'lease_until', -1)
      const failing = {
        read: ['delivery_id'],
        effect(tx: unknown, order: unknown) {
          if (bad.includes(idIn(order))) throw new Error('not now')
          return deliver(subject, tx, idIn(order))
        },
      }
      const first = await on().drain(failing, { batchSize: 4, concurrency: 3 })
      assert.deepEqual(counted(first), { outcome: 'drained', taken: 25, takenOver: 1, done: 22, failed: 3 })
      const second = await on().drain(failing, { batchSize: 4 })
      assert.deepEqual(counted(second), { outcome: 'drained', taken: 3, failed: 3 })
      const third = await on().drain(byEffect(subject))
      assert.deepEqual(counted(third), { outcome: 'drained', taken: 3, done: 3 })
      assert.deepEqual(
        [...(await delivered(subject)).values()],
        ids.map(() => 1),
      )
      await assert.rejects(on().drain(failing, { backoff: { firstMs: 1 } }), { code: 'CLAIM_INPUT', message: /dueAt/ })
    },
  },
  {
    name: 'the database is away: a job throws and has given back what it could; a loop waits and goes on',
    async run(subject, mutation) {
      const away = { is: false }
      const job = deliveriesOn(subject, { mutation, adapter: reachable(away), config: { timeoutMs: 500 } })
      const [id] = await newDeliveries(subject, [-1])
      // Before anything is taken, and when something has been.
      away.is = true
      await assert.rejects(job.drain({ effect: () => {} }), { code: 'CLAIM_UNAVAILABLE' })
      away.is = false
      const lastly = {
        effect: () => {
          away.is = true
          throw new Error('it takes the database with it')
        },
      }
      const cut = await job.drain(lastly).catch((error: unknown) => error)
      assert.equal((cut as { code?: unknown }).code, 'CLAIM_UNAVAILABLE')
      assert.deepEqual([(await deliveryOf(subject, id)).status], ['Working'], 'its lease runs out')
      await letLeaseRunOut(subject, id)

      const loop = deliveriesOn(subject, { mutation, adapter: reachable(away), config: { timeoutMs: 500 } })
      const stop = new AbortController()
      const running = loop.drain(byEffect(subject), { poll: { intervalMs: 50 }, signal: stop.signal })
      await until(() => loop.events.filter(({ type }) => type === 'waits').length > 1, 'it waits')
      away.is = false
      await until(async () => (await delivered(subject)).has(id ?? 0), 'it goes on')
      stop.abort()
      assert.deepEqual(counted(await running), { outcome: 'stopped', taken: 1, takenOver: 1, done: 1 })
    },
  },
  {
    name: 'the database goes away in the middle of a batch: what was not begun is not counted as an attempt',
    async run(subject, mutation) {
      const away = { is: false }
      const { drain, events } = deliveriesOn(subject, {
        mutation,
        adapter: reachable(away),
        config: { timeoutMs: 500 },
      })
      await newDeliveries(subject, [-3, -2, -1])
      const stop = new AbortController()
      let done = 0
      const running = drain(
        {
          read: ['delivery_id'],
          effect(tx, order) {
            done += 1
            // Comes into force with the next connection; it is back a moment later.
            if (done === 1) {
              away.is = true
              setTimeout(() => (away.is = false), 300)
            }
            return deliver(subject, tx, idIn(order))
          },
        },
        { batchSize: 3, leaseMs: 1000, poll: { intervalMs: 50 }, signal: stop.signal },
      )
      await until(async () => (await delivered(subject)).size === 3, 'all are delivered')
      stop.abort()
      await running
      assert.deepEqual(await statuses(subject), { Y: 3 })
      assert.deepEqual([...(await delivered(subject)).values()], [1, 1, 1])
      assert(events.some(({ type }) => type === 'waits'))
    },
  },
]
