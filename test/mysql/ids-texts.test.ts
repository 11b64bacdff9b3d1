import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isMariaDb } from '../support/lanes.ts'
import type { RunningLane } from '../support/lanes.ts'
import { CLIENTS, openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { expectNobody, expectOnly, expectRefused, makeIdTable } from './support/id-table.ts'
import { recording } from './support/recorder.ts'
import { onEveryLane } from './support/setting.ts'

const SQL_MODES = { strict: 'STRICT_TRANS_TABLES', 'not strict': '' }

/** Each is `A` to some collation, and another order to us. */
const LIKE_A = [
  'a',
  'á',
  'Á',
  'Ａ', // full width
  'A ',
  ' A',
  'A\0',
  'A\u200b', // zero-width space
  'A\u0301', // combining accent
  'A\ud800', // lone surrogate
  '\udc00A',
  'A\ufeff',
  'Æ',
  '',
]

const COLLATIONS = (lane: RunningLane): readonly string[] => [
  'utf8mb4 collate utf8mb4_general_ci',
  'utf8mb4 collate utf8mb4_unicode_ci',
  'utf8mb4 collate utf8mb4_bin',
  'utf8mb3 collate utf8mb3_general_ci',
  'latin1 collate latin1_swedish_ci',
  'latin1 collate latin1_bin',
  'ascii collate ascii_general_ci',
  ...(isMariaDb(lane)
    ? ['utf8mb4 collate uca1400_ai_ci', 'utf8mb4 collate utf8mb4_nopad_bin', 'utf8mb4 collate utf8mb4_unicode_nopad_ci']
    : ['utf8mb4 collate utf8mb4_0900_ai_ci', 'utf8mb4 collate utf8mb4_0900_bin']),
]

describe('the id of an order in a column of text', () => {
  onEveryLane((setting) => {
    for (const kind of CLIENTS) {
      for (const [title, mode] of Object.entries(SQL_MODES)) {
        describe(`${kind}, sql_mode ${title}`, () => {
          let client: Client
          beforeAll(() => {
            client = openClient(kind, setting.shop.url, { connectionLimit: 1, session: [`set sql_mode = '${mode}'`] })
          })
          afterAll(() => client.end())

          for (const collation of COLLATIONS(setting.lane)) {
            it(`varchar in ${collation}: is claimed by exactly what is written there`, async () => {
              const table = await makeIdTable(setting.shop, `varchar(40) character set ${collation}`, ['A', '?', '7'])
              const orders = table.orders(client)
              await expectNobody(table, orders, [...LIKE_A, '漢', '\u0080', '😀', '�'])
              await expectOnly(table, orders, 'A', 'A')
              await expectOnly(table, orders, '?', '?')
              await expectNobody(table, orders, LIKE_A)
            })
          }

          it('may hold any character the column can', async () => {
            const latin = await makeIdTable(setting.shop, 'varchar(40) character set latin1', ['é', '€', 'x y'])
            for (const id of ['é', '€', 'x y']) await expectOnly(latin, latin.orders(client), id, id)
            const ids = ['é', '漢字', '😀', "o'brien\\", 'a%b_', ' spaces ', 'nul\0', 'line\nbreak']
            const unicode = await makeIdTable(setting.shop, 'varchar(40) character set utf8mb4', ids)
            for (const id of ids) await expectOnly(unicode, unicode.orders(client), id, id)
          })

          it('1 claims "1" and neither "01" nor "1abc" nor "1.0", whatever was sent before', async () => {
            const table = await makeIdTable(setting.shop, 'varchar(40)', ['1', '01', '1abc', '1.0', '7', '7.5'])
            const { adapter, sent } = recording(client.adapter)
            const orders = table.orders(client, { adapter })
            for (const id of [1, '1', 1n]) await expectOnly(table, orders, id, '1')
            for (const id of ['01', '1abc', '1.0', '7.5']) await expectOnly(table, orders, id, id)
            await expectOnly(table, orders, 7, '7')
            await expectRefused(orders, sent, 7.5)
            for (const id of ['01', '1abc', '1.0']) await expectOnly(table, orders, id, id)
            await expectNobody(table, orders, [0, '0', '', '1e0', ' 1'])
          })

          it('is refused before any SQL where it is no string, number or bigint', async () => {
            const table = await makeIdTable(setting.shop, 'varchar(40)', [
              '',
              '1',
              'true',
              'NaN',
              '[object Object]',
              '1,2',
            ])
            const { adapter, sent } = recording(client.adapter)
            const orders = table.orders(client, { adapter })
            await orders.claimOnce('no such order')
            const noIds = [
              true,
              false,
              ['1'],
              [1, 2],
              {},
              { toString: () => '1' },
              Number.NaN,
              -Infinity,
              0.5,
              2 ** 53,
              null,
              undefined,
            ]
            for (const id of [...noIds, new Date(0), Buffer.from('1')]) await expectRefused(orders, sent, id)
            expect(await table.claimed()).toEqual([])
          })

          it('char: trailing blanks do not count to the column, but to us', async () => {
            const table = await makeIdTable(setting.shop, 'char(10)', ['A', '7'])
            await expectOnly(table, table.orders(client), 'A', 'A')
            await expectNobody(table, table.orders(client), ['A ', 'A         ', ' A', 'a'])
          })
        })
      }
    }
  })
})

describe('the id of an order in a column of bytes', () => {
  const UUID = '6ccd780c-baba-1026-9564-5b8c656024db'
  const OTHER = 'db246065-8c5b-6495-2610-babac0d78cc6'
  const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex')

  onEveryLane((setting) => {
    for (const kind of CLIENTS) {
      describe(kind, () => {
        let client: Client
        beforeAll(() => {
          client = openClient(kind, setting.shop.url, { connectionLimit: 1 })
        })
        afterAll(() => client.end())

        const claimedIds = async (table: string): Promise<string[]> => {
          const rows = await setting.shop.run(`select lower(hex(id)) as id from ${table} where status = 'Y'`)
          return rows.map((row) => String(row['id']))
        }

        it('binary(16): is claimed by its bytes or its text, in either case', async () => {
          const table = await makeIdTable(setting.shop, 'binary(16)', [bytesOf(UUID), bytesOf(OTHER)])
          const orders = table.orders(client)
          for (const id of [UUID, UUID.toUpperCase(), bytesOf(UUID), new Uint8Array(bytesOf(UUID))]) {
            expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
            expect(await claimedIds(table.name)).toEqual([bytesOf(UUID).toString('hex')])
            await table.putBack()
          }
          const crafted = [
            UUID.slice(1),
            `${UUID} `,
            `{${UUID}}`,
            UUID.replaceAll('-', ''),
            bytesOf(UUID).subarray(1),
            '',
          ]
          for (const id of crafted) expect((await orders.claimOnce(id)).outcome).toBe('not_found')
          expect(await claimedIds(table.name)).toEqual([])
          await expect(orders.claimOnce(1)).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
        })

        it('varbinary: is claimed by its bytes, trailing zeros and blanks counting', async () => {
          const table = await makeIdTable(setting.shop, 'varbinary(20)', [Buffer.from('A'), Buffer.from('7')])
          const orders = table.orders(client)
          for (const id of ['A ', 'A\0', 'a', '', 'Á']) {
            expect((await orders.claimOnce(Buffer.from(id))).outcome).toBe('not_found')
          }
          expect((await orders.claimOnce(Buffer.from('A'))).outcome).toBe('claimed')
          expect(await claimedIds(table.name)).toEqual(['41'])
          await expect(orders.claimOnce('A')).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
        })

        if (isMariaDb(setting.lane)) {
          it("uuid, MariaDB's own type: is claimed by its text in either case or its bytes", async () => {
            const table = await makeIdTable(setting.shop, 'uuid', [UUID, OTHER])
            const orders = table.orders(client)
            for (const id of [UUID, UUID.toUpperCase(), bytesOf(UUID)]) await expectOnly(table, orders, id, UUID)
            await expectNobody(table, orders, [
              UUID.replaceAll('-', ''),
              `{${UUID}}`,
              ` ${UUID}`,
              UUID.slice(0, -1),
              '',
            ])
          })
        }
      })
    }
  })
})
