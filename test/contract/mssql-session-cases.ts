import assert from 'node:assert/strict'
import type { Case } from './cases.ts'
import { onMssql, rowOf, withSession } from './mssql-support.ts'
import { claimsOn } from './subject.ts'
import type { Subject } from './subject.ts'

/** What of a session a claim sets for itself, and everything that must not be left behind. */
const STATE = `
select s.transaction_isolation_level as isolation,
       @@options as options,
       @@lock_timeout as lock_timeout,
       @@trancount as transactions
from sys.dm_exec_sessions s
where s.session_id = @@spid`

const entry = (subject: Subject, id: number) => (tx: unknown) =>
  subject.through(tx, `insert into ledger (order_id, amount) values (${id}, 42)`)

/** Sessions that come out of the pool in a state nobody would expect. */
export const MSSQL_SESSION_CASES: readonly Case[] = [
  ...(
    [
      ['read uncommitted', []],
      ['read committed', []],
      ['repeatable read', ['isolation levels']],
      ['serializable', ['isolation levels']],
      ['snapshot', ['isolation levels']],
    ] as const
  ).map(([level, needs]): Case => ({
    name: `sessions at ${level.toUpperCase()} claim as others do`,
    family: 'mssql',
    needs,
    async run(subject, strategy, mutation) {
      await withSession(subject, [`set transaction isolation level ${level}`], async (session) => {
        const { claimOnce } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
        for (const withEffect of [false, true]) {
          const id = await subject.shop.newOrder()
          const options = withEffect ? { effect: entry(subject, id), read: ['amount'] } : {}
          // The session has looked at the order before; what it has seen is old when it claims.
          assert.equal((await claimOnce(id, { ...options, expect: { amount: '1' } })).outcome, 'mismatch')
          await subject.query(`update orders set amount = 1 where order_id = ${id}`)
          assert.equal((await claimOnce(id, { ...options, expect: { amount: '1' } })).outcome, 'claimed')
          assert.equal((await claimOnce(id, options)).outcome, 'duplicate')
          const ledger = await rowOf(subject.query, `select count(*) as n from ledger where order_id = ${id}`)
          assert.equal(ledger['n'], withEffect ? 1 : 0)
        }
      })
    },
  })),
  {
    name: 'a session is as it was when a claim has ended',
    family: 'mssql',
    needs: ['scope of set', 'isolation levels'],
    async run(subject, strategy, mutation) {
      for (const level of ['read uncommitted', 'repeatable read', 'serializable', 'snapshot']) {
        const settings = [`set transaction isolation level ${level}`, 'set lock_timeout 4321']
        await withSession(subject, settings, async (session) => {
          const before = await rowOf(session.batch, STATE)
          const { claimOnce, reset } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
          const id = await subject.shop.newOrder()
          await claimOnce(id)
          assert.deepEqual(await rowOf(session.batch, STATE), before, 'after a claim')
          await claimOnce(id)
          assert.deepEqual(await rowOf(session.batch, STATE), before, 'after a duplicate')
          await reset(id)
          await claimOnce(id, { effect: entry(subject, id) })
          assert.deepEqual(await rowOf(session.batch, STATE), before, 'after a claim with an effect')
          await reset(id)
          const failing = (): never => {
            throw new Error('no such account')
          }
          await assert.rejects(claimOnce(id, { effect: failing }), /no such account/)
          assert.deepEqual(await rowOf(session.batch, STATE), before, 'after an effect that failed')
        })
      }
    },
  },
  {
    name: 'sessions with IMPLICIT_TRANSACTIONS are refused, or claim in a transaction that is ended',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      await withSession(subject, ['set implicit_transactions on'], async (session) => {
        const { claimOnce } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
        const id = await subject.shop.newOrder()
        await assert.rejects(claimOnce(id), { code: 'CLAIM_CONFIG', message: /IMPLICIT_TRANSACTIONS/ })
        assert.equal(await subject.shop.statusOf(id), 'Wait')
      })
      // The table was described on a session that commits by itself; this one does not.
      for (const withEffect of [false, true]) {
        await withSession(subject, [], async (session) => {
          const { claimOnce } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
          const id = await subject.shop.newOrder()
          await claimOnce(987_654)
          await session.batch('set implicit_transactions on')
          const options = withEffect ? { effect: entry(subject, id) } : {}
          const outcome = await claimOnce(id, options).then(
            (result) => result.outcome,
            (error: unknown) => (error as { code?: unknown }).code,
          )
          assert(outcome === 'claimed' || outcome === 'CLAIM_CONFIG', String(outcome))
          // What was answered is what stands, also when the connection is cut now: it is read from outside.
          assert.equal(await subject.shop.statusOf(id), outcome === 'claimed' ? 'Y' : 'Wait')
          const ledger = await rowOf(subject.query, `select count(*) as n from ledger where order_id = ${id}`)
          assert.equal(ledger['n'], outcome === 'claimed' && withEffect ? 1 : 0)
        })
      }
    },
  },
  {
    name: 'a transaction that somebody has left open is noticed, and takes no claim with it',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      for (const withEffect of [false, true]) {
        await withSession(subject, [], async (session) => {
          const { claimOnce } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
          const id = await subject.shop.newOrder()
          const options = withEffect ? { effect: entry(subject, id) } : {}
          await claimOnce(987_654)
          await session.batch('begin transaction')
          await assert.rejects(claimOnce(id, options), { code: 'CLAIM_CONFIG', message: /open transaction/ })
          assert.equal((await rowOf(session.batch, 'select @@trancount as n'))['n'], 0)
          assert.equal(await subject.shop.statusOf(id), 'Wait')
          assert.equal((await claimOnce(id, options)).outcome, 'claimed')
        })
      }
    },
  },
  {
    name: "in the caller's transaction at SNAPSHOT a claim by another is seen",
    family: 'mssql',
    needs: ['isolation levels'],
    async run(subject, strategy, mutation) {
      const { claimOnce } = claimsOn(subject, { strategy, mutation })
      const id = await subject.shop.newOrder()
      const other = await subject.shop.newOrder()
      await claimOnce(987_654)
      const own = await onMssql(subject).beginSnapshot()
      // Its snapshot is of now: the order waits in it for ever.
      await subject.through(own.tx, `select status from orders where order_id = ${id}`)
      assert.equal((await claimOnce(id)).outcome, 'claimed')
      assert.equal((await claimOnce(id, { transaction: own.tx })).outcome, 'duplicate')
      assert.equal((await claimOnce(other, { transaction: own.tx })).outcome, 'claimed')
      await own.commit()
      assert.equal((await claimOnce(other)).outcome, 'duplicate')
    },
  },
]
