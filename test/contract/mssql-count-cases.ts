import assert from 'node:assert/strict'
import type { Case } from './cases.ts'
import { batch, newName, onMssql, ordersTable, rowOf, withSession } from './mssql-support.ts'
import { beforeTheUpdate, claimsOn } from './subject.ts'

/** What an AFTER trigger does that confuses counts. The table is named by `inserted` and `audit` alone. */
const TRIGGERS = {
  'writes elsewhere, and counts': (audit: string) => `after update as insert into ${audit} (what) values ('a'), ('b')`,
  'counts nothing': (audit: string) =>
    `after update as begin set nocount on; insert into ${audit} (what) values ('a') end`,
  'returns a result set': () => `after update as select order_id, status, 1 as n from inserted`,
  'tells its deleted rows, and fires for delete too': () => `after update, delete as select count(*) as n from deleted`,
} as const

/** Row counts lie, and so may everything else that stands in the reply beside the claim's own row. */
export const MSSQL_COUNT_CASES: readonly Case[] = [
  {
    name: 'sessions in which no rows are counted claim as others do',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      await withSession(subject, ['set nocount on'], async (session) => {
        const { claimOnce, reset } = claimsOn({ ...subject, adapter: session.adapter }, { strategy, mutation })
        const id = await subject.shop.newOrder()
        assert.equal((await claimOnce(id)).outcome, 'claimed')
        assert.equal((await claimOnce(id)).outcome, 'duplicate')
        assert.equal((await reset(id)).outcome, 'reset')
        const effect = (tx: unknown) => subject.through(tx, `insert into ledger (order_id, amount) values (${id}, 42)`)
        assert.equal((await claimOnce(id, { effect })).outcome, 'claimed')
        assert.equal((await claimOnce(id, { effect })).outcome, 'duplicate')
        const ledger = await rowOf(subject.query, `select count(*) as n from ledger where order_id = ${id}`)
        assert.equal(ledger['n'], 1)
        assert.equal((await rowOf(session.batch, 'select @@options & 512 as nocount'))['nocount'], 512)
      })
    },
  },
  ...Object.entries(TRIGGERS).map(([does, trigger]): Case => ({
    name: `a table with an AFTER trigger that ${does}`,
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const audit = newName('audit')
      await batch(subject, `create table ${audit} (id int not null identity primary key, what varchar(10) not null)`)
      const table = await ordersTable(subject, trigger(audit))
      const { claimOnce, reset } = claimsOn(subject, { strategy, mutation, config: { table } })
      assert.equal((await claimOnce(2)).outcome, 'not_found')
      assert.equal((await claimOnce(1)).outcome, 'claimed')
      assert.equal((await claimOnce(1)).outcome, 'duplicate')
      assert.equal((await reset(1)).outcome, 'reset')
      const seen: unknown[] = []
      const effect = (_tx: unknown, order: unknown): void => void seen.push(order)
      assert.equal((await claimOnce(1, { effect, read: ['account_id'] })).outcome, 'claimed')
      assert.deepEqual(seen, [{ account_id: 1 }])
      assert.equal((await claimOnce(1, { effect })).outcome, 'duplicate')
      const { n } = await rowOf(subject.query, `select count(*) as n from ${table} where status = 'Y'`)
      assert.equal(n, 1)
    },
  })),
  {
    name: 'a table with an AFTER trigger that changes the same row',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const table = await ordersTable(subject)
      await batch(
        subject,
        `create trigger ${newName('trigger')} on ${table} after update as
         if trigger_nestlevel() = 1
           update ${table} set note = N'by the trigger' where order_id in (select order_id from inserted)`,
      )
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table } })
      assert.equal((await claimOnce(1)).outcome, 'claimed')
      assert.equal((await claimOnce(1)).outcome, 'duplicate')
      const row = await rowOf(subject.query, `select status, note from ${table}`)
      assert.deepEqual(row, { status: 'Y', note: 'by the trigger' })
    },
  },
  {
    name: 'a table with an AFTER trigger that refuses the update: nothing is claimed',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const table = await ordersTable(subject, `after update as throw 51000, 'orders are closed', 1`)
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table } })
      await assert.rejects(claimOnce(1), { code: 'CLAIM_REJECTED', message: /orders are closed/ })
      assert.equal((await rowOf(subject.query, `select status from ${table}`))['status'], 'Wait')
    },
  },
  {
    name: 'a table with an INSTEAD OF UPDATE trigger is refused; one for INSERT is none of ours',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const update = await ordersTable(subject, 'instead of update as select 1 as nothing')
      const refused = claimsOn(subject, { strategy, mutation, config: { table: update } })
      await assert.rejects(refused.claimOnce(1), { code: 'CLAIM_CONFIG', message: /INSTEAD OF UPDATE/ })
      assert.equal((await rowOf(subject.query, `select status from ${update}`))['status'], 'Wait')

      const insert = await ordersTable(subject, 'instead of insert as select 1 as nothing')
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table: insert } })
      assert.equal((await claimOnce(1)).outcome, 'claimed')
    },
  },
  {
    name: 'a rowversion that an update to equal values moves does not lose the claim',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const id = await subject.shop.newOrder()
      const version = `select row_version from orders where order_id = ${id}`
      const before = await rowOf(subject.query, version)
      let edits = 0
      const adapter = (inner: typeof subject.adapter): typeof subject.adapter =>
        beforeTheUpdate(inner, async () => {
          if (strategy === 'pessimistic') return // its row is locked in between
          edits += 1
          await subject.query(`update orders set status = status where order_id = ${id}`)
          const after = await rowOf(subject.query, version)
          assert(onMssql(subject).hasMoved(before['row_version'], after['row_version'], 1))
        })
      const { claimOnce } = claimsOn(subject, { strategy, mutation, adapter })
      assert.equal((await claimOnce(id)).outcome, 'claimed')
      assert.equal(edits, strategy === 'pessimistic' ? 0 : 1)
      assert.equal((await claimOnce(id)).outcome, 'duplicate')
    },
  },
  {
    name: 'an integer version is counted up by the claim, also from NULL',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const table = newName('orders')
      await batch(
        subject,
        `create table ${table} (id int not null primary key, status varchar(10) not null, version int null)`,
        `insert into ${table} values (1, 'Wait', 7), (2, 'Wait', null)`,
      )
      const columns = { id: 'id', status: 'status', version: 'version' }
      const { claimOnce, reset } = claimsOn(subject, { strategy, mutation, config: { table, columns } })
      for (const [id, version] of [
        [1, 8],
        [2, 1],
      ]) {
        assert.equal((await claimOnce(id)).outcome, 'claimed')
        assert.equal((await claimOnce(id)).outcome, 'duplicate')
        assert.deepEqual(await rowOf(subject.query, `select version from ${table} where id = ${id}`), { version })
      }
      assert.equal((await reset(1)).outcome, 'reset')
      assert.deepEqual(await rowOf(subject.query, `select version from ${table} where id = 1`), { version: 9 })
    },
  },
  {
    name: 'other code that does not move an integer version is noticed all the same',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      if (strategy === 'pessimistic') return // its row is locked in between
      const table = newName('orders')
      await batch(
        subject,
        `create table ${table} (
           id int not null primary key, status varchar(10) not null, version int not null, amount decimal(12, 2) not null
         )`,
        `insert into ${table} values (1, 'Wait', 7, 42), (2, 'Wait', 7, 42)`,
      )
      const config = { table, columns: { id: 'id', status: 'status', version: 'version' } }
      const meanwhile = (statement: string) =>
        claimsOn(subject, {
          strategy,
          mutation,
          config,
          adapter: (inner) => beforeTheUpdate(inner, () => subject.query(statement)),
        })
      const claimed = meanwhile(`update ${table} set status = 'Y' where id = 1`)
      assert.equal((await claimed.claimOnce(1)).outcome, 'duplicate')
      const edited = meanwhile(`update ${table} set amount = 1 where id = 2`)
      assert.equal((await edited.claimOnce(2, { expect: { amount: '42.00' } })).outcome, 'mismatch')
    },
  },
]
