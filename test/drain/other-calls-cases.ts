import assert from 'node:assert/strict'
import { counted, deliver, deliveriesOn, deliveryOf, letLeaseRunOut, newDeliveries } from './deliveries.ts'
import { byEffect } from './drain-cases.ts'
import type { DrainCase } from './drain-cases.ts'
import { heldWork } from '../support/held-work.ts'

const isDue = (dueMs: number | null): void => {
  assert(dueMs !== null && dueMs <= 0, `it is due in ${dueMs} ms`)
}

/** Callbacks and jobs on a table that a worker works on. */
export const OTHER_CALLS_CASES: readonly DrainCase[] = [
  {
    name: 'an order that a callback claims, or that is moved, is not for the worker any more; nor is one that is reset',
    async run(subject, mutation) {
      const claims = deliveriesOn(subject, { mutation })
      const [claimed, moved] = await newDeliveries(subject, [-2, -1])
      assert.equal((await claims.claimOnce(claimed)).outcome, 'claimed')
      assert.equal((await claims.moveOnce(moved, { to: 'Expired' })).outcome, 'moved')
      for (const id of [claimed, moved]) assert.equal((await deliveryOf(subject, id)).dueMs, null)
      assert.deepEqual(await claims.reset(claimed), { outcome: 'reset' })
      const order = await deliveryOf(subject, claimed)
      assert.deepEqual([order.status, order.dueMs], ['Wait', null], 'nobody has paid again')
      assert.deepEqual(counted(await claims.drain(byEffect(subject))), { outcome: 'drained' })
    },
  },
  {
    name: 'an order of a callback that died, or whose work failed, goes to the worker, with its payment',
    async run(subject, mutation) {
      const claims = deliveriesOn(subject, { mutation })
      const [died, failed] = await newDeliveries(subject, [null, null])
      const held = heldWork()
      const callback = claims.leaseOnce(died, { leaseMs: 30_000, paymentId: 'p-1', work: held.work })
      callback.catch(() => {})
      await held.context
      const { dueMs, leaseMs } = await deliveryOf(subject, died)
      assert(dueMs !== null && leaseMs !== null && dueMs > 0 && Math.abs(dueMs - leaseMs) < 100)
      const fail = (): never => {
        throw new Error('not reached')
      }
      const options = { leaseMs: 30_000, paymentId: 'p-2', set: { note: 'paid' }, work: fail }
      await assert.rejects(claims.leaseOnce(failed, options), /not reached/)
      const waiting = await deliveryOf(subject, failed)
      assert.deepEqual([waiting.status, waiting.payment, waiting.attempts], ['Wait', 'p-2', 1])
      isDue(waiting.dueMs)
      assert.deepEqual(counted(await claims.drain(byEffect(subject))), { outcome: 'drained', taken: 1, done: 1 })
      await letLeaseRunOut(subject, died)
      const result = await claims.drain(byEffect(subject))
      assert.deepEqual(counted(result), { outcome: 'drained', taken: 1, takenOver: 1, done: 1 })
      held.end('too late')
      await assert.rejects(callback, { code: 'CLAIM_LOST' })
      for (const [id, payment] of [
        [died, 'p-1'],
        [failed, 'p-2'],
      ] as const) {
        const order = await deliveryOf(subject, id)
        assert.deepEqual([order.status, order.payment, order.dueMs], ['Y', payment, null])
        const second = await claims.claimOnce(id, { paymentId: 'p-9' })
        assert.equal(second.outcome, 'second_payment')
      }
    },
  },
  {
    name: 'an order whose claim has failed goes to the worker, with its payment; one that was not what was expected does not',
    async run(subject, mutation) {
      const claims = deliveriesOn(subject, { mutation })
      const [paid, mismatched] = await newDeliveries(subject, [null, null])
      const effect = (): never => {
        throw new Error('no such account')
      }
      const call = { paymentId: 'p-1', expect: { card: 'N0' }, set: { note: 'paid' }, effect }
      await assert.rejects(claims.claimOnce(paid, call), /no such account/)
      assert.equal((await claims.claimOnce(mismatched, call)).outcome, 'mismatch')
      assert.equal((await deliveryOf(subject, mismatched)).dueMs, null)
      const order = await deliveryOf(subject, paid)
      assert.deepEqual([order.status, order.payment, order.note, order.attempts], ['Wait', 'p-1', 'paid', 1])
      isDue(order.dueMs)
      const effectOfWorker = { effect: (tx: unknown) => deliver(subject, tx, paid) }
      assert.deepEqual(counted(await claims.drain(effectOfWorker)), { outcome: 'drained', taken: 1, done: 1 })
      assert.equal((await claims.claimOnce(paid, { paymentId: 'p-2' })).outcome, 'second_payment')
    },
  },
  {
    name: 'a callback and the worker at once: one of them has the order',
    needs: ['lock time-out'],
    async run(subject, mutation) {
      const claims = deliveriesOn(subject, { mutation })
      const ids = await newDeliveries(subject, [-5, -4, -3, -2, -1])
      const [result, ...callbacks] = await Promise.all([
        claims.drain(byEffect(subject), { batchSize: 1 }),
        ...ids.map((id) => claims.claimOnce(id, { effect: (tx) => deliver(subject, tx, id) })),
      ])
      const claimed = callbacks.filter(({ outcome }) => outcome === 'claimed').length
      assert.equal(result.done + claimed, 5)
      const rows = await subject.query('select delivery_id from delivered')
      assert.equal(rows.length, 5)
    },
  },
]
