import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryLane } from './support/setting.ts'

const COLUMNS = { id: 'id', status: 'status' } as const
const STRATEGIES = ['conditional', 'optimistic', 'pessimistic'] as const

describe('the status of an order', () => {
  onEveryLane((setting) => {
    let client: Client
    beforeAll(() => {
      client = openClient('mysql2/promise', setting.shop.url)
    })
    afterAll(() => client.end())

    it('may be an ENUM', async () => {
      const { shop } = setting
      await shop.run(`create table by_enum (id int primary key, status enum('Wait', 'it''s paid', 'Done') not null)`)
      await shop.run(`insert into by_enum values (1, 'Wait'), (2, 'Done'), (3, 'Wait')`)
      const states = { waiting: 'Wait', claimed: "it's paid", afterClaimed: ['Done'] }
      const orders = ordersOf(client, { table: 'by_enum', columns: COLUMNS, states })
      expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
      expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'duplicate', status: "it's paid" })
      expect(await orders.claimOnce(2)).toMatchObject({ outcome: 'duplicate', status: 'Done' })
      expect(await shop.run('select status from by_enum order by id')).toEqual([
        { status: "it's paid" },
        { status: 'Done' },
        { status: 'Wait' },
      ])
    })

    it('may be a number, and is given back as one', async () => {
      const { shop } = setting
      await shop.run('create table by_number (id int primary key, status tinyint not null)')
      await shop.run('insert into by_number values (1, 0), (2, 2), (3, -1)')
      const states = { waiting: 0, claimed: 1, afterClaimed: [2] }
      const orders = ordersOf(client, { table: 'by_number', columns: COLUMNS, states })
      expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
      expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'duplicate', status: 1 })
      expect(await orders.claimOnce(2)).toMatchObject({ outcome: 'duplicate', status: 2 })
      expect(await orders.claimOnce(3)).toMatchObject({ outcome: 'wrong_status', status: -1 })
      expect(await shop.run('select status from by_number order by id')).toEqual([
        { status: 1 },
        { status: 2 },
        { status: -1 },
      ])
    })

    for (const strategy of STRATEGIES) {
      it(`that only looks like the waiting one to the collation is another one (${strategy})`, async () => {
        const { shop } = setting
        const table = `like_${strategy}`
        await shop.run(
          `create table ${table} (id int primary key, v int not null default 0, status varchar(10) collate utf8mb4_general_ci null)`,
        )
        await shop.run(
          `insert into ${table} (id, status) values (1, 'wait'), (2, 'WAIT'), (3, 'Wait '), (4, 'Wáit'), (5, null), (6, '')`,
        )
        const orders = ordersOf(client, {
          table,
          columns: { ...COLUMNS, version: 'v' },
          states: { waiting: 'Wait', claimed: 'Y' },
          strategy,
        })
        const before = await shop.run(`select * from ${table}`)
        for (const [id, status] of [
          [1, 'wait'],
          [2, 'WAIT'],
          [3, 'Wait '],
          [4, 'Wáit'],
          [5, null],
          [6, ''],
        ] as const) {
          expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'wrong_status', reply: 'review', status })
        }
        expect(await shop.run(`select * from ${table}`)).toEqual(before)
      })
    }

    it('with NOT NULL columns beside it: claimed, and put back with them emptied', async () => {
      const { shop } = setting
      await shop.run(
        `create table not_null (id int primary key, status varchar(10) not null default 'Wait', token char(36) not null default '',
           txn varchar(20) not null default '', claimed_at datetime not null default '2000-01-01', version int not null default 0)`,
      )
      await shop.run('insert into not_null (id) values (1)')
      const orders = ordersOf(client, {
        table: 'not_null',
        columns: { ...COLUMNS, token: 'token', paymentId: 'txn', claimedAt: 'claimed_at', version: 'version' },
        states: { waiting: 'Wait', claimed: 'Y' },
      })
      expect(await orders.claimOnce(1, { paymentId: 'p1' })).toMatchObject({ outcome: 'claimed' })
      expect(await orders.claimOnce(1, { paymentId: 'p2' })).toMatchObject({
        outcome: 'second_payment',
        claimedBy: 'p1',
      })
      expect(await shop.run('select length(token) as token, txn, version from not_null')).toEqual([
        { token: 36, txn: 'p1', version: 1 },
      ])
      expect(await orders.reset(1)).toEqual({ outcome: 'reset' })
      expect(await shop.run('select status, token, txn, version from not_null')).toEqual([
        { status: 'Wait', token: '', txn: '', version: 2 },
      ])
      expect(await orders.claimOnce(1, { paymentId: 'p2' })).toMatchObject({ outcome: 'claimed' })
    })
  })
})
