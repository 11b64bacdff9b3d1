import assert from 'node:assert/strict'
import type { Case } from './cases.ts'
import { leasesOn, ONE_STRATEGY } from './leased-order.ts'
import { COMMIT, Line } from './lost-answers.ts'
import { recharge, rowOf } from './recharge.ts'
import type { Subject, TestedClaims } from './subject.ts'

const RECEIPT = { receipt: 7, note: `it's "paid" \\ ü € 💶 \u0000 \u2028`, lines: [1.5, null, true] }

/** What a duplicate is given. */
async function valueOf({ claimOnce }: TestedClaims, id: number): Promise<unknown> {
  const later = await claimOnce(id)
  assert(later.outcome === 'duplicate')
  return later.value
}

const returning =
  (subject: Subject, value: unknown) =>
  (tx: unknown): unknown =>
    recharge(subject, tx, value)

/** What an effect returned, for whoever asks later. */
export const RESULT_CASES: readonly Case[] = [
  {
    name: 'a duplicate is given what the effect of the first call returned',
    async run(subject, strategy, mutation) {
      const claims = leasesOn(subject, { strategy, mutation })
      for (const value of [RECEIPT, 'text', 0, false, null, []]) {
        const id = await subject.shop.newOrder()
        const first = await claims.claimOnce(id, { effect: returning(subject, value) })
        assert(first.outcome === 'claimed')
        assert.deepEqual(first.value, value)
        assert.deepEqual(await valueOf(claims, id), value)
      }
      for (const effect of [undefined, returning(subject, undefined)]) {
        const id = await subject.shop.newOrder()
        await claims.claimOnce(id, effect === undefined ? {} : { effect })
        assert.equal(await valueOf(claims, id), undefined)
      }
      assert(!claims.events.some(({ type }) => type === 'result_not_kept'))
    },
  },
  {
    name: 'a call that is recovered is given what its effect had returned',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce } = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      line.arm(COMMIT, 'done, not answered')
      const result = await claimOnce(id, { effect: returning(subject, RECEIPT) })
      assert(result.outcome === 'claimed')
      assert.deepEqual([result.recovered, result.value], [true, RECEIPT])
    },
  },
  {
    name: 'a result that is too long, or no JSON, is not kept, and the claim stands',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const claims = leasesOn(subject, { strategy, mutation, config: { resultMaxBytes: 20 } })
      const circle: { self?: unknown } = {}
      circle.self = circle
      const values = ['x'.repeat(18), 'x'.repeat(19), 'ü'.repeat(4), 7n, circle, () => 7]
      const kept: unknown[] = []
      for (const value of values) {
        const id = await subject.shop.newOrder()
        const first = await claims.claimOnce(id, { effect: returning(subject, value) })
        assert(first.outcome === 'claimed')
        assert.equal(first.value, value)
        kept.push(await valueOf(claims, id))
      }
      assert.deepEqual(kept, ['x'.repeat(18), ...values.slice(1).map(() => undefined)])
      assert.equal(claims.events.filter(({ type }) => type === 'result_not_kept').length, values.length - 1)
    },
  },
  {
    name: 'the result of what was rolled back is not kept',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const claims = leasesOn(subject, { strategy, mutation, adapter: line.adapter, config: { resolveTimeoutMs: 0 } })
      const id = await subject.shop.newOrder()
      line.arm(COMMIT, 'never sent')
      await assert.rejects(claims.claimOnce(id, { effect: returning(subject, 'first') }), { code: 'CLAIM_UNKNOWN' })
      const row = await rowOf(subject, id)
      assert.deepEqual([row['status'], row['result']], ['Wait', null])
      assert.equal((await claims.claimOnce(id, { effect: returning(subject, 'second') })).outcome, 'claimed')
      assert.equal(await valueOf(claims, id), 'second')
    },
  },
  {
    name: 'the result of an earlier claim is not handed on by a later one',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const claims = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      await claims.claimOnce(id, { effect: returning(subject, 'first') })
      // By hand, and not by reset(), which would leave nothing of it.
      await subject.query(`update orders set status = 'Wait' where order_id = ${id}`)
      assert.equal((await claims.claimOnce(id)).outcome, 'claimed')
      assert.equal(await valueOf(claims, id), undefined)
    },
  },
  {
    name: 'an effect may move its order on, and its result is kept all the same',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const claims = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const result = await claims.claimOnce(id, {
        effect(tx) {
          const done = subject.through(tx, `update orders set status = 'Shipped' where order_id = ${id}`)
          return done instanceof Promise ? done.then(() => 'shipped') : 'shipped'
        },
      })
      assert.equal(result.outcome, 'claimed')
      assert.equal(await subject.shop.statusOf(id), 'Shipped')
      assert.equal(await valueOf(claims, id), 'shipped')
    },
  },
]
