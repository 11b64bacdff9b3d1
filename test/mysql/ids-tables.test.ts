import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryLane } from './support/setting.ts'

const STATES = { waiting: 'Wait', claimed: 'Y' } as const

describe('a table of any name', () => {
  onEveryLane((setting) => {
    for (const kind of CLIENTS) {
      describe(kind, () => {
        let client: Client
        beforeAll(() => {
          client = openClient(kind, setting.shop.url)
        })
        afterAll(() => client.end())

        /** Claims order 1 of two, with an effect, and a second time. */
        const expectOneOfTwo = async (table: string, quoted: string, id: string, status: string): Promise<void> => {
          const { shop } = setting
          const q = (name: string): string => `\`${name.replaceAll('`', '``')}\``
          await shop.run(`drop table if exists ${quoted}`)
          await shop.run(
            `create table ${quoted} (${q(id)} int not null primary key, ${q(status)} varchar(10) not null, ${q('a note?')} text)`,
          )
          await shop.run(`insert into ${quoted} values (1, 'Wait', 'first'), (2, 'Wait', 'second')`)
          const orders = ordersOf(client, { table, columns: { id, status }, states: STATES })
          const result = await orders.claimOnce(1, {
            expect: { 'a note?': 'first' },
            set: { 'a note?': 'claimed' },
            read: ['a note?', status],
            effect: (tx, order) => recharge(tx, 1).then(() => order),
          })
          expect(result).toMatchObject({ outcome: 'claimed', value: { 'a note?': 'claimed', [status]: 'Y' } })
          expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'duplicate', status: 'Y' })
          const rows = await shop.run(
            `select ${q(status)} as s, ${q('a note?')} as note from ${quoted} order by ${q(id)}`,
          )
          expect(rows).toEqual([
            { s: 'Y', note: 'claimed' },
            { s: 'Wait', note: 'second' },
          ])
        }

        it('may be called "order", with columns "key" and "group"', async () => {
          await expectOneOfTwo('order', '`order`', 'key', 'group')
        })

        it('may have spaces, quotes and backticks in its names', async () => {
          await expectOneOfTwo("the shop's `orders`", "`the shop's ``orders```", 'order `id`', 'status "now"')
        })

        it('may be in another schema', async () => {
          const { shop } = setting
          const other = `${new URL(shop.url).pathname.slice(1)}_other`
          await shop.run(`create database if not exists ${other}`)
          await expectOneOfTwo(`${other}.order`, `${other}.\`order\``, 'id', 'status')
          await shop.run(`drop database ${other}`)
        })

        it('may be meant although the pool names no database, when its schema is given', async () => {
          const { shop } = setting
          const [schema, homeless] = [new URL(shop.url).pathname.slice(1), new URL(shop.url)]
          homeless.pathname = '/'
          const stranger = openClient(kind, homeless.href)
          const id = await shop.newOrder()
          const orders = ordersOf(stranger, { table: `${schema}.orders` })
          expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
          expect(await shop.statusOf(id)).toBe('Y')
          await expect(ordersOf(stranger).claimOnce(id)).rejects.toMatchObject({ code: 'CLAIM_CONFIG' })
          await stranger.end()
        })

        it('may spell its columns in another case', async () => {
          const { shop } = setting
          const id = await shop.newOrder()
          const orders = ordersOf(client, { columns: { id: 'ORDER_ID', status: 'Status' }, states: STATES })
          expect(await orders.claimOnce(id, { expect: { AMOUNT: '42.00' } })).toMatchObject({ outcome: 'claimed' })
          await expect(orders.claimOnce(id, { set: { STATUS: 'Wait' } })).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
        })
      })
    }
  })
})

describe('a composite id', () => {
  onEveryLane((setting) => {
    for (const kind of CLIENTS) {
      it(`${kind}: is compared in every part`, async () => {
        const { shop } = setting
        const client = openClient(kind, shop.url)
        const table = `composite_${CLIENTS.indexOf(kind)}`
        await shop.run(
          `create table ${table} (merchant_id int not null, order_no varchar(20) not null, status varchar(10) not null default 'Wait',
             primary key (merchant_id, order_no))`,
        )
        await shop.run(`insert into ${table} (merchant_id, order_no) values (1, '7'), (1, '07'), (2, '7'), (17, '')`)
        const orders = ordersOf(client, {
          table,
          columns: { id: ['merchant_id', 'order_no'], status: 'status' },
          states: STATES,
        })
        const crafted = [
          { merchant_id: '1 ', order_no: '7' },
          { merchant_id: 1, order_no: '7 ' },
          { merchant_id: '01', order_no: '7' },
          { merchant_id: 1, order_no: '7.0' },
          { merchant_id: 17, order_no: '0' },
          { merchant_id: 3, order_no: '7' },
        ]
        for (const id of crafted) expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'not_found' })
        expect(await orders.claimOnce({ order_no: 7, merchant_id: '1' })).toMatchObject({ outcome: 'claimed' })
        expect(await orders.claimOnce({ merchant_id: 17, order_no: '' })).toMatchObject({ outcome: 'claimed' })
        const rows = await shop.run(
          `select merchant_id, order_no from ${table} where status = 'Y' order by merchant_id`,
        )
        expect(rows).toEqual([
          { merchant_id: 1, order_no: '7' },
          { merchant_id: 17, order_no: '' },
        ])
        const wrong = [
          { merchant_id: 1 },
          { merchant_id: 1, order_no: '7', x: 1 },
          [1, '7'],
          '1',
          1,
          { merchant_id: 1, order_no: ['7'] },
        ]
        for (const id of wrong) await expect(orders.claimOnce(id)).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
        await client.end()
      })
    }
  })
})
