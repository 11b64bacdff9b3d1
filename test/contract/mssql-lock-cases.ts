import assert from 'node:assert/strict'
import { mssqlErrorNumber } from '../../src/dialects/mssql-errors.ts'
import type { Case } from './cases.ts'
import { onMssql, withSession } from './mssql-support.ts'
import { beforeTheUpdate, claimsOn } from './subject.ts'
import type { Subject } from './subject.ts'
import { swallowedDeadlock } from './swallowed-deadlock.ts'
import { whileHeld } from './while-held.ts'

/** Rules that need a second connection which holds a lock. */
export const MSSQL_LOCK_CASES: readonly Case[] = [
  {
    name: 'an order held by somebody else is busy, and the claim did not happen',
    family: 'mssql',
    needs: ['locks', 'lock time-out'],
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      await claimOnce(987_654)
      const effect = (): never => assert.fail('the effect of an order that is held')
      await whileHeld(subject, `update orders set note = N'held' where order_id = ${id}`, async () => {
        for (const [lockTimeoutMs, atMost] of [
          [0, 300],
          [400, 1200],
        ] as const) {
          for (const options of [{}, { effect }]) {
            const begun = performance.now()
            const result = await claimOnce(id, { ...options, lockTimeoutMs, timeoutMs: 10_000 })
            const took = performance.now() - begun
            assert.deepEqual(result, { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false })
            assert(took >= lockTimeoutMs - 50 && took < atMost, `${took} ms for a bound of ${lockTimeoutMs} ms`)
          }
        }
      })
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      assert.equal((await claimOnce(id)).outcome, 'claimed')
    },
  },
  {
    name: 'a claim whose statement is still on its way is unknown, and not busy',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { resolveTimeoutMs: 0 } })
      const id = await subject.shop.newOrder()
      await claimOnce(987_654)
      const caller = new AbortController()
      await whileHeld(subject, onMssql(subject).stopUpdates(id), async () => {
        const call = claimOnce(id, { timeoutMs: 20_000, lockTimeoutMs: 'server', signal: caller.signal })
        const refused = assert.rejects(call, { code: 'CLAIM_UNKNOWN', reply: 'call_again' })
        await Promise.race([onMssql(subject).untilBlocked(), refused])
        caller.abort()
        await refused
      })
    },
  },
  {
    name: 'a claim of another transaction that is then rolled back is never a duplicate',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      await withSession(subject, ['set transaction isolation level read uncommitted'], async (session) => {
        const { claimOnce } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
        const id = await subject.shop.newOrder()
        await claimOnce(987_654)
        const call = await whileHeld(subject, `update orders set status = 'Y' where order_id = ${id}`, async () => {
          const answer = claimOnce(id, { timeoutMs: 20_000, lockTimeoutMs: 15_000 })
          const waits = onMssql(subject)
            .untilBlocked()
            .then(() => 'waits')
          const first = await Promise.race([answer.then(() => 'answered'), waits])
          assert.equal(first, 'waits', 'nothing can be answered while the other claim is open')
          return { answer }
        })
        assert.equal((await call.answer).outcome, 'claimed')
      })
    },
  },
  {
    name: 'a lock that is not taken makes no second winner',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const id = await subject.shop.newOrder()
      const claimedByOther = () => subject.query(`update orders set status = 'Y' where order_id = ${id}`)
      const adapter = (inner: Subject['adapter']): Subject['adapter'] =>
        beforeTheUpdate(ignoringHints(inner), claimedByOther)
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter })
      const effect = (): never => assert.fail('the effect of an order that is claimed')
      assert.equal((await claimOnce(id, { effect })).outcome, 'duplicate')
    },
  },
  {
    name: 'an effect that loses a deadlock runs again',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const { claimOnce, events } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      await subject.query('update accounts set balance = 0')
      const result = await claimOnce(id, {
        timeoutMs: 20_000,
        lockTimeoutMs: 15_000,
        async effect(tx, _order, { attempt }) {
          await subject.through(tx, 'update accounts set balance = balance + 42 where id = 1')
          if (attempt === 1) throw await losingADeadlock(subject, tx)
          return attempt
        },
      })
      assert(result.outcome === 'claimed')
      assert.equal(result.value, 2)
      assert.deepEqual(
        events.map((event) => (event.type === 'retry' ? event.reason : event.type)),
        ['effect_failed', 'conflict', 'outcome'],
      )
      assert.equal(await subject.shop.balanceOf(1), 42)
    },
  },
  swallowedDeadlock({ family: 'mssql', lose: losingADeadlock, options: { timeoutMs: 20_000, lockTimeoutMs: 15_000 } }),
]

/** A server that parses hints and takes no notice of them. */
const ignoringHints = (adapter: Subject['adapter']): Subject['adapter'] => ({
  ...adapter,
  async open(waiting) {
    const session = await adapter.open(waiting)
    const { send } = session
    session.send = (statement) =>
      send.call(session, { ...statement, sql: statement.sql.replace(/ with \((?:updlock|readcommittedlock).*?\)/, '') })
    return session
  },
})

/** Accounts that nothing else is done with. */
const RIVALS = [11, 12, 13, 14, 15, 16, 17, 18]

/**
 * The effect's transaction and another one wait for each other's account, and the effect's loses: the other is more
 * important. A server that knows no importance may choose the other; it is then tried anew, over another account.
 */
async function losingADeadlock(subject: Subject, tx: unknown): Promise<unknown> {
  await subject.through(tx, 'update accounts set balance = balance where id = 1')
  for (const rival of RIVALS) {
    const other = await subject.begin()
    await subject.query(
      `insert into accounts select ${rival}, 0 where not exists (select 1 from accounts where id = ${rival})`,
    )
    await subject.through(other.tx, `update accounts set balance = balance where id = ${rival}`)
    const ours = Promise.resolve(subject.through(tx, `update accounts set balance = balance where id = ${rival}`)).then(
      () => null,
      (error: unknown) => error,
    )
    try {
      await Promise.race([onMssql(subject).untilBlocked(), ours])
      const theirs = `set lock_timeout 15000;
        set deadlock_priority high;
        update accounts set balance = balance where id = 1`
      await Promise.resolve(subject.through(other.tx, theirs)).catch(() => {}) // it lost
    } finally {
      await other.rollback().catch(() => {}) // the server has done it
    }
    const lost = await ours
    if (lost === null) continue
    assert.equal(mssqlErrorNumber(lost), 1205)
    return lost
  }
  assert.fail('the other transaction lost every deadlock')
}
