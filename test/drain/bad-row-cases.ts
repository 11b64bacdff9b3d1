import assert from 'node:assert/strict'
import type { Adapter, Session } from '../../src/adapters/adapter.ts'
import type { Subject } from '../contract/subject.ts'
import { counted, deliver, delivered, deliveriesOn, deliveryOf, newDeliveries, statuses } from './deliveries.ts'
import { byEffect, idIn } from './drain-cases.ts'
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

const byBatch = (subject: Subject) => ({
  read: ['delivery_id'],
  batch: (tx: unknown, orders: unknown): unknown => deliver(subject, tx, ...(orders as object[]).map(idIn)),
})

/** Rows that are not as a worker expects them, and options at their limits. */
export const BAD_ROW_CASES: readonly DrainCase[] = [
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
]
