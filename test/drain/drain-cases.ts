import assert from 'node:assert/strict'
import { atAnotherTime } from '../contract/another-time.ts'
import type { Mutation, Subject } from '../contract/subject.ts'
import type { MssqlTrait } from '../support/mssql-traits.ts'
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
} from './deliveries.ts'

/** A rule of workers, shown on one subject. */
export interface DrainCase {
  readonly name: string
  /** What of SQL Server it needs. Default: nothing that other T-SQL servers have not. */
  readonly needs?: readonly MssqlTrait[]
  readonly run: (subject: Subject, mutation?: Mutation) => Promise<void>
}

interface Order {
  readonly delivery_id: unknown
}

export const idIn = (order: unknown): number => Number((order as Order).delivery_id)

/** An effect that enters what it is given into the ledger. */
export const byEffect = (subject: Subject) => ({
  read: ['delivery_id'],
  effect: (tx: unknown, order: unknown): unknown => deliver(subject, tx, idIn(order)),
})

/** The same of a batch. */
export const byBatch = (subject: Subject) => ({
  read: ['delivery_id'],
  batch: (tx: unknown, orders: unknown): unknown => deliver(subject, tx, ...(orders as object[]).map(idIn)),
})

const fails = (): never => {
  throw new Error('no card today')
}

export const DRAIN_CASES: readonly DrainCase[] = [
  {
    name: 'what is due is delivered once, in the order in which it was due; what is not due, or never, is left',
    async run(subject, mutation) {
      const { drain, events } = deliveriesOn(subject, { mutation })
      const [second, first, later, never] = await newDeliveries(subject, [-5, -10, 60, null])
      const seen: unknown[] = []
      const result = await drain({
        read: ['delivery_id', 'card'],
        set: { note: 'sent' },
        effect(tx, order, { lease, attempt }) {
          // BIGINT comes as text from some drivers.
          seen.push({ ...(order as object), delivery_id: idIn(order), lease, attempt })
          return deliver(subject, tx, idIn(order))
        },
      })
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 2, done: 2 })
      assert.deepEqual(seen, [
        { delivery_id: first, card: 'N1', lease: 1, attempt: 1 },
        { delivery_id: second, card: 'N0', lease: 1, attempt: 1 },
      ])
      assert.deepEqual(
        [...(await delivered(subject)).entries()].sort(),
        [
          [first, 1],
          [second, 1],
        ].sort(),
      )
      const { status, attempts, dueMs, leaseMs, note, claimedAt, token, version } = await deliveryOf(subject, first)
      assert.deepEqual([status, attempts, dueMs, leaseMs, note, version], ['Y', 1, null, null, 'sent', 2])
      assert(claimedAt !== null && token !== null)
      for (const id of [later, never]) {
        const order = await deliveryOf(subject, id)
        assert.deepEqual([order.status, order.attempts], ['Wait', 0])
      }
      assert.deepEqual(
        events.map(({ type, operation }) => `${operation} ${type}`),
        ['drain taken', 'drain order_done', 'drain order_done', 'drain outcome'],
      )
      assert.deepEqual(counted(await drain(byEffect(subject))), { outcome: 'drained' })
      assert.equal((await deliveriesOn(subject, { mutation }).claimOnce(first)).outcome, 'duplicate')
    },
  },
  {
    name: 'an attempt that fails is undone, and made again after a pause that grows, by the clock of the database',
    async run(subject, mutation) {
      for (const hour of [3_600_000, -3_600_000]) {
        await atAnotherTime(hour, async () => {
          const { drain, events } = deliveriesOn(subject, { mutation })
          const [id] = await newDeliveries(subject, [-1])
          const failing = {
            read: ['delivery_id'],
            effect(tx: unknown, order: unknown) {
              const done = deliver(subject, tx, idIn(order))
              return done instanceof Promise ? done.then(fails) : fails()
            },
          }
          const backoff = { firstMs: 100_000, factor: 3, mostMs: 500_000 }
          for (const [attempt, pause] of [100_000, 300_000, 500_000].entries()) {
            assert.deepEqual(counted(await drain(failing, { backoff })), { outcome: 'drained', taken: 1, failed: 1 })
            const order = await deliveryOf(subject, id)
            assert.deepEqual([order.status, order.attempts, order.token], ['Wait', attempt + 1, null])
            assert.match(String(order.lastError), /no card today/)
            const { dueMs } = order
            assert(dueMs !== null && dueMs > pause * 0.9 - 20_000 && dueMs <= pause * 1.1, `${dueMs} ms of ${pause}`)
            assert.deepEqual(counted(await drain(failing, { backoff })), { outcome: 'drained' }, 'not before its time')
            await setTime(subject, id, 'due_at', -1)
          }
          assert.equal((await delivered(subject)).size, 0)
          const failed = events.filter((event) => event.type === 'work_failed')
          assert.deepEqual(
            failed.map((event) => [event.orderId, event.lease, event.final]),
            [1, 2, 3].map((lease) => [String(id), lease, false]),
          )
          assert.deepEqual(counted(await drain(byEffect(subject))), { outcome: 'drained', taken: 1, done: 1 })
          assert.deepEqual((await delivered(subject)).get(id ?? 0), 1)
        })
      }
    },
  },
  {
    name: 'after the last attempt, and for what is not retryable, an order is failed for good, until it is reset',
    async run(subject, mutation) {
      const { drain, reset } = deliveriesOn(subject, { mutation })
      const [often, hopeless] = await newDeliveries(subject, [-2, -1])
      const handler = {
        read: ['delivery_id'],
        effect: (_tx: unknown, order: unknown) => {
          throw idIn(order) === hopeless ? new TypeError('no such card') : new Error('not now')
        },
      }
      const options = { maxAttempts: 2, isRetryable: (error: unknown) => !(error instanceof TypeError) }
      assert.deepEqual(counted(await drain(handler, options)), { outcome: 'drained', taken: 2, failed: 1, dead: 1 })
      await setTime(subject, often, 'due_at', -1)
      assert.deepEqual(counted(await drain(handler, options)), { outcome: 'drained', taken: 1, dead: 1 })
      for (const id of [often, hopeless]) {
        const { status, dueMs, leaseMs, token, lastError } = await deliveryOf(subject, id)
        assert.deepEqual([status, dueMs, leaseMs, token], ['Failed', null, null, null])
        assert.match(String(lastError), id === often ? /not now/ : /no such card/)
      }
      assert.deepEqual(await reset(often), { outcome: 'reset' })
      const { attempts, dueMs } = await deliveryOf(subject, often)
      assert.equal(attempts, 0)
      assert(dueMs !== null && dueMs <= 0, 'it is due again')
      assert.deepEqual(counted(await drain(byEffect(subject), options)), { outcome: 'drained', taken: 1, done: 1 })
    },
  },
  {
    name: 'orders of a worker that is gone are taken over when their lease is over, and not before',
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation })
      const [id] = await newDeliveries(subject, [-1])
      await leaveBehind(subject, id)
      await setTime(subject, id, 'lease_until', 600)
      assert.deepEqual(counted(await drain(byEffect(subject))), { outcome: 'drained' })
      await letLeaseRunOut(subject, id)
      const result = await drain(byEffect(subject))
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 1, takenOver: 1, done: 1 })
      const { attempts, status, lastError } = await deliveryOf(subject, id)
      assert.deepEqual([attempts, status], [2, 'Y'])
      assert.match(String(lastError), /^The lease before ran out/)
    },
  },
  {
    name: 'an order whose worker always dies is failed for good, and its work not begun again',
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation })
      for (const kind of ['effect', 'work', 'batch'] as const) {
        const [id] = await newDeliveries(subject, [-1])
        await leaveBehind(subject, id, 3)
        await letLeaseRunOut(subject, id)
        const result = await drain({ [kind]: () => assert.fail('it is begun') }, { maxAttempts: 3 })
        assert.deepEqual(counted(result), { outcome: 'drained', taken: 1, takenOver: 1, dead: 1 })
        const { status, lastError } = await deliveryOf(subject, id)
        assert.equal(status, 'Failed')
        assert.match(String(lastError), /leased 3 times, and nobody was done with it/)
      }
    },
  },
  {
    name: 'a batch has one effect in one transaction; the order that it throws for fails alone, and the others are done',
    async run(subject, mutation) {
      const { drain } = deliveriesOn(subject, { mutation })
      const ids = await newDeliveries(subject, [-8, -7, -6, -5, -4, -3, -2, -1])
      const poison = ids[5]
      const sizes: number[] = []
      const result = await drain(
        {
          read: ['delivery_id', 'card'],
          batch(tx, orders) {
            const batch = orders as readonly { delivery_id: unknown }[]
            sizes.push(batch.length)
            const check = (): void => {
              if (batch.some((order) => idIn(order) === poison)) throw new Error('one of them is bad')
            }
            const done = deliver(subject, tx, ...batch.map(idIn))
            if (done instanceof Promise) return done.then(check)
            check()
            return undefined
          },
        },
        { batchSize: 8 },
      )
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 8, done: 7, failed: 1 })
      assert.equal(sizes[0], 8)
      const made = await delivered(subject)
      for (const id of ids) assert.equal(made.get(id), id === poison ? undefined : 1)
      assert.match(String((await deliveryOf(subject, poison)).lastError), /one of them is bad/)
      assert.deepEqual(await statuses(subject), { Wait: 1, Y: 7 })
    },
  },
  {
    name: 'many lanes of two workers at once: each order is delivered once',
    async run(subject, mutation) {
      const ids = await newDeliveries(
        subject,
        Array.from({ length: 60 }, () => -1),
      )
      const runs = await Promise.all(
        [1, 7].map((batchSize) =>
          deliveriesOn(subject, { mutation }).drain(byEffect(subject), { batchSize, concurrency: 3 }),
        ),
      )
      assert.equal(
        runs.reduce((sum, { done }) => sum + done, 0),
        60,
      )
      const made = await delivered(subject)
      assert.deepEqual(
        [...made.values()],
        ids.map(() => 1),
      )
      assert.deepEqual(await statuses(subject), { Y: 60 })
    },
  },
  {
    name: 'what the effect or the work returned is kept for a later callback',
    async run(subject, mutation) {
      const { drain, claimOnce } = deliveriesOn(subject, { mutation })
      for (const handler of [{ effect: () => ({ receipt: 1 }) }, { work: () => ({ receipt: 1 }) }]) {
        const [id] = await newDeliveries(subject, [-1])
        assert.equal((await drain(handler)).done, 1)
        const later = await claimOnce(id)
        assert(later.outcome === 'duplicate')
        assert.deepEqual(later.value, { receipt: 1 })
      }
    },
  },
  {
    name: 'what it is called with is checked before anything is taken',
    async run(subject) {
      const { drain } = deliveriesOn(subject)
      const [id] = await newDeliveries(subject, [-1])
      const effect = (): void => {}
      const refused: [object, object, RegExp][] = [
        [{}, {}, /does nothing/],
        [{ effect: 1 }, {}, /effect is not a function/],
        [{ effect, batch: effect }, {}, /batch excludes/],
        [{ effect, wrok: effect }, {}, /no option "wrok"/],
        [{ effect, set: { due_at: null } }, {}, /set names "due_at"/],
        [{ effect, read: ['no_such'] }, {}, /read names "no_such"/],
        [{ effect }, { batchSize: 0 }, /batchSize is 0/],
        [{ effect }, { batchSize: 501 }, /batchSize is 501/],
        [{ effect }, { concurrency: 1.5 }, /concurrency is 1.5/],
        [{ effect }, { leaseMs: 99 }, /leaseMs is 99/],
        [{ effect }, { maxAttempts: 0 }, /maxAttempts is 0/],
        [{ effect }, { backoff: { firstMs: -1 } }, /backoff.firstMs is -1/],
        [{ effect }, { backoff: { factor: 0.5 } }, /backoff.factor is 0.5/],
        [{ effect }, { backoff: { first: 1 } }, /no option "first"/],
        [{ effect }, { poll: { intervalMs: 0 } }, /poll.intervalMs is 0/],
        [{ effect }, { pol: {} }, /no option "pol"/],
      ]
      for (const [handler, options, message] of refused) {
        await assert.rejects(drain(handler, options), { code: 'CLAIM_INPUT', message })
      }
      const { attempts, status } = await deliveryOf(subject, id)
      assert.deepEqual([attempts, status], [0, 'Wait'])
    },
  },
]
