import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Adapter } from '../../src/adapters/adapter.ts'
import type { DrainOptions, RawHandler } from '../../src/drain/drain-options.ts'
import { COMMIT, Line } from '../contract/lost-answers.ts'
import type { Subject } from '../contract/subject.ts'
import { until } from '../support/until.ts'
import {
  counted,
  deliver,
  delivered,
  deliveriesOn,
  deliveryOf,
  leaveBehind,
  newDeliveries,
  statuses,
} from './deliveries.ts'
import { idIn } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'
import { nth, REFUSED } from './trouble-cases.ts'

/** Whether the next batch is taken with the last of the one before: SQLite does one thing at a time. */
const goesAhead = ({ family }: Subject): boolean => family !== 'sqlite'

const isLeased = async (subject: Subject, id: number | undefined): Promise<boolean> =>
  (await deliveryOf(subject, id)).status === 'Working'

/** Delivers, and `meanwhile`, when it is the turn of the order of this id; in the order of the ids. */
const whenAt = (
  subject: Subject,
  id: number | undefined,
  kind: 'effect' | 'batch',
  meanwhile: () => Promise<unknown>,
): RawHandler => {
  const through = (tx: unknown, ids: readonly number[]): unknown => {
    const done = deliver(subject, tx, ...ids)
    if (!ids.includes(id ?? 0)) return done
    // A handle that answers at once takes no promise.
    if (!goesAhead(subject)) return void meanwhile()
    return Promise.resolve(done).then(meanwhile)
  }
  return kind === 'effect'
    ? { read: ['delivery_id'], effect: (tx, order) => through(tx, [idIn(order)]) }
    : { read: ['delivery_id'], batch: (tx, orders) => through(tx, (orders as object[]).map(idIn)) }
}

/** When the last order but one of a batch is done: the connections that are opened next, one after the other. */
const [LAST_ORDER, TAKE_AHEAD] = [1, 2] as const

/** A database that refuses one connection, counted from `arm` on, and does something `before` it does. */
function refusedOpen(number: number, before?: () => Promise<void>) {
  let opens = -Infinity
  return {
    arm: async (): Promise<unknown> => (opens = 0),
    adapter: (adapted: Adapter<unknown, object>): Adapter<unknown, object> => ({
      ...adapted,
      async open(waiting) {
        opens += 1
        if (opens !== number) return await adapted.open(waiting)
        await before?.()
        throw Object.assign(new Error('nobody is there'), REFUSED[adapted.dialect.name])
      },
    }),
  }
}

/** The batch of a lane that is taken before the one before it is done with. */
export const AHEAD_CASES: readonly DrainCase[] = [
  {
    name: 'with the last of a full batch the next one is taken, and renewed until its turn has come',
    needs: ['locks'],
    async run(subject, mutation) {
      for (const kind of ['effect', 'batch'] as const) {
        const { drain } = deliveriesOn(subject, { mutation })
        const ids = await newDeliveries(subject, [-4, -3, -2, -1])
        let leases: (number | null)[] = []
        const handler = whenAt(subject, ids[1], kind, async () => {
          if (!goesAhead(subject)) return
          for (const id of ids.slice(2)) await until(() => isLeased(subject, id), `${id} is leased`)
          await pause(1500)
          leases = await Promise.all(ids.slice(2).map(async (id) => (await deliveryOf(subject, id)).leaseMs))
        })
        const result = await drain(handler, { batchSize: 2, leaseMs: 600 })
        assert.deepEqual(counted(result), { outcome: 'drained', taken: 4, done: 4 })
        assert.deepEqual(
          [...(await delivered(subject))],
          ids.map((id) => [id, 1]),
        )
        assert(
          leases.every((ms) => ms !== null && ms > 0),
          `what is left of the leases: ${leases.join(', ')}`,
        )
        for (const id of ids) assert.equal((await deliveryOf(subject, id)).attempts, 1)
      }
    },
  },
  {
    name: 'one at a time, work outside, and what somebody has left: nothing more is taken meanwhile',
    needs: ['locks'],
    async run(subject, mutation) {
      const looks = (ids: readonly number[], seen: boolean[]) => async (): Promise<void> => {
        if (!goesAhead(subject)) return
        await pause(200)
        for (const id of ids) seen.push(await isLeased(subject, id))
      }
      const cases: readonly (readonly [string, DrainOptions])[] = [
        ['one at a time', { batchSize: 1 }],
        ['work outside', { batchSize: 2 }],
        ['left by somebody', { batchSize: 2 }],
      ]
      for (const [name, options] of cases) {
        const { drain } = deliveriesOn(subject, { mutation })
        const ids = await newDeliveries(subject, [-5, -4, -3, -2, -1])
        const seen: boolean[] = []
        const last = name === 'work outside' ? ids[1] : ids[0]
        const rest = name === 'work outside' ? ids.slice(2) : ids.slice(1)
        const effect = whenAt(subject, last, 'effect', looks(rest, seen))
        if (name === 'left by somebody') {
          await leaveBehind(subject, ids[0])
        }
        const result = await drain(name === 'work outside' ? { ...effect, work: () => 'sent' } : effect, options)
        assert.equal(result.done, 5, name)
        assert.deepEqual(seen, goesAhead(subject) ? rest.map(() => false) : [], name)
      }
    },
  },
  {
    name: 'a run that is stopped gives back the batch that was taken ahead, as if it had not been taken',
    needs: ['locks'],
    async run(subject, mutation) {
      if (!goesAhead(subject)) return
      for (const kind of ['effect', 'batch'] as const) {
        const { drain } = deliveriesOn(subject, { mutation })
        const ids = await newDeliveries(subject, [-4, -3, -2, -1])
        const stop = new AbortController()
        const handler = whenAt(subject, ids[1], kind, async () => {
          await until(() => isLeased(subject, ids[3]), 'the next batch is taken')
          stop.abort()
          // While the effect goes on.
          await until(async () => (await statuses(subject))['Wait'] === 2, 'it is given back')
        })
        const result = await drain(handler, { batchSize: 2, signal: stop.signal })
        assert.deepEqual(counted(result), { outcome: 'stopped', taken: 4, done: 2, givenBack: 2 })
        for (const id of ids.slice(2)) {
          const { status, attempts, token, leaseMs, dueMs } = await deliveryOf(subject, id)
          assert.deepEqual([status, attempts, token, leaseMs], ['Wait', 0, null, null])
          assert(dueMs !== null && dueMs <= 0)
        }
      }
    },
  },
  {
    name: 'where the database keeps the lane from going on, the batch that was taken ahead is given back',
    needs: ['locks'],
    async run(subject, mutation) {
      if (!goesAhead(subject)) return
      const ids = await newDeliveries(subject, [-4, -3, -2, -1])
      const refused = refusedOpen(LAST_ORDER, () => until(() => isLeased(subject, ids[3]), 'the next batch is taken'))
      const { drain, events } = deliveriesOn(subject, { mutation, adapter: refused.adapter })
      const handler = whenAt(subject, ids[0], 'effect', refused.arm)
      const job = drain(handler, { batchSize: 2, retries: 0 })
      await assert.rejects(job, { code: 'CLAIM_UNAVAILABLE' })
      assert.deepEqual(await statuses(subject), { Y: 1, Wait: 3 })
      for (const id of ids.slice(1)) assert.equal((await deliveryOf(subject, id)).attempts, 0)
      assert.equal(
        events.reduce((sum, event) => sum + (event.type === 'given_back' ? event.orders : 0), 0),
        3,
      )
    },
  },
  {
    name: 'a take ahead of which nobody knows what became ends a job, as any other would',
    needs: ['locks'],
    async run(subject, mutation) {
      if (!goesAhead(subject)) return
      const line = new Line()
      const ids = await newDeliveries(subject, [-4, -3, -2, -1])
      const { drain } = deliveriesOn(subject, { mutation, adapter: line.adapter, config: { resolveTimeoutMs: 0 } })
      // The COMMIT of the last order waits for that of the take, whose answer is lost.
      const handler = whenAt(subject, ids[1], 'effect', async () => {
        await until(() => isLeased(subject, ids[3]), 'the next batch is taken')
      })
      const first = whenAt(subject, ids[0], 'effect', async () => line.arm(nth(COMMIT, 2), 'done, not answered'))
      const effect: RawHandler['effect'] = (tx, order, context) =>
        (idIn(order) === ids[0] ? first : handler).effect?.(tx, order, context)
      await assert.rejects(drain({ read: ['delivery_id'], effect }, { batchSize: 2 }), { code: 'CLAIM_UNKNOWN' })
      assert.deepEqual(await statuses(subject), { Y: 2, Working: 2 })
    },
  },
  {
    name: 'lanes that want orders have those that another one has taken ahead',
    needs: ['locks'],
    async run(subject, mutation) {
      if (!goesAhead(subject)) return
      const ids = await newDeliveries(subject, [-6, -5, -4, -3, -2, -1])
      const { drain } = deliveriesOn(subject, { mutation })
      // The first batch is not done before the last one is, which its lane has taken ahead.
      const handler = whenAt(subject, ids[1], 'effect', () =>
        until(async () => (await deliveryOf(subject, ids[5])).status === 'Y', 'another lane has done it'),
      )
      const result = await drain(handler, { batchSize: 2, concurrency: 2 })
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 6, done: 6 })
    },
  },
  {
    name: 'a take ahead that fails is told, and made again when it is the turn of what it was for',
    needs: ['locks'],
    async run(subject, mutation) {
      if (!goesAhead(subject)) return
      const ids = await newDeliveries(subject, [-4, -3, -2, -1])
      const refused = refusedOpen(TAKE_AHEAD)
      const { drain, events } = deliveriesOn(subject, { mutation, adapter: refused.adapter })
      const handler = whenAt(subject, ids[0], 'effect', refused.arm)
      const result = await drain(handler, { batchSize: 2, retries: 0 })
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 4, done: 4 })
      assert.deepEqual(
        [...(await delivered(subject))],
        ids.map((id) => [id, 1]),
      )
      const waits = events.flatMap((event) => (event.type === 'waits' ? [event.pauseMs] : []))
      assert.deepEqual(waits, [0])
    },
  },
]
