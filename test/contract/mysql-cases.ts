import assert from 'node:assert/strict'
import { until } from '../support/until.ts'
import type { Case } from './cases.ts'
import { isBlocked } from './is-blocked.ts'
import { claimsOn } from './subject.ts'
import type { Subject } from './subject.ts'
import { swallowedDeadlock } from './swallowed-deadlock.ts'
import { whileHeld } from './while-held.ts'

/** Waits until some connection of the shop's database waits for a row lock. */
const untilBlocked = (subject: Subject, statement: string): Promise<void> =>
  until(() => isBlocked(subject, statement), `a connection waits in: ${statement}`)

/** Rules that need a second connection which holds a lock, or a session in an odd state: servers only. */
export const MYSQL_CASES: readonly Case[] = [
  {
    name: 'an order held by somebody else is busy, and the claim did not happen',
    family: 'mysql',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      await whileHeld(subject, `select * from orders where order_id = ${id} for update`, async () => {
        assert.deepEqual(await claimOnce(id), {
          outcome: 'busy',
          reply: 'call_again',
          retryAfterMs: null,
          provisional: false,
        })
      })
      assert.equal(await subject.shop.statusOf(id), 'Wait')
      assert.equal((await claimOnce(id)).outcome, 'claimed')
    },
  },
  {
    name: 'a claim whose statement is still on its way is unknown, and not busy',
    family: 'mysql',
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { resolveTimeoutMs: 0 } })
      const id = await subject.shop.newOrder()
      await claimOnce(987_654)
      // A share lock lets an optimistic look pass, and stops its update.
      await whileHeld(subject, `select * from orders where order_id = ${id} lock in share mode`, async () => {
        const call = claimOnce(id, { timeoutMs: 400, lockTimeoutMs: 'server' })
        if (strategy === 'pessimistic') {
          // It waits in the locking read: no claiming statement has been sent, so it did not happen.
          assert.equal((await call).outcome, 'busy')
        } else {
          await assert.rejects(call, { code: 'CLAIM_UNKNOWN', reply: 'call_again' })
        }
      })
    },
  },
  {
    name: 'a claim of another transaction that is then rolled back is never a duplicate',
    family: 'mysql',
    async run(subject, strategy, mutation) {
      const id = await subject.shop.newOrder()
      const dirty = claimsOn(subject, { strategy, mutation, adapter: readUncommitted })
      await dirty.claimOnce(987_654)
      const call = await whileHeld(subject, `update orders set status = 'Y' where order_id = ${id}`, async () => {
        const answer = dirty.claimOnce(id)
        const waits = untilBlocked(subject, 'orders').then(() => 'waits')
        const first = await Promise.race([answer.then(() => 'answered'), waits])
        assert.equal(first, 'waits', 'nothing can be answered while the other claim is open')
        return { answer }
      })
      assert.equal((await call.answer).outcome, 'claimed')
    },
  },
  swallowedDeadlock({ family: 'mysql', lose: losingADeadlock, options: { timeoutMs: 10_000 } }),
]

/** Sessions that have inherited READ UNCOMMITTED. */
const readUncommitted = (adapter: Subject['adapter']): Subject['adapter'] => ({
  ...adapter,
  async open(signal) {
    const session = await adapter.open(signal)
    await session.send({ sql: 'set session transaction isolation level read uncommitted', parameters: [] })
    return session
  },
})

/**
 * The effect's transaction and a heavier one wait for each other's account, the effect's loses (InnoDB rolls back the
 * one that has changed fewer rows), and the error is swallowed.
 */
async function losingADeadlock(subject: Subject, tx: unknown): Promise<void> {
  const other = await subject.begin()
  const rows = Array.from({ length: 30 }, () => "('weight', 1, 'CNY', 1)").join(', ')
  await subject.through(
    other.tx,
    `insert into orders (status, amount, currency, account_id) values ${rows}`,
    'update accounts set balance = balance where id = 2',
  )
  await subject.through(tx, 'update accounts set balance = balance where id = 1')
  const theirs = Promise.resolve(
    subject.through(other.tx, 'update accounts set balance = balance /* theirs */ where id = 1'),
  )
  await untilBlocked(subject, 'theirs')
  let lost: unknown = null
  await Promise.resolve(subject.through(tx, 'update accounts set balance = balance where id = 2')).catch(
    (error: unknown) => {
      lost = error
    },
  )
  await theirs
  await other.rollback()
  assert.equal((lost as { errno?: number } | null)?.errno, 1213)
}
