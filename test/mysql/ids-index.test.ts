import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MysqlShop } from '../support/mysql-shop.ts'
import { CLIENTS, openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { planOf } from './support/explain.ts'
import { openHolder } from './support/holder.ts'
import { ordersOf } from './support/orders.ts'
import { isUpdate, recording } from './support/recorder.ts'
import { onEveryLane } from './support/setting.ts'

const SEQUENCE = `
with recursive n (n) as (select 1 union all select n + 1 from n where n < 600)
select n from n`

/** 600 rows, so that a scan would cost something. `value` makes the id of row n. */
const FILLED = {
  int: ['int', 'n', 77],
  'bigint unsigned': ['bigint unsigned', 'n', '77'],
  'int zerofill': ['int(10) zerofill', 'n', '0000000077'],
  'varchar utf8mb4': ['varchar(40) character set utf8mb4', "concat('order-', n)", 'order-77'],
  'varchar utf8mb4_bin': ['varchar(40) character set utf8mb4 collate utf8mb4_bin', "concat('order-', n)", 'order-77'],
  'varchar latin1': ['varchar(40) character set latin1', "concat('order-', n)", 'order-77'],
  'varchar ascii': ['varchar(40) character set ascii', "concat('order-', n)", 'order-77'],
  'binary(16)': ['binary(16)', 'unhex(lpad(hex(n), 32, 0))', '00000000-0000-0000-0000-00000000004d'],
} as const

/** Ids that a character set cannot hold, and that are too long: no reason to look at every row. */
const STRANGE = ['漢', '😀', 'á', 'x'.repeat(300), 'order-77 ']

const LOOKUPS = ['const', 'eq_ref', 'ref', 'range', null]

describe('the claiming UPDATE', () => {
  onEveryLane((setting) => {
    const fill = async (shop: MysqlShop, table: string, type: string, value: string): Promise<void> => {
      await shop.run(
        `create table ${table} (id ${type} not null primary key, status varchar(10) not null default 'Wait')`,
      )
      await shop.run(`insert into ${table} (id) select ${value} from (${SEQUENCE}) s`)
      await shop.run(`analyze table ${table}`)
    }

    for (const kind of CLIENTS) {
      describe(kind, () => {
        const how = kind === 'kysely' ? 'query' : 'execute'
        let client: Client
        beforeAll(() => {
          client = openClient(kind, setting.shop.url)
        })
        afterAll(() => client.end())

        for (const [title, [type, value, id]] of Object.entries(FILLED)) {
          it(`finds its row by the key: ${title}`, async () => {
            const table = `filled_${CLIENTS.indexOf(kind)}_${title.replace(/\W/g, '_')}`
            await fill(setting.shop, table, type, value)
            const { adapter, sent } = recording(client.adapter)
            const orders = ordersOf(client, {
              adapter,
              table,
              columns: { id: 'id', status: 'status' },
              states: { waiting: 'Wait', claimed: 'Y' },
            })
            expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
            const update = sent.find(isUpdate)
            const plan = await planOf(setting.shop, setting.lane, how, update!)
            expect(plan).toMatchObject({ key: 'PRIMARY', rows: 1 })
            expect(LOOKUPS).toContain(plan.type)
          })
        }

        for (const charset of ['utf8mb4', 'latin1', 'ascii']) {
          it(`finds no row by the key: ${charset} and an id that is strange to it`, async () => {
            const table = `strange_${CLIENTS.indexOf(kind)}_${charset}`
            await fill(setting.shop, table, `varchar(40) character set ${charset}`, "concat('order-', n)")
            for (const id of STRANGE) {
              const { adapter, sent } = recording(client.adapter)
              const orders = ordersOf(client, {
                adapter,
                table,
                columns: { id: 'id', status: 'status' },
                states: { waiting: 'Wait', claimed: 'Y' },
              })
              expect(await orders.claimOnce(id), id).toMatchObject({ outcome: 'not_found' })
              for (const update of sent.filter(isUpdate)) {
                const plan = await planOf(setting.shop, setting.lane, how, update)
                expect(LOOKUPS, id).toContain(plan.type)
                expect(plan.rows ?? 0, id).toBeLessThanOrEqual(1)
              }
            }
          })
        }

        it('locks its own row only: while one order is held, another is claimed, and a new one comes in', async () => {
          const { shop } = setting
          const table = `locked_${CLIENTS.indexOf(kind)}`
          await fill(shop, table, 'varchar(40) character set latin1', "concat('order-', n)")
          const orders = ordersOf(client, {
            table,
            columns: { id: 'id', status: 'status' },
            states: { waiting: 'Wait', claimed: 'Y' },
            timeoutMs: 3000,
          })
          const holder = await openHolder(shop)
          await holder.run(`select 1 from ${table} where id = 'order-1' for update`)
          expect(await orders.claimOnce('order-2')).toMatchObject({ outcome: 'claimed' })
          expect(await orders.claimOnce('order-2', { strategy: 'pessimistic' })).toMatchObject({ outcome: 'duplicate' })
          expect(await orders.claimOnce('order-1000', { strategy: 'pessimistic' })).toMatchObject({
            outcome: 'not_found',
          })
          await shop.run(`insert into ${table} (id) values ('order-1000')`)
          await holder.rollback()
          expect(await orders.claimOnce('order-1000')).toMatchObject({ outcome: 'claimed' })
        })
      })
    }
  })
})
