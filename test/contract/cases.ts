import assert from 'node:assert/strict'
import type { StrategyName } from '../../src/config.ts'
import type { MssqlTrait } from '../support/mssql-traits.ts'
import { credit, measure, rowOf } from './recharge.ts'
import { beforeTheUpdate, claimsOn } from './subject.ts'
import type { Mutation, Subject } from './subject.ts'

/** A rule of the contract, shown on one subject with one strategy. */
export interface Case {
  readonly name: string
  /** Left out where the family has no such thing. Default: every family. */
  readonly family?: Subject['family']
  /** What of SQL Server it needs. Default: nothing that other T-SQL servers have not. */
  readonly needs?: readonly MssqlTrait[]
  /** The strategies with which it is run, where not each has a say in it. Default: all. */
  readonly strategies?: readonly StrategyName[]
  readonly run: (subject: Subject, strategy: StrategyName, mutation?: Mutation) => Promise<void>
}

export const CASES: readonly Case[] = [
  {
    name: 'a waiting order is claimed, and a second callback is a duplicate',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const before = Date.now()
      assert.deepEqual(await claimOnce(id), {
        outcome: 'claimed',
        reply: 'handled',
        value: undefined,
        recovered: false,
        provisional: false,
      })
      const second = await claimOnce(id)
      assert(second.outcome === 'duplicate')
      assert.equal(second.reply, 'handled')
      assert.equal(second.status, 'Y')
      assert(second.claimedAt !== null && Math.abs(second.claimedAt.getTime() - before) < 60_000)
      assert.equal(await subject.shop.statusOf(id), 'Y')
    },
  },
  {
    name: 'the effect runs once, in the claim, on the columns it asked for',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder({ account_id: 2 })
      const credited = await measure(subject, 2)
      const seen: unknown[] = []
      const call = () =>
        claimOnce(id, {
          read: ['account_id', 'currency'],
          effect(tx, order, { attempt }) {
            seen.push({ ...(order as object), attempt })
            const done = subject.through(tx, credit(2, '42.00'))
            return done instanceof Promise ? done.then(() => 'paid') : 'paid'
          },
        })
      const first = await call()
      assert(first.outcome === 'claimed')
      assert.equal(first.value, 'paid')
      assert.equal((await call()).outcome, 'duplicate')
      assert.deepEqual(seen, [{ account_id: 2, currency: 'CNY', attempt: 1 }])
      assert.equal(await credited(), 42)
    },
  },
  {
    name: 'an effect that fails is undone, its error is thrown unchanged, and the order waits',
    async run(subject, strategy, mutation) {
      const { claimOnce, events } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const failure = new Error('no such account')
      const effect = (tx: unknown): unknown => {
        const fail = (): never => {
          throw failure
        }
        const done = subject.through(tx, credit(1, '42.00'))
        return done instanceof Promise ? done.then(fail) : fail()
      }
      await assert.rejects(claimOnce(id, { effect }), (error) => error === failure)
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      assert.equal(await credited(), 0)
      assert.deepEqual(
        events.map(({ type }) => type),
        ['effect_failed', 'failed'],
      )
      assert.equal(
        (await claimOnce(id, { effect: (tx) => subject.through(tx, credit(1, '42.00')) })).outcome,
        'claimed',
      )
      assert.equal(await credited(), 42)
    },
  },
  {
    name: 'of ten calls at once one claims, and the effect happens once',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const credited = await measure(subject)
      for (const effect of [undefined, (tx: unknown) => subject.through(tx, credit(1, '1.00'))]) {
        const id = await subject.shop.newOrder()
        // None of them may run out of time on a slow machine: that would be busy.
        const options = { timeoutMs: 20_000, ...(effect === undefined ? {} : { effect }) }
        const outcomes = await Promise.all(
          Array.from({ length: 10 }, () => claimOnce(id, options).then(({ outcome }) => outcome)),
        )
        assert.deepEqual(outcomes.sort(), ['claimed', ...Array.from({ length: 9 }, () => 'duplicate')])
      }
      assert.equal(await credited(), 1)
    },
  },
  {
    name: 'calls with different strategies, and a hand-written guarded claim, have one winner',
    async run(subject, strategy, mutation) {
      const id = await subject.shop.newOrder()
      const strategies = [strategy, 'optimistic', 'conditional', 'pessimistic', strategy] as const
      const results = await Promise.all([
        ...strategies.map((name) => claimsOn(subject, { strategy: name, mutation }).claimOnce(id)),
        subject.query(`update orders set status = 'Y' where order_id = ${id} and status = 'Wait'`),
      ])
      const claimed = results.filter((result) => 'outcome' in result && result.outcome === 'claimed')
      const token = (await rowOf(subject, id))['claim_token']
      // The hand-written one writes no token; whoever has won, there is one of them.
      assert.equal(claimed.length, token === null ? 0 : 1)
    },
  },
  {
    name: 'there is no such order, or it is in another state',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      assert.deepEqual(await claimOnce(987_654), { outcome: 'not_found', reply: 'call_again', provisional: false })
      const cancelled = await subject.shop.newOrder({ status: 'Cancelled' })
      assert.deepEqual(await claimOnce(cancelled), {
        outcome: 'wrong_status',
        reply: 'review',
        status: 'Cancelled',
        provisional: false,
      })
      const shipped = await claimOnce(await subject.shop.newOrder({ status: 'Shipped' }))
      assert.deepEqual([shipped.outcome, shipped.reply], ['duplicate', 'handled'])
      const lower = await claimOnce(await subject.shop.newOrder({ status: 'wait' }))
      assert.equal(lower.outcome, 'wrong_status')
    },
  },
  {
    name: 'an order that is not the one paid for is a mismatch, and is not claimed',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const result = await claimOnce(id, { expect: { amount: '42.01', currency: 'cny', account_id: 1, note: null } })
      assert(result.outcome === 'mismatch')
      assert.equal(result.reply, 'review')
      assert.deepEqual(
        result.columns.map(({ column, expected }) => [column, expected]),
        [
          ['amount', '42.01'],
          ['currency', 'cny'],
        ],
      )
      assert.deepEqual(
        result.columns.map(({ actual }) => Number(actual) || actual),
        [42, 'CNY'],
      )
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      assert.equal((await claimOnce(id, { expect: { amount: '42', currency: 'CNY', note: null } })).outcome, 'claimed')
      assert.equal(
        (await claimOnce(id, { expect: { amount: '1' } })).outcome,
        'duplicate',
        'status comes before expect',
      )
    },
  },
  {
    name: 'another payment of a claimed order is no duplicate',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      assert.equal((await claimOnce(id, { paymentId: 'p-1' })).outcome, 'claimed')
      assert.equal((await claimOnce(id, { paymentId: 'p-1' })).outcome, 'duplicate')
      assert.equal((await claimOnce(id)).outcome, 'duplicate')
      const second = await claimOnce(id, { paymentId: 'P-1' })
      assert(second.outcome === 'second_payment')
      assert.deepEqual([second.reply, second.claimedBy, second.paymentId], ['review', 'p-1', 'P-1'])
    },
  },
  {
    name: 'a claim writes its columns, and moves the version on',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const before = await rowOf(subject, id)
      await claimOnce(id, { set: { note: "it's paid" }, paymentId: 'p-2' })
      const row = await rowOf(subject, id)
      assert.deepEqual([row['note'], row['gateway_txn']], ["it's paid", 'p-2'])
      assert(subject.hasMoved(before['row_version'], row['row_version'], 1))
      assert.match(String(row['claim_token']), /^[\da-f-]{36}$/)
    },
  },
  {
    name: 'an order that was put back can be claimed once more, and nothing of the first claim is on it',
    async run(subject, strategy, mutation) {
      const { claimOnce, reset } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const before = await rowOf(subject, id)
      assert.deepEqual(await reset(id), { outcome: 'already_waiting' })
      await claimOnce(id, { paymentId: 'p-3' })
      assert.deepEqual(await reset(id), { outcome: 'reset' })
      const row = await rowOf(subject, id)
      assert.deepEqual(
        [row['status'], row['claim_token'], row['claimed_at'], row['gateway_txn']],
        ['Wait', null, null, null],
      )
      assert(subject.hasMoved(before['row_version'], row['row_version'], 2))
      assert.equal((await claimOnce(id, { paymentId: 'p-4' })).outcome, 'claimed')
      assert.deepEqual(await reset(987_654), { outcome: 'not_found' })
      const done = await subject.shop.newOrder({ status: 'Done' })
      assert.deepEqual(await reset(done), { outcome: 'wrong_status', status: 'Done' })
    },
  },
  {
    name: 'an order that was edited between look and claim is claimed, not called a duplicate',
    async run(subject, strategy, mutation) {
      const id = await subject.shop.newOrder()
      const adapter = strategy === 'pessimistic' ? undefined : wrapping(() => subject.edit(id))
      const { claimOnce } = claimsOn(subject, { strategy, mutation, ...(adapter && { adapter }) })
      assert.equal((await claimOnce(id)).outcome, 'claimed')
    },
  },
  {
    name: 'an order that other code claimed between look and claim, without a version, is a duplicate',
    async run(subject, strategy, mutation) {
      if (strategy === 'pessimistic') return // its row is locked in between: other code waits
      const id = await subject.shop.newOrder()
      const adapter = wrapping(() => subject.query(`update orders set status = 'Y' where order_id = ${id}`))
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter })
      assert.equal((await claimOnce(id)).outcome, 'duplicate')
    },
  },
  {
    name: 'what the call expects is a part of the claim itself',
    async run(subject, strategy, mutation) {
      if (strategy === 'pessimistic') return // its row is locked in between
      const id = await subject.shop.newOrder()
      const adapter = wrapping(() => subject.query(`update orders set amount = 1 where order_id = ${id}`))
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter })
      assert.equal((await claimOnce(id, { expect: { amount: '42.00' } })).outcome, 'mismatch')
      assert.equal(await subject.shop.statusOf(id), 'Wait')
    },
  },
  {
    name: "in the caller's transaction a claim is provisional: the caller decides",
    async run(subject, strategy, mutation) {
      const { claimOnce, reset } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      await claimOnce(987_654) // the table is described before, on a connection of its own
      const first = await subject.begin()
      const result = await claimOnce(id, { transaction: first.tx })
      assert(result.outcome === 'claimed' && result.provisional)
      assert.match(result.token ?? '', /^[\da-f-]{36}$/)
      await first.rollback()
      assert.equal(await subject.shop.statusOf(id), 'Wait')

      const second = await subject.begin()
      assert.equal((await claimOnce(id, { transaction: second.tx })).outcome, 'claimed')
      assert.equal((await claimOnce(id, { transaction: second.tx })).outcome, 'duplicate')
      await second.commit()
      assert.equal((await claimOnce(id)).outcome, 'duplicate')

      const third = await subject.begin()
      assert.equal((await reset(id, { transaction: third.tx })).outcome, 'reset')
      await third.rollback()
      assert.equal(await subject.shop.statusOf(id), 'Y')
    },
  },
  {
    name: 'ids are compared as themselves',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      for (const crafted of [` ${id}`, `${id}.0`, `${id}e0`, `0${id}`, `${id}abc`, `+${id}`, `${id} `, '']) {
        assert.equal((await claimOnce(crafted)).outcome, 'not_found', JSON.stringify(crafted))
      }
      for (const wrong of [[id], { order_id: id }, true, NaN, id + 0.5, 2 ** 53 + 2, null, undefined]) {
        await assert.rejects(claimOnce(wrong), { code: 'CLAIM_INPUT', reply: 'review' })
      }
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      assert.equal((await claimOnce(BigInt(id))).outcome, 'claimed')
      assert.equal((await claimOnce(String(id))).outcome, 'duplicate')
    },
  },
  {
    name: 'options that nobody reads, or that exclude each other, are refused before any SQL',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const effect = (): void => {}
      const wrong = [
        { stratgy: 'optimistic' },
        { read: ['amount'] },
        { effect, transaction: {} },
        { set: { status: 'Y' } },
        { set: { ROW_VERSION: 7 } },
        { set: { nothing: 1 } },
        { set: { note: ['a'] as unknown as string } },
        { expect: { nothing: 1 } },
        { expect: { amount: 42.5 } },
        { effect, read: ['nothing'] },
        { timeoutMs: 0 },
        { timeoutMs: 500, lockTimeoutMs: 500 },
        { retries: -1 },
        { paymentId: '' },
      ]
      for (const options of wrong) {
        await assert.rejects(claimOnce(id, options), { code: 'CLAIM_INPUT' }, JSON.stringify(options))
      }
      assert.equal(await subject.shop.statusOf(id), 'Wait')
    },
  },
  {
    name: 'a call tells how it ended, once',
    async run(subject, strategy, mutation) {
      const { claimOnce, events } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const result = await claimOnce(id)
      assert.equal(events.length, 1)
      const [event] = events
      assert(event?.type === 'outcome')
      assert.deepEqual([event.orderId, event.strategy, event.attempt, event.result], [id, strategy, 1, result])
    },
  },
]

const wrapping =
  (interfere: () => Promise<unknown>) =>
  (adapter: Subject['adapter']): Subject['adapter'] =>
    beforeTheUpdate(adapter, interfere)
