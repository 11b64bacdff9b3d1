import assert from 'node:assert/strict'
import type { StrategyName } from '../../src/config.ts'
import type { ExpectedValue, SetValue } from '../../src/options.ts'
import type { MssqlTrait } from '../support/mssql-traits.ts'
import type { Case } from './cases.ts'
import { batch, newName, rowOf } from './mssql-support.ts'
import { claimsOn } from './subject.ts'
import type { Mutation, Subject } from './subject.ts'

interface Expectation {
  readonly type: string
  /** As SQL writes it. */
  readonly value: string
  readonly same: readonly ExpectedValue[]
  readonly other: readonly ExpectedValue[]
  readonly refused?: readonly ExpectedValue[]
  readonly needs?: Case['needs']
}

const EXPECTATIONS: readonly Expectation[] = [
  {
    type: 'decimal(12, 2)',
    value: '42.00',
    same: ['42', '42.00', '42.000000', 42, 42n],
    other: ['42.01', '42.001', '42.00000001', '-42', null],
    refused: [42.5, '4e1', '42,00', '', 'x'],
  },
  { type: 'decimal(12, 2) null', value: 'null', same: [null], other: ['0', '0.00', 0] },
  {
    type: 'numeric(38, 4)',
    value: '9999999999999999999999999999999999.9999',
    same: ['9999999999999999999999999999999999.9999'],
    other: ['9999999999999999999999999999999999.9998', '1'],
  },
  { type: 'money', value: '42.1', same: ['42.1', '42.1000'], other: ['42.1001', '42.10001', '42'] },
  { type: 'smallmoney', value: '-1.5', same: ['-1.5'], other: ['1.5', '-1.50001'] },
  { type: 'int', value: '7', same: [7, '7', 7n], other: [8, -7, null], refused: ['07', '7.0', 7.5] },
  { type: 'int null', value: 'null', same: [null], other: [0] },
  { type: 'bit', value: '1', same: [1, '1'], other: [0, '0', null], refused: [2] },
  { type: 'char(3)', value: "'CNY'", same: ['CNY'], other: ['cny', 'CN', null] },
  { type: 'char(5)', value: "'CNY'", same: ['CNY', 'CNY  '], other: ['cny', 'CN'] },
  { type: 'nvarchar(20)', value: "N'Ｗang é'", same: ['Ｗang é'], other: ['Wang é', 'Ｗang e', 'Ｗang é ', null] },
  { type: 'nvarchar(max)', value: "N'x'", same: ['x'], other: ['X', 'x '] },
  { type: 'varchar(max)', value: "'x'", same: ['x'], other: ['X', 'x ', null] },
  {
    type: 'date',
    value: "'2026-01-02'",
    same: ['2026-01-02', '2026-01-02 00:00:00'],
    other: ['2026-02-01', '2026-01-02 00:00:01', null],
    refused: ['02.01.2026', '20260102'],
  },
  {
    type: 'datetime2(3)',
    value: "'2026-01-02 03:04:05.678'",
    same: ['2026-01-02 03:04:05.678', '2026-01-02T03:04:05.678000'],
    other: ['2026-01-02 03:04:05.679', '2026-01-02 03:04:05.678001', '2026-01-02', null],
  },
  { type: 'datetime2(6) null', value: 'null', same: [null], other: ['2026-01-02'] },
  {
    type: 'datetime',
    value: "'2026-01-02T03:04:05.677'",
    same: ['2026-01-02 03:04:05.677', '2026-01-02 03:04:05.678'], // it holds 1/300 s: both mean the same
    other: ['2026-01-02 03:04:05.680', '2026-02-01 03:04:05.677'],
    needs: ['steps of datetime'],
  },
  {
    type: 'datetime',
    value: "'2026-01-02T03:04:05'",
    same: ['2026-01-02 03:04:05', '2026-01-02 03:04:05.000'],
    other: ['2026-02-01 03:04:05', '2026-01-02 03:04:06', null],
  },
  {
    type: 'smalldatetime',
    value: "'2026-01-02T03:04:00'",
    same: ['2026-01-02 03:04:00'],
    other: ['2026-01-02 03:05:00', '2026-01-02 03:04:01'],
  },
  {
    type: 'uniqueidentifier',
    value: "'6CCD780C-BABA-1026-9564-5B8C656024DB'",
    same: ['6ccd780c-baba-1026-9564-5b8c656024db', '6CCD780C-BABA-1026-9564-5B8C656024DB'],
    other: ['6ccd780c-baba-1026-9564-5b8c656024dc', null],
  },
  {
    type: 'varbinary(8)',
    value: '0x4100',
    same: [Buffer.from('A\0')],
    other: [Buffer.from('A'), Buffer.from('A\0\0'), Buffer.alloc(0), null],
    refused: ['A\0'],
    needs: ['bytes as hex'],
  },
  {
    type: 'varbinary(8)',
    value: '0x41',
    same: [Buffer.from('A')],
    other: [Buffer.from('A\0'), Buffer.from('a'), Buffer.alloc(0), null],
  },
  { type: 'varbinary(8)', value: '0x', same: [Buffer.alloc(0)], other: [Buffer.from([0]), null] },
  {
    type: 'binary(4)',
    value: '0x00000041',
    same: [Buffer.from('\0\0\0A')],
    other: [Buffer.alloc(4), null],
    needs: ['bytes as hex'],
  },
  { type: 'float', value: '1', same: [], other: [], refused: [1, '1'] },
]

interface Setting {
  readonly type: string
  readonly value: SetValue
  /** What the column then has, as SQL asks for it of the column `v`. */
  readonly is: string
}

const NOON = new Date('2026-01-02T12:34:56.789Z')

const SETTINGS: readonly Setting[] = [
  { type: 'money', value: '42.1234', is: 'v = cast(42.1234 as money)' },
  { type: 'smallmoney', value: -3, is: 'v = cast(-3 as smallmoney)' },
  { type: 'decimal(18, 4)', value: '12345678901234.5678', is: 'v = 12345678901234.5678' },
  { type: 'bigint', value: 9007199254740993n, is: 'v = 9007199254740993' },
  { type: 'int', value: 5, is: 'v = 5' },
  { type: 'int', value: null, is: 'v is null' },
  { type: 'bit', value: true, is: 'v = 1' },
  { type: 'bit', value: false, is: 'v = 0' },
  { type: 'float', value: 1.5, is: 'v = 1.5' },
  { type: 'nvarchar(40)', value: "漢😀 o'brien\\", is: "v = N'漢😀 o''brien\\'" },
  { type: 'varchar(40) collate Latin1_General_CI_AS', value: 'é€', is: "v = N'é€'" },
  { type: 'nvarchar(max)', value: 'x'.repeat(9000), is: 'len(v) = 9000' },
  {
    type: 'uniqueidentifier',
    value: '6ccd780c-baba-1026-9564-5b8c656024db',
    is: "v = '6CCD780C-BABA-1026-9564-5B8C656024DB'",
  },
  { type: 'varbinary(8)', value: Buffer.from('A\0'), is: 'v = 0x4100 and datalength(v) = 2' },
  { type: 'varbinary(max)', value: new Uint8Array(9000), is: 'datalength(v) = 9000' },
  { type: 'binary(4)', value: Buffer.from('ABCD'), is: 'v = 0x41424344' },
  { type: 'varbinary(8)', value: Buffer.alloc(0), is: 'v = 0x and datalength(v) = 0' },
  { type: 'varbinary(8)', value: null, is: 'v is null' },
  { type: 'datetime2(7)', value: NOON, is: "v = '2026-01-02T12:34:56.789'" },
  { type: 'datetime2(7)', value: '2026-01-02 12:34:56.1234567', is: "v = '2026-01-02T12:34:56.1234567'" },
  { type: 'datetime', value: '2026-01-02 12:34:56', is: "v = '2026-01-02T12:34:56'" },
  { type: 'smalldatetime', value: NOON, is: "v = '2026-01-02T12:35:00'" },
  { type: 'date', value: NOON, is: "v = '20260102'" },
]

const SETTINGS_OF_DATETIMEOFFSET: readonly Setting[] = [
  { type: 'datetimeoffset(3)', value: NOON, is: "v = '2026-01-02T13:34:56.789+01:00'" },
  { type: 'datetimeoffset', value: '2026-01-02 12:34:56 +02:00', is: "v = '2026-01-02T10:34:56+00:00'" },
]

const SETTINGS_OF_DATETIME: readonly Setting[] = [
  { type: 'datetime', value: NOON, is: "v = '2026-01-02T12:34:56.790'" },
  { type: 'datetime', value: '2026-01-02 12:34:56.7891234', is: "v = '2026-01-02T12:34:56.790'" },
]

const NEVER_SET: readonly (readonly [type: string, value: unknown])[] = [
  ['varbinary(8)', 'text'],
  ['nvarchar(40)', Buffer.from('bytes')],
  ['nvarchar(40)', ['a']],
  ['float', NaN],
  ['datetime2(3)', new Date(NaN)],
]

/** Claims on a table with one more column, `v`. */
async function tableWith(subject: Subject, type: string, rows: readonly string[]) {
  const table = newName('orders')
  await batch(
    subject,
    `create table ${table} (
       id int not null primary key, status varchar(10) not null, row_version rowversion not null, v ${type}
     )`,
    ...rows.map((row, id) => `insert into ${table} (id, status, v) values (${id}, 'Wait', ${row})`),
  )
  return { table, columns: { id: 'id', status: 'status', version: 'row_version' } }
}

/** Values of every type, compared exactly and written as they are. */
export const MSSQL_VALUE_CASES: readonly Case[] = [
  ...EXPECTATIONS.map(({ type, value, same, other, refused = [], needs = [] }): Case => ({
    name: `a claim expects exactly what a column of type ${type} holds (${value})`,
    family: 'mssql',
    needs,
    async run(subject, strategy, mutation) {
      const config = await tableWith(
        subject,
        type,
        Array.from({ length: same.length + 1 }, () => value),
      )
      const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
      for (const v of other) {
        const result = await claimOnce(same.length, { expect: { v } })
        assert.equal(result.outcome, 'mismatch', shown(v))
        assert(result.columns[0]?.column === 'v')
      }
      for (const v of refused) {
        await assert.rejects(claimOnce(same.length, { expect: { v } }), { code: 'CLAIM_INPUT' }, shown(v))
      }
      assert.deepEqual(await subject.query(`select id from ${config.table} where status = 'Y'`), [])
      for (const [id, v] of same.entries()) {
        assert.equal((await claimOnce(id, { expect: { v } })).outcome, 'claimed', shown(v))
      }
    },
  })),
  settingCase('a claim writes values of every type', SETTINGS, []),
  settingCase('a claim writes DATETIMEOFFSET', SETTINGS_OF_DATETIMEOFFSET, ['text to datetimeoffset']),
  settingCase('a claim writes DATETIME to the nearest 1/300 s', SETTINGS_OF_DATETIME, ['steps of datetime']),
  {
    name: 'a value of a kind that the column has not is refused',
    family: 'mssql',
    async run(subject, strategy, mutation) {
      for (const [type, value] of NEVER_SET) {
        const config = await tableWith(subject, `${type} null`, ['null'])
        const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
        await assert.rejects(claimOnce(0, { set: { v: value as SetValue } }), { code: 'CLAIM_INPUT' }, type)
      }
    },
  },
  rejectedCase(
    'a value that the database cannot convert is rejected, and nothing is claimed',
    [],
    [
      ['int', 'x'],
      ['date', 'no date'],
      ['varchar(3)', 'longer'],
      ['tinyint', 256],
    ],
  ),
  rejectedCase(
    'a value that overflows, or is no money, is rejected, and nothing is claimed',
    ['error numbers'],
    [
      ['smallint', 2 ** 15],
      ['int', 2 ** 31],
      ['bigint', '9223372036854775808'],
      ['decimal(4, 2)', '100.00'],
      ['money', 'x'],
      ['smallmoney', 214_749],
    ],
  ),
  ...['datetime2(6)', 'datetime2(0)', 'datetime', 'smalldatetime', 'datetimeoffset(3)', 'bigint', 'int'].map(
    (type): Case => ({
      name: `when an order was claimed is known from a column of type ${type}`,
      family: 'mssql',
      async run(subject, strategy, mutation) {
        const { table, columns } = await tableWith(subject, `${type} null`, ['null', 'null'])
        const config = { table, columns: { ...columns, claimedAt: 'v' } }
        const { claimOnce, reset } = claimsOn(subject, { strategy, mutation, config })
        // A server on another machine has a clock of its own; SMALLDATETIME holds minutes.
        const least = Date.now() - 65_000
        assert.equal((await claimOnce(0)).outcome, 'claimed')
        const second = await claimOnce(0)
        assert(second.outcome === 'duplicate' && second.claimedAt !== null)
        const at = second.claimedAt.getTime()
        assert(at > least && at < Date.now() + 65_000, second.claimedAt.toISOString())
        assert.equal((await reset(0)).outcome, 'reset')
        assert.deepEqual(await subject.query(`select v from ${table} where id = 0`), [{ v: null }])
      },
    }),
  ),
]

function rejectedCase(
  name: string,
  needs: readonly MssqlTrait[],
  values: readonly (readonly [type: string, value: SetValue])[],
): Case {
  return {
    name,
    family: 'mssql',
    needs,
    async run(subject: Subject, strategy: StrategyName, mutation?: Mutation) {
      for (const [type, value] of values) {
        const config = await tableWith(subject, `${type} null`, ['null'])
        const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
        await assert.rejects(claimOnce(0, { set: { v: value } }), { code: 'CLAIM_REJECTED' }, type)
        assert.equal((await rowOf(subject.query, `select status from ${config.table}`))['status'], 'Wait')
      }
    },
  }
}

function settingCase(name: string, settings: readonly Setting[], needs: readonly MssqlTrait[]): Case {
  return {
    name,
    family: 'mssql',
    needs,
    async run(subject: Subject, strategy: StrategyName, mutation?: Mutation) {
      for (const { type, value, is } of settings) {
        const config = await tableWith(subject, `${type} null`, ['null'])
        const { claimOnce } = claimsOn(subject, { strategy, mutation, config })
        assert.equal((await claimOnce(0, { set: { v: value } })).outcome, 'claimed', type)
        const { n } = await rowOf(
          subject.query,
          `select count(*) as n from ${config.table} where status = 'Y' and ${is}`,
        )
        assert.equal(n, 1, `${type}: ${is}`)
      }
    },
  }
}

const shown = (value: unknown): string =>
  typeof value === 'bigint' ? `${value}n` : Buffer.isBuffer(value) ? value.toString('hex') : JSON.stringify(value)
