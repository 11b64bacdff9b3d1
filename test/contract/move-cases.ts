import assert from 'node:assert/strict'
import type { Case } from './cases.ts'
import { leasedOrder, leasesOn, ONE_STRATEGY } from './leased-order.ts'
import { COMMIT, Line } from './lost-answers.ts'
import { measure, recharge, rowOf } from './recharge.ts'
import { whileBegun } from './while-held.ts'

const ROUNDS = 20

/** A waiting order is moved to where nobody claims it. */
export const MOVE_CASES: readonly Case[] = [
  {
    name: 'a waiting order is moved once, with its effect, and a payment that comes later is for review',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { moveOnce, claimOnce, reset } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const before = await leasedOrder(subject, id)
      const seen: unknown[] = []
      const move = () =>
        moveOnce(id, {
          to: 'Expired',
          expect: { amount: '42.00', note: null },
          set: { note: 'too late' },
          read: ['account_id'],
          effect(tx, order) {
            seen.push({ ...(order as object) })
            return recharge(subject, tx, 'put back')
          },
        })
      assert.deepEqual(await move(), { outcome: 'moved', value: 'put back', provisional: false })
      assert.deepEqual(await move(), { outcome: 'already_moved' })
      assert.deepEqual([seen, await credited()], [[{ account_id: 1 }], 42])
      const after = await leasedOrder(subject, id)
      assert.deepEqual([after.status, after.token, after.claimedAt, after.attempts], ['Expired', null, null, 0])
      assert(subject.hasMoved(before.version, after.version, 1))
      assert.equal((await rowOf(subject, id))['note'], 'too late')
      assert.deepEqual(await claimOnce(id, { paymentId: 'p-1' }), {
        outcome: 'wrong_status',
        reply: 'review',
        status: 'Expired',
        provisional: false,
      })
      assert.deepEqual(await reset(id), { outcome: 'wrong_status', status: 'Expired' })
    },
  },
  {
    name: 'what cannot be moved says why, and is not touched',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { moveOnce, claimOnce } = leasesOn(subject, { strategy, mutation })
      for (const to of ['Refunded', 'Wait', 'Y', 'expired', '']) {
        await assert.rejects(moveOnce(1, { to }), { code: 'CLAIM_INPUT' }, to)
      }
      const id = await subject.shop.newOrder()
      for (const wrong of [{ strategy }, { paymentId: 'p-1' }, { read: ['amount'] }, { set: { status: 'Y' } }]) {
        await assert.rejects(moveOnce(id, { to: 'Expired', ...wrong }), { code: 'CLAIM_INPUT' }, JSON.stringify(wrong))
      }
      for (const unknown of [987_654, `${id}abc`, `0${id}`]) {
        assert.deepEqual(await moveOnce(unknown, { to: 'Expired' }), { outcome: 'not_found' })
      }
      const mismatch = await moveOnce(id, { to: 'Expired', expect: { amount: '1' } })
      assert(mismatch.outcome === 'mismatch')
      assert.deepEqual(
        mismatch.columns.map(({ column, expected }) => [column, expected]),
        [['amount', '1']],
      )
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      await claimOnce(id)
      assert.deepEqual(await moveOnce(id, { to: 'Expired' }), { outcome: 'wrong_status', status: 'Y' })
      for (const status of ['Cancelled', 'Shipped', 'Failed', 'Refunded']) {
        const elsewhere = await subject.shop.newOrder({ status })
        assert.deepEqual(await moveOnce(elsewhere, { to: 'Expired' }), { outcome: 'wrong_status', status })
        assert.equal(await subject.shop.statusOf(elsewhere), status)
      }
    },
  },
  {
    name: 'a move whose effect fails is undone, and is no failed attempt of a claim',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { moveOnce } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const failure = new Error('no shelf')
      const call = moveOnce(id, {
        to: 'Cancelled',
        effect(tx) {
          const fail = (): never => {
            throw failure
          }
          const done = recharge(subject, tx, null)
          return done instanceof Promise ? done.then(fail) : fail()
        },
      })
      await assert.rejects(call, (error) => error === failure)
      const { status, attempts, lastError } = await leasedOrder(subject, id)
      assert.deepEqual([status, attempts, lastError, await credited()], ['Wait', 0, null, 0])
      assert.equal((await moveOnce(id, { to: 'Cancelled' })).outcome, 'moved')
    },
  },
  {
    name: 'of a payment and a move in the same instant exactly one has the order',
    async run(subject, strategy, mutation) {
      const { moveOnce, claimOnce } = leasesOn(subject, { strategy, mutation })
      const credited = await measure(subject)
      let claims = 0
      for (let round = 1; round <= ROUNDS; round += 1) {
        const id = await subject.shop.newOrder()
        const ample = { timeoutMs: 20_000 }
        const claim = () => claimOnce(id, { ...ample, effect: (tx) => recharge(subject, tx, 'paid') })
        const move = () => moveOnce(id, { ...ample, to: 'Expired' })
        const calls = round % 2 === 0 ? [claim(), move()] : [move(), claim()]
        const outcomes = (await Promise.all(calls)).map(({ outcome }) => outcome).sort()
        const status = await subject.shop.statusOf(id)
        if (status === 'Y') claims += 1
        const winner = status === 'Y' ? 'claimed' : 'moved'
        assert.deepEqual(outcomes, [winner, 'wrong_status'].sort(), `${round}: ${status}`)
      }
      assert.equal(await credited(), 42 * claims)
    },
  },
  {
    name: "in the caller's transaction a move is provisional: the caller decides",
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const { moveOnce, claimOnce } = leasesOn(subject, { strategy, mutation })
      await claimOnce(987_654) // the table is described before, on a connection of its own
      const id = await subject.shop.newOrder()
      const moved = { outcome: 'moved', value: undefined, provisional: true }
      const move = (transaction: unknown) => moveOnce(id, { to: 'Expired', transaction })
      assert.deepEqual(await whileBegun(subject, move, 'rollback'), moved)
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      assert.deepEqual(await whileBegun(subject, move, 'commit'), moved)
      assert.deepEqual(await whileBegun(subject, move, 'commit'), { outcome: 'already_moved' })
      assert.equal(await subject.shop.statusOf(id), 'Expired')
    },
  },
  {
    name: 'a move that nobody has answered is unknown, and is found out by calling it again',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      for (const fate of ['done, not answered', 'never sent'] as const) {
        const line = new Line()
        const { moveOnce } = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
        const id = await subject.shop.newOrder()
        const credited = await measure(subject)
        const move = () => moveOnce(id, { to: 'Expired', effect: (tx) => recharge(subject, tx, 'put back') })
        line.arm(COMMIT, fate)
        await assert.rejects(move(), { code: 'CLAIM_UNKNOWN', reply: 'call_again' })
        const { outcome } = await move()
        assert.equal(outcome, fate === 'never sent' ? 'moved' : 'already_moved')
        assert.equal(await credited(), 42)
      }
    },
  },
]
