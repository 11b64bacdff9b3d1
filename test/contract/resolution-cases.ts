import assert from 'node:assert/strict'
import type { StrategyName } from '../../src/config.ts'
import { until } from '../support/until.ts'
import type { Case } from './cases.ts'
import { isBlocked } from './is-blocked.ts'
import { COMMIT, Line, UPDATE } from './lost-answers.ts'
import { measure, recharge } from './recharge.ts'
import { claimsOn } from './subject.ts'
import type { Subject } from './subject.ts'

/** What decides a bare claim: an UPDATE that commits by itself, or COMMIT. */
const decisive = ({ adapter }: Subject, strategy: StrategyName): RegExp =>
  adapter.tellsSession && strategy !== 'pessimistic' ? UPDATE : COMMIT

const RECOVERED = { outcome: 'claimed', reply: 'handled', value: undefined, recovered: true, provisional: false }

/** A claim of which the answer is lost is found out within the call. */
export const RESOLUTION_CASES: readonly Case[] = [
  {
    name: 'COMMIT was done and its answer lost: recovered, and the effect happens once',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce, events } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      let runs = 0
      line.arm(COMMIT, 'done, not answered')
      const call = () =>
        claimOnce(id, {
          effect(tx) {
            runs += 1
            return recharge(subject, tx, 'paid')
          },
        })
      assert.deepEqual(await call(), RECOVERED)
      assert.deepEqual([runs, await credited(), await subject.shop.statusOf(id)], [1, 42, 'Y'])
      assert.deepEqual(line.sent.filter((sql) => COMMIT.test(sql)).length, 1, 'COMMIT is never sent twice')
      const unknown = events.filter(({ type }) => type === 'unknown')
      assert.deepEqual(
        unknown.map((event) => event.type === 'unknown' && event.phase),
        ['commit'],
      )
      assert.equal((await call()).outcome, 'duplicate')
      assert.equal(runs, 1)
    },
  },
  {
    name: 'COMMIT never arrived: claimed now, and what stands is the second run of the effect',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const attempts: number[] = []
      line.arm(COMMIT, 'never sent')
      const result = await claimOnce(id, {
        effect(tx, _order, { attempt }) {
          attempts.push(attempt)
          return recharge(subject, tx, attempts.length)
        },
      })
      assert(result.outcome === 'claimed')
      assert.deepEqual([result.recovered, result.value], [false, 2])
      assert.deepEqual([attempts.length, await credited(), await subject.shop.statusOf(id)], [2, 42, 'Y'])
      assert(attempts[0]! < attempts[1]!)
    },
  },
  {
    name: 'the claiming statement of a claim with an effect, done and not answered: the server rolls it back, claimed now',
    async run(subject, strategy, mutation) {
      if (subject.family === 'sqlite') return // its error would say that nothing was done
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      line.arm(UPDATE, 'done, not answered')
      const result = await claimOnce(id, { effect: (tx) => recharge(subject, tx, 'paid') })
      assert(result.outcome === 'claimed')
      assert.deepEqual([result.recovered, result.value, await credited()], [false, 'paid', 42])
    },
  },
  {
    name: 'a bare claim that was done and not answered is recovered',
    async run(subject, strategy, mutation) {
      const statement = decisive(subject, strategy)
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      line.arm(statement, 'done, not answered')
      assert.deepEqual(await claimOnce(id), RECOVERED)
      assert.equal((await claimOnce(id)).outcome, 'duplicate')
    },
  },
  {
    name: 'a bare claim that never arrived is claimed now',
    async run(subject, strategy, mutation) {
      const statement = decisive(subject, strategy)
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      line.arm(statement, 'never sent')
      assert.deepEqual(await claimOnce(id), { ...RECOVERED, recovered: false })
      assert.equal(await subject.shop.statusOf(id), 'Y')
    },
  },
  {
    name: 'somebody else has claimed it meanwhile: a duplicate, and nothing is recovered',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const other = `status = 'Y', claim_token = '00000000-0000-4000-8000-000000000000'`
      line.arm(COMMIT, 'never sent', () =>
        subject.query(`update orders set ${other} where order_id = ${id} and status = 'Wait'`),
      )
      const result = await claimOnce(id, { effect: (tx) => recharge(subject, tx, 'paid') })
      assert.deepEqual([result.outcome, await credited()], ['duplicate', 0])
    },
  },
  {
    name: 'an order that has moved on since is recovered all the same',
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      for (const status of ['Shipped', 'Refunded']) {
        const id = await subject.shop.newOrder()
        line.arm(COMMIT, 'done, not answered', () =>
          subject.query(`update orders set status = '${status}' where order_id = ${id}`),
        )
        assert.deepEqual(await claimOnce(id, { effect: (tx) => recharge(subject, tx, 'paid') }), RECOVERED)
        assert.equal(await subject.shop.statusOf(id), status)
      }
    },
  },
  {
    name: 'a claiming statement that arrives late finds no waiting order any more',
    // A pessimistic claim has its row locked, until the server notices that its connection is gone: nobody can overtake it.
    strategies: ['conditional', 'optimistic'],
    async run(subject, strategy, mutation) {
      if (subject.family === 'sqlite') return // nothing is on its way there
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const credited = await measure(subject)
      for (const effect of [undefined, (tx: unknown) => recharge(subject, tx, 'paid')]) {
        const id = await subject.shop.newOrder()
        line.arm(UPDATE, 'on its way')
        const result = await claimOnce(id, effect === undefined ? {} : { effect })
        assert(result.outcome === 'claimed')
        assert.equal(result.recovered, false)
        assert.equal(await line.arrive(), 0)
        assert.equal((await claimOnce(id)).outcome, 'duplicate')
      }
      assert.equal(await credited(), 42)
    },
  },
  {
    name: 'a COMMIT that arrives while it is being found out: recovered, and the effect happens once',
    async run(subject, strategy, mutation) {
      if (subject.family === 'sqlite') return // nothing is on its way there
      const line = new Line()
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      let isLost = false
      line.arm(COMMIT, 'on its way', () => (isLost = true))
      const call = claimOnce(id, { effect: (tx) => recharge(subject, tx, 'paid') })
      let isSettled = false
      void call.finally(() => (isSettled = true)).catch(() => {})
      const asks = async (): Promise<boolean> => isLost && (isSettled || (await isBlocked(subject, 'orders')))
      await until(asks, 'it is being found out')
      await line.arrive()
      assert.deepEqual(await call, RECOVERED)
      assert.equal(await credited(), 42)
    },
  },
]
