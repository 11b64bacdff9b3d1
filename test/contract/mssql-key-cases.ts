import assert from 'node:assert/strict'
import type { StrategyName } from '../../src/config.ts'
import type { Case } from './cases.ts'
import { batch, newName } from './mssql-support.ts'
import { claimsOn } from './subject.ts'
import type { Mutation, Subject } from './subject.ts'

const UUID = '6ccd780c-baba-1026-9564-5b8c656024db'
const OTHER_UUID = 'db246065-8c5b-6495-2610-babac0d78cc6'
const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex')
const binary = (value: Buffer): string => `0x${value.toString('hex')}`

/** Each is `A` to some collation, and another order to us. */
const LIKE_A = ['a', 'á', 'Á', 'Ａ', 'A ', ' A', 'A\u200b', 'A\u0301', 'Æ', '?', ''] // Ａ is of full width

/** Each is 1 to some conversion. */
const LIKE_1 = [' 1', '1 ', '01', '+1', '1.0', '1e0', '0x1', '1abc', '１', '']

interface KeyType {
  readonly type: string
  /** What the rows have, as SQL writes it. */
  readonly rows: readonly string[]
  /** An id, and which of the rows it is. */
  readonly claims: readonly (readonly [id: unknown, row: number])[]
  readonly nobody: readonly unknown[]
  readonly refused: readonly unknown[]
}

const NO_TEXT = [true, 1.5, 2 ** 53, ['A'], { id: 'A' }, null, undefined, Buffer.from('A')]
const NO_INTEGER = [true, 1.5, NaN, 2 ** 53, [1], { id: 1 }, null, undefined, Buffer.from('1')]
const NO_BYTES = [1, true, ['A'], null, undefined]

const KEY_TYPES: readonly KeyType[] = [
  {
    type: 'int',
    rows: ['1', '-7', '2147483647'],
    claims: [
      [1, 0],
      ['1', 0],
      [1n, 0],
      [-7, 1],
      ['2147483647', 2],
    ],
    nobody: [...LIKE_1, 2_147_483_648, '4294967297', '-2147483649', '99999999999999999999'],
    refused: NO_INTEGER,
  },
  {
    type: 'bigint',
    rows: ['9007199254740992', '9007199254740993', '1'],
    claims: [
      ['9007199254740993', 1],
      [9007199254740993n, 1],
      ['9007199254740992', 0],
      [1, 2],
    ],
    nobody: [...LIKE_1, '9007199254740994', '9223372036854775808', '18446744073709551617'],
    refused: NO_INTEGER,
  },
  {
    type: 'char(10)',
    rows: ["'A'", "'7'", "'exactly 10'"],
    claims: [
      ['A', 0],
      [7, 1],
      ['exactly 10', 2],
    ],
    nobody: [...LIKE_A, '07', ' 7', 'exactly 10 ', 'Exactly 10'],
    refused: NO_TEXT,
  },
  ...['varchar(40) collate Latin1_General_CI_AI', 'varchar(40) collate Latin1_General_CI_AS'].map((type): KeyType => ({
    type,
    rows: ["'A'", "'1'", "'01'", "'é€ x'"],
    claims: [
      ['A', 0],
      ['1', 1],
      [1n, 1],
      ['01', 2],
      ['é€ x', 3],
    ],
    nobody: [...LIKE_A, ...LIKE_1.filter((id) => id !== '01'), 'e€ x', '漢'],
    refused: NO_TEXT,
  })),
  {
    type: 'varchar(40) collate Latin1_General_BIN2',
    rows: ["'A'", "'a'", "'1'", "'01'"],
    claims: [
      ['A', 0],
      ['a', 1],
      [1, 2],
      ['01', 3],
    ],
    nobody: LIKE_A.filter((id) => id !== 'a'),
    refused: NO_TEXT,
  },
  {
    type: 'nvarchar(40)',
    rows: ["N'A'", "N'漢字'", "N'😀'", "N'o''brien\\'", "N'a%b_'", "N' 1'"],
    claims: [
      ['A', 0],
      ['漢字', 1],
      ['😀', 2],
      ["o'brien\\", 3],
      ['a%b_', 4],
      [' 1', 5],
    ],
    nobody: [...LIKE_A, '1', '😁', '漢', '\ud83d', 'A\ud800', 'axbx'],
    refused: NO_TEXT,
  },
  {
    type: 'uniqueidentifier',
    rows: [`'${UUID}'`, `'${OTHER_UUID}'`],
    claims: [
      [UUID, 0],
      [UUID.toUpperCase(), 0],
      [OTHER_UUID, 1],
      [bytesOf(UUID), 0],
    ],
    nobody: [`{${UUID}}`, UUID.replaceAll('-', ''), `${UUID} `, ` ${UUID}`, `${UUID}0`, UUID.slice(1), ''],
    refused: [1, true, [UUID], null, undefined],
  },
  {
    type: 'binary(16)',
    rows: [binary(bytesOf(UUID)), binary(bytesOf(OTHER_UUID)), binary(Buffer.alloc(16))],
    claims: [
      [bytesOf(UUID), 0],
      [new Uint8Array(bytesOf(OTHER_UUID)), 1],
      [UUID.toUpperCase(), 0],
      [Buffer.alloc(16), 2],
    ],
    nobody: [bytesOf(UUID).subarray(1), Buffer.alloc(0), Buffer.alloc(17), `{${UUID}}`, UUID.replaceAll('-', '')],
    refused: NO_BYTES,
  },
  {
    type: 'varbinary(20)',
    rows: ['0x41', '0x4200', '0x'],
    claims: [
      [Buffer.alloc(0), 2],
      [Buffer.from('A'), 0],
      [Buffer.from('B\0'), 1],
    ],
    nobody: [...['A\0', 'A ', 'a', 'B', 'B\0\0', '\0'].map((text) => Buffer.from(text)), Buffer.alloc(21)],
    refused: [...NO_BYTES, 'A'],
  },
]

/** A table of orders of which row `n` has the n-th of the ids. */
async function keyTable(subject: Subject, type: string, rows: readonly string[]) {
  const table = newName('keys')
  await batch(
    subject,
    `create table ${table} (
       id ${type} not null primary key,
       n int not null,
       status varchar(10) not null default 'Wait',
       row_version rowversion not null
     )`,
    ...rows.map((row, n) => `insert into ${table} (id, n) values (${row}, ${n})`),
  )
  return {
    config: { table, columns: { id: 'id', status: 'status', version: 'row_version' } },
    claimed: async () => (await subject.query(`select n from ${table} where status = 'Y'`)).map(({ n }) => n),
    putBack: () => subject.query(`update ${table} set status = 'Wait'`),
  }
}

/** Ids are compared as themselves, in a key of every type, and whatever the collation. */
export const MSSQL_KEY_CASES: readonly Case[] = [
  ...KEY_TYPES.map(({ type, rows, claims, nobody, refused }): Case => ({
    name: `a key of type ${type} is claimed by exactly what is written there`,
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const { config, claimed, putBack } = await keyTable(subject, type, rows)
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
      for (const id of nobody) assert.equal((await claimOnce(id)).outcome, 'not_found', shown(id))
      assert.deepEqual(await claimed(), [])
      for (const id of refused) await assert.rejects(claimOnce(id), { code: 'CLAIM_INPUT' }, shown(id))
      for (const [id, row] of claims) {
        assert.equal((await claimOnce(id)).outcome, 'claimed', shown(id))
        assert.deepEqual(await claimed(), [row], shown(id))
        assert.equal((await claimOnce(id)).outcome, 'duplicate', shown(id))
        await putBack()
      }
    },
  })),
  ...['varchar(40) collate Latin1_General_CI_AS', 'nvarchar(40)'].map((type): Case => ({
    name: `a key of type ${type} is not found by a text with U+0000 in it`,
    family: 'mssql',
    needs: ['nul characters'],
    async run(subject, strategy, mutation) {
      const { config, claimed } = await keyTable(subject, type, ["'A'"])
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
      for (const id of ['A\0', '\0A', '\0']) assert.equal((await claimOnce(id)).outcome, 'not_found', shown(id))
      assert.deepEqual(await claimed(), [])
    },
  })),
  {
    name: 'a key of two columns, of which one is not enough',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const table = newName('keys')
      await batch(
        subject,
        `create table ${table} (
           merchant_id int not null,
           order_no varchar(20) not null,
           status varchar(10) not null,
           row_version rowversion not null,
           primary key (merchant_id, order_no)
         )`,
        `insert into ${table} (merchant_id, order_no, status) values (1, 'A', 'Wait'), (1, 'B', 'Wait'), (2, 'A', 'Wait')`,
      )
      const columns = { id: ['merchant_id', 'order_no'], status: 'status', version: 'row_version' }
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table, columns } })
      for (const id of [
        { merchant_id: 1, order_no: 'a' },
        { merchant_id: 2, order_no: 'B' },
        { merchant_id: '01', order_no: 'A' },
      ]) {
        assert.equal((await claimOnce(id)).outcome, 'not_found', shown(id))
      }
      for (const id of ['A', { merchant_id: 1 }, { merchant_id: 1, order_no: 'A', more: 1 }]) {
        await assert.rejects(claimOnce(id), { code: 'CLAIM_INPUT' }, shown(id))
      }
      assert.equal((await claimOnce({ order_no: 'A', merchant_id: 1n })).outcome, 'claimed')
      const rows = await subject.query(`select merchant_id, order_no from ${table} where status = 'Y'`)
      assert.deepEqual(rows, [{ merchant_id: 1, order_no: 'A' }])
      const half = claimsOn(subject, { strategy, mutation, config: { table, columns: { ...columns, id: 'order_no' } } })
      await assert.rejects(half.claimOnce('A'), { code: 'CLAIM_CONFIG', message: /no unique key/ })
    },
  },
  {
    name: 'a key that a filter narrows is none',
    family: 'mssql',
    needs: ['filtered indexes'],
    async run(subject, strategy, mutation) {
      const table = newName('keys')
      await batch(
        subject,
        `create table ${table} (id int not null, status varchar(10) not null, row_version rowversion not null)`,
        `create unique index one on ${table} (id) where status = 'Wait'`,
      )
      const config = { table, columns: { id: 'id', status: 'status', version: 'row_version' } }
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
      await assert.rejects(claimOnce(1), { code: 'CLAIM_CONFIG', message: /no unique key/ })
    },
  },
  {
    name: 'a table is found by its name: a reserved word, in dbo or another schema',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      const schema = newName('schema')
      await batch(subject, `create schema ${schema}`)
      const columns = { id: 'key', status: 'select', version: 'row_version' }
      const columnsSql =
        '([key] int not null primary key, [select] varchar(10) not null, row_version rowversion not null)'
      for (const [table, names] of [
        ['dbo.[order]', ['order', '[order]', 'dbo.order', 'dbo.[order]', '[dbo].[order]']],
        [`${schema}.[order]`, [`${schema}.order`, `[${schema}].[order]`]],
      ] as const) {
        await batch(subject, `drop table if exists ${table}`, `create table ${table} ${columnsSql}`)
        for (const [id, name] of names.entries()) {
          await batch(subject, `insert into ${table} ([key], [select]) values (${id}, 'Wait')`)
          const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table: name, columns } })
          assert.equal((await claimOnce(id)).outcome, 'claimed', name)
          const rows = await subject.query(`select [key] as id from ${table} where [select] = 'Y' order by [key] desc`)
          assert.equal(rows[0]?.['id'], id)
        }
      }
      const none = claimsOn(subject, { strategy, mutation, config: { table: `${schema}.orders` } })
      await assert.rejects(none.claimOnce(1), { code: 'CLAIM_CONFIG', message: /no table/ })
    },
  },
  {
    name: 'names may have brackets, quotes and dots in them',
    family: 'mssql',
    needs: ['brackets'],
    async run(subject, strategy, mutation) {
      const name = `o]r'd."er] ${newName('x')}`
      const table = `[${name.replaceAll(']', ']]')}]`
      await batch(
        subject,
        `create table ${table} (
           [i]]d] int not null primary key, [sta]]tus] varchar(10) not null, [ver.sion] rowversion not null, [no]]te] int null
         )`,
        `insert into ${table} ([i]]d], [sta]]tus]) values (1, 'Wait'), (2, 'Wait')`,
      )
      const columns = { id: 'i]d', status: 'sta]tus', version: 'ver.sion' }
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table, columns } })
      const seen: unknown[] = []
      const effect = (_tx: unknown, order: unknown): void => void seen.push(order)
      const options = { effect, read: ['no]te', 'i]d'], set: { 'no]te': 7 }, expect: { 'no]te': null } }
      assert.equal((await claimOnce(1, options)).outcome, 'claimed')
      assert.deepEqual(seen, [{ 'no]te': 7, 'i]d': 1 }])
      assert.equal((await claimOnce(1)).outcome, 'duplicate')
      assert.deepEqual(await subject.query(`select [i]]d] as id from ${table} where [sta]]tus] = 'Y'`), [{ id: 1 }])
    },
  },
  stateCase('varchar(10) collate Latin1_General_CI_AS', ['wait', 'WAIT', 'Wait ', 'Wáit']),
  stateCase('nvarchar(10)', ['wait', 'Ｗait']),
  stateCase('char(10)', ['wait', 'WAIT']),
]

/** A status that only looks like *waiting* is another one; a trailing blank counts, but for CHAR, which has none. */
function stateCase(type: string, others: readonly string[]): Case {
  return {
    name: `a status of type ${type} is compared exactly`,
    family: 'mssql',
    async run(subject: Subject, strategy: StrategyName, mutation?: Mutation) {
      const table = newName('states')
      const values = ['Wait', ...others].map((state, id) => `(${id}, N'${state}')`).join(', ')
      await batch(
        subject,
        `create table ${table} (id int not null primary key, status ${type} not null, row_version rowversion not null)`,
        `insert into ${table} (id, status) values ${values}`,
      )
      const columns = { id: 'id', status: 'status', version: 'row_version' }
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config: { table, columns } })
      for (const [index, state] of others.entries()) {
        const result = await claimOnce(index + 1)
        assert.deepEqual(
          [result.outcome, 'status' in result ? result.status : null],
          ['wrong_status', state],
          JSON.stringify(state),
        )
      }
      assert.equal((await claimOnce(0)).outcome, 'claimed')
      assert.deepEqual(await subject.query(`select id from ${table} where status = N'Y'`), [{ id: 0 }])

      const alike = { waiting: 'Wait', claimed: 'wAIT' }
      const refused = claimsOn(subject, { strategy, mutation, config: { table, columns, states: alike } })
      await assert.rejects(refused.claimOnce(0), { code: 'CLAIM_CONFIG', message: /are the same/ })
    },
  }
}

const shown = (id: unknown): string =>
  typeof id === 'bigint' ? `${id}n` : Buffer.isBuffer(id) ? binary(id) : JSON.stringify(id)
