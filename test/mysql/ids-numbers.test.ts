import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { expectNobody, expectOnly, expectRefused, makeIdTable } from './support/id-table.ts'
import { recording } from './support/recorder.ts'
import { onEveryLane } from './support/setting.ts'

const SQL_MODES = { strict: 'STRICT_TRANS_TABLES', 'not strict': '' }

/** Each is number 1 (or 0) to a server that converts, and nobody's id. */
const LIKE_ONE = [' 1', '1 ', '1.0', '1e0', '1abc', '01', '+1', '0x1', '1\0', '\t1', '1;', "1' or '1'='1", '１']
const LIKE_ZERO = ['', ' ', '-0', '00', 'abc', '0abc', '\u200b']

const NO_IDS = [
  true,
  false,
  [],
  [1],
  ['1'],
  [1, 2],
  {},
  { id: 1 },
  Number.NaN,
  Infinity,
  1.5,
  7.5,
  new Date(0),
  Symbol('1'),
]

describe('the id of an order in a column of numbers', () => {
  onEveryLane((setting) => {
    for (const kind of CLIENTS) {
      for (const [title, mode] of Object.entries(SQL_MODES)) {
        describe(`${kind}, sql_mode ${title}`, () => {
          let client: Client
          beforeAll(() => {
            // One connection, so that every prepared statement has a history.
            client = openClient(kind, setting.shop.url, { connectionLimit: 1, session: [`set sql_mode = '${mode}'`] })
          })
          afterAll(() => client.end())

          for (const type of ['int', 'bigint', 'bigint unsigned', 'tinyint', 'smallint unsigned', 'mediumint']) {
            it(`${type}: is claimed by exactly what is written there`, async () => {
              const table = await makeIdTable(setting.shop, type, [0, 1, 2, 7, 8])
              const orders = table.orders(client)
              await expectNobody(table, orders, [...LIKE_ONE, ...LIKE_ZERO])
              for (const id of [1, '1', 1n]) await expectOnly(table, orders, id, '1')
              for (const id of [0, '0', 0n, -0]) await expectOnly(table, orders, id, '0')
              await expectNobody(table, orders, [
                3,
                '-1',
                -1,
                '127777777777777777777',
                '99999999999999999999',
                '18446744073709551616',
              ])
              await expectNobody(table, orders, LIKE_ONE)
            })
          }

          it('is refused before any SQL where it is no number, string or bigint', async () => {
            const table = await makeIdTable(setting.shop, 'int', [0, 1])
            const { adapter, sent } = recording(client.adapter)
            const orders = table.orders(client, { adapter })
            await orders.claimOnce(99)
            expect(sent.length).toBeGreaterThan(0)
            for (const id of [...NO_IDS, null, undefined, Buffer.from('1')]) await expectRefused(orders, sent, id)
            expect(await table.claimed()).toEqual([])
          })

          it('costs no SQL where no row can have it', async () => {
            const table = await makeIdTable(setting.shop, 'int', [0, 1])
            const { adapter, sent } = recording(client.adapter)
            const orders = table.orders(client, { adapter })
            await orders.claimOnce(99)
            const before = sent.length
            await expectNobody(table, orders, [...LIKE_ONE, ...LIKE_ZERO])
            expect(sent).toHaveLength(before)
          })

          it('is not rounded beyond 2^53', async () => {
            const ids = ['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740994']
            const table = await makeIdTable(setting.shop, 'bigint', ids)
            const { adapter, sent } = recording(client.adapter)
            const orders = table.orders(client, { adapter })
            await expectOnly(table, orders, 9007199254740991, '9007199254740991')
            for (const id of ids) {
              await expectOnly(table, orders, id, id)
              await expectOnly(table, orders, BigInt(id), id)
            }
            for (const id of [2 ** 53, 2 ** 53 + 2, 1e21, -(2 ** 53)]) await expectRefused(orders, sent, id)
            expect(await table.claimed()).toEqual([])
          })

          it('reaches to the ends of the type', async () => {
            const most = '18446744073709551615'
            const unsigned = await makeIdTable(setting.shop, 'bigint unsigned', [most, '18446744073709551614'])
            await expectOnly(unsigned, unsigned.orders(client), most, most)
            await expectOnly(unsigned, unsigned.orders(client), BigInt(most), most)
            await expectNobody(unsigned, unsigned.orders(client), [
              '18446744073709551616',
              '-1',
              '99999999999999999999',
            ])
            const least = '-9223372036854775808'
            const signed = await makeIdTable(setting.shop, 'bigint', [least, '9223372036854775807', '-1'])
            await expectOnly(signed, signed.orders(client), least, least)
            await expectOnly(signed, signed.orders(client), -1, '-1')
            await expectNobody(signed, signed.orders(client), ['-9223372036854775809', '9223372036854775808'])
          })

          it('may be written as ZEROFILL shows it, or without the zeros', async () => {
            const table = await makeIdTable(setting.shop, 'int(10) zerofill', [0, 1, 10])
            const orders = table.orders(client)
            for (const id of [1, '1', 1n, '0000000001']) await expectOnly(table, orders, id, '0000000001')
            for (const id of ['0000000000', '0']) await expectOnly(table, orders, id, '0000000000')
            await expectOnly(table, orders, '0000000010', '0000000010')
            await expectNobody(table, orders, [
              '01',
              '00000000001',
              '000000001',
              '000000001 ',
              '00000001.0',
              '00000001e0',
              ' 000000001',
            ])
          })
        })
      }
    }
  })
})
