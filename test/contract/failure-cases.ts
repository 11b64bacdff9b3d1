import assert from 'node:assert/strict'
import { withFaults } from '../../src/testing/faults/with-faults.ts'
import type { EffectContext } from '../../src/options.ts'
import { until } from '../support/until.ts'
import type { Case } from './cases.ts'
import { isBlocked } from './is-blocked.ts'
import { leasedOrder, leasesOn, ONE_STRATEGY } from './leased-order.ts'
import { COMMIT, Line } from './lost-answers.ts'
import { measure, recharge } from './recharge.ts'
import type { Subject } from './subject.ts'

/** How many characters of a text `last_error` of the test shops holds. */
const HOLDS = { mysql: 200, mssql: 200, sqlite: 4000 } as const satisfies Record<Subject['family'], number>

/** An effect that fails when all its work is done. */
const failing =
  (subject: Subject, error: unknown) =>
  (tx: unknown): unknown => {
    const fail = (): never => {
      throw error
    }
    const done = recharge(subject, tx, null)
    return done instanceof Promise ? done.then(fail) : fail()
  }

/** An effect that takes all the time that there is; where it must be done at once, by doing nothing else. */
const tooSlow =
  ({ adapter }: Subject, ms: number) =>
  (_tx: unknown, _order: unknown, { signal }: EffectContext): unknown => {
    if (!adapter.synchronous) return new Promise((resolve) => signal.addEventListener('abort', resolve))
    for (const end = performance.now() + ms; performance.now() < end;);
    return undefined
  }

const cutToTheColumn = (what: string, characters: readonly string[], needs: Case['needs'] = []): Case => ({
  name: `what is noted is cut to the column, ${what}`,
  strategies: ONE_STRATEGY,
  needs,
  async run(subject, strategy, mutation) {
    const { claimOnce, events } = leasesOn(subject, { strategy, mutation })
    for (const character of characters) {
      const id = await subject.shop.newOrder()
      const error = new Error(character.repeat(5000))
      await assert.rejects(claimOnce(id, { effect: failing(subject, error) }))
      const { attempts, lastError } = await leasedOrder(subject, id)
      assert.equal(attempts, 1, JSON.stringify(character))
      const { length } = String(lastError)
      const most = HOLDS[subject.family]
      assert(character === 'x' ? length === most : length > 0 && length <= most, `${length}`)
    }
    assert(!events.some(({ type }) => type === 'failure_not_noted'))
  },
})

/** An effect that has failed is written down beside its order, which waits. */
export const FAILURE_CASES: readonly Case[] = [
  {
    name: 'a failing effect is noted beside the order, which waits; reset() leaves nothing of it',
    async run(subject, strategy, mutation) {
      const { claimOnce, reset, events } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const before = await leasedOrder(subject, id)
      for (const attempts of [1, 2]) {
        const failure = new TypeError(`no such account,\n  ${attempts}`)
        await assert.rejects(claimOnce(id, { effect: failing(subject, failure) }), (error) => error === failure)
        const noted = await leasedOrder(subject, id)
        assert.deepEqual(
          [noted.status, noted.attempts, noted.lastError, noted.token, noted.claimedAt],
          ['Wait', attempts, `TypeError: no such account, ${attempts}`, null, null],
        )
        // It is no passage of the order. A rowversion moves with every update.
        if (subject.family !== 'mssql') assert.equal(noted.version, before.version)
      }
      assert.equal(await credited(), 0)
      assert.deepEqual(
        events.map(({ type }) => type),
        ['effect_failed', 'failed', 'effect_failed', 'failed'],
      )
      assert.equal((await claimOnce(id, { effect: (tx) => recharge(subject, tx, 'paid') })).outcome, 'claimed')
      assert.deepEqual(await reset(id), { outcome: 'reset' })
      const after = await leasedOrder(subject, id)
      assert.deepEqual([after.status, after.attempts, after.lastError, after.result], ['Wait', 0, null, null])
    },
  },
  cutToTheColumn('whatever characters it has', ['x', 'ü', '💶', '\ud800']),
  cutToTheColumn('also with U+0000 in it', ['\u0000'], ['nul characters']),
  {
    name: 'an effect that takes longer than it may is noted too',
    async run(subject, strategy, mutation) {
      const { claimOnce } = leasesOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      await claimOnce(987_654)
      const call = claimOnce(id, { timeoutMs: 500, lockTimeoutMs: 'server', effect: tooSlow(subject, 600) })
      await assert.rejects(call, { code: 'CLAIM_TIMEOUT' })
      const { status, attempts, lastError } = await leasedOrder(subject, id)
      assert.deepEqual([status, attempts], ['Wait', 1])
      assert.match(String(lastError), /^ClaimError: timeoutMs passed/)
    },
  },
  {
    name: 'an effect that fails while its claim is being found out is noted too',
    strategies: ONE_STRATEGY,
    async run(subject, strategy, mutation) {
      const line = new Line()
      const { claimOnce } = leasesOn(subject, { strategy, mutation, adapter: line.adapter })
      const id = await subject.shop.newOrder()
      const credited = await measure(subject)
      const failure = new Error('not now')
      let runs = 0
      line.arm(COMMIT, 'never sent')
      const call = claimOnce(id, {
        effect(tx) {
          runs += 1
          return runs === 1 ? recharge(subject, tx, 'paid') : failing(subject, failure)(tx)
        },
      })
      await assert.rejects(call, (error) => error === failure)
      const { status, attempts, lastError } = await leasedOrder(subject, id)
      assert.deepEqual([status, attempts, lastError], ['Wait', 1, 'Error: not now'])
      assert.deepEqual([runs, await credited()], [2, 0])
    },
  },
  {
    name: 'a failure is noted also where somebody else has the row for a moment; where it cannot be, that is told',
    strategies: ONE_STRATEGY,
    needs: ['lock time-out'],
    async run(subject, strategy, mutation) {
      if (subject.family === 'sqlite') return // there nobody waits for a row
      const { claimOnce, events } = leasesOn(subject, { strategy, mutation })
      await claimOnce(987_654)
      for (const keeps of [false, true]) {
        const id = await subject.shop.newOrder()
        const failure = new Error('not now')
        const holder = await subject.begin()
        let held: unknown = null
        const call = claimOnce(id, {
          timeoutMs: 10_000,
          async effect() {
            // It gets the row when the claim is rolled back, before the failure can be noted.
            held = subject.through(holder.tx, `update orders set note = 'held' where order_id = ${id}`)
            await until(() => isBlocked(subject, 'held'), 'somebody else waits for the row')
            throw failure
          },
        })
        const ends = async (): Promise<void> => {
          await held
          await holder.commit()
        }
        const over = keeps ? call.catch(() => {}).then(ends) : until(() => held !== null, 'it waits').then(ends)
        await assert.rejects(call, (error) => error === failure)
        await over
        const { status, attempts, lastError } = await leasedOrder(subject, id)
        assert.equal(status, 'Wait')
        // What a server was still waiting with, when nobody waited for it any more, it may do in the end.
        if (!keeps) assert.deepEqual([attempts, lastError], [1, 'Error: not now'])
        assert.equal(events.filter(({ type }) => type === 'failure_not_noted').length, keeps ? 1 : 0)
      }
    },
  },
  {
    name: 'a conflict that the next attempt gets over is no failure',
    async run(subject, strategy, mutation) {
      const faulty = withFaults(subject.adapter)
      const { claimOnce } = leasesOn(subject, { strategy, mutation, adapter: () => faulty })
      const id = await subject.shop.newOrder()
      await claimOnce(987_654)
      faulty.faults.arm({ fault: 'deadlock', on: 'effect' })
      const result = await claimOnce(id, { timeoutMs: 10_000, effect: (tx) => recharge(subject, tx, 'paid') })
      assert.equal(result.outcome, 'claimed')
      assert.equal(faulty.faults.fired.length, 1)
      const { attempts, lastError } = await leasedOrder(subject, id)
      assert.deepEqual([attempts, lastError], [0, null])
    },
  },
]
