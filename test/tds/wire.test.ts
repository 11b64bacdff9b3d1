import { once } from 'node:events'
import { CompiledQuery } from 'kysely'
import mssql from 'mssql'
import { Request, TYPES } from 'tedious'
import { expect, test } from 'vitest'
import { count, output, rows } from '../support/tds/reply.ts'
import { runTedious } from '../support/tds/tedious-client.ts'
import type { TdsValue } from '../support/tds/values.ts'
import { kyselyOf, mssqlOf, startServer, tediousOf } from './start.ts'

const DATE = new Date('2024-02-29T23:59:58.120Z')
const GUID = '01234567-89AB-CDEF-0123-456789ABCDEF'

test('a batch has its text, and no procedure', async () => {
  const server = await startServer()
  await runTedious(await tediousOf(server), "select N'é' -- ☃", { batch: true })
  expect(server.requests).toMatchObject([
    { kind: 'batch', sql: "select N'é' -- ☃", procedure: null, parameters: [], descriptor: null, packets: 1 },
  ])
})

const SENT: readonly (readonly [keyof typeof TYPES, TdsValue, object, string, TdsValue])[] = [
  ['NVarChar', 'Größe ☃', {}, 'nvarchar(7)', 'Größe ☃'],
  ['NVarChar', 'Y', { length: 4000 }, 'nvarchar(4000)', 'Y'],
  ['NVarChar', '', {}, 'nvarchar(1)', ''],
  ['NVarChar', null, { length: 10 }, 'nvarchar(10)', null],
  ['NVarChar', 'x'.repeat(4001), {}, 'nvarchar(max)', 'x'.repeat(4001)],
  ['NVarChar', null, { length: 8000 }, 'nvarchar(max)', null],
  ['NVarChar', '', { length: 8000 }, 'nvarchar(max)', ''],
  ['NChar', 'ab', { length: 2 }, 'nchar(2)', 'ab'],
  ['VarChar', 'é', {}, 'varchar(1)', 'é'],
  ['VarChar', 'x'.repeat(8001), {}, 'varchar(max)', 'x'.repeat(8001)],
  ['Char', 'EUR', { length: 3 }, 'char(3)', 'EUR'],
  ['VarBinary', Buffer.from('00000000000007d1', 'hex'), {}, 'varbinary(8)', Buffer.from('00000000000007d1', 'hex')],
  ['VarBinary', Buffer.alloc(8001, 7), {}, 'varbinary(max)', Buffer.alloc(8001, 7)],
  ['VarBinary', null, { length: 8 }, 'varbinary(8)', null],
  ['Binary', Buffer.of(1, 2), { length: 2 }, 'binary(2)', Buffer.of(1, 2)],
  ['TinyInt', 255, {}, 'tinyint', 255],
  ['SmallInt', -32_768, {}, 'smallint', -32_768],
  ['Int', -2_147_483_648, {}, 'int', -2_147_483_648],
  ['Int', null, {}, 'int', null],
  ['BigInt', 9_223_372_036_854_775_807n, {}, 'bigint', 9_223_372_036_854_775_807n],
  ['BigInt', -5n, {}, 'bigint', -5n],
  ['Bit', true, {}, 'bit', true],
  ['Bit', false, {}, 'bit', false],
  ['Bit', null, {}, 'bit', null],
  ['Float', -0.1, {}, 'float', -0.1],
  ['Real', 0.5, {}, 'real', 0.5],
  ['Decimal', -12.05, { precision: 12, scale: 2 }, 'decimal(12,2)', '-12.05'],
  ['Numeric', 7, { precision: 5, scale: 0 }, 'numeric(5,0)', '7'],
  ['Money', -1.5, {}, 'money', '-1.5000'],
  ['DateTime', DATE, {}, 'datetime', DATE],
  ['DateTime', null, {}, 'datetime', null],
  ['DateTime2', DATE, { scale: 7 }, 'datetime2(7)', DATE],
  ['DateTimeOffset', DATE, { scale: 3 }, 'datetimeoffset(3)', DATE],
  ['Date', DATE, {}, 'date', new Date('2024-02-29')],
  ['Time', DATE, { scale: 3 }, 'time(3)', new Date('1970-01-01T23:59:58.120Z')],
  ['SmallDateTime', DATE, {}, 'smalldatetime', new Date('2024-02-29T23:59:00Z')],
  ['UniqueIdentifier', GUID, {}, 'uniqueidentifier', GUID],
]
test.each(SENT)('a parameter of type %s, case %#', async (type, value, options, name, read) => {
  const server = await startServer()
  await runTedious(await tediousOf(server), 'select @p, @next', {
    build(request) {
      request.addParameter('p', TYPES[type], value, options)
      request.addParameter('next', TYPES.Int, 1)
    },
  })
  expect(server.requests).toMatchObject([
    {
      kind: 'rpc',
      procedure: 'sp_executesql',
      sql: 'select @p, @next',
      parameters: [
        { name: '@p', output: false, type: name, value: read },
        { name: '@next', output: false, type: 'int', value: 1 },
      ],
    },
  ])
  expect(server.requests[0]!.declarations).toMatch(/^@p [a-z]+.*, ?@next int$/)
})

test('what kysely makes of the values of JavaScript', async () => {
  const server = await startServer()
  const values = ['Y', 1, 2 ** 31, 3n, 0.5, true, DATE, Buffer.alloc(8), null]
  await kyselyOf(server).executeQuery(CompiledQuery.raw('select 2', values))
  const { parameters, sql: text } = server.requests[0]!
  expect(text).toBe('select 2')
  expect(parameters.map(({ name, type }) => `${name} ${type}`)).toEqual([
    '@1 nvarchar(1)',
    '@2 int',
    '@3 bigint',
    '@4 int',
    '@5 float',
    '@6 bit',
    '@7 datetime',
    '@8 varbinary(8)',
    '@9 nvarchar(4000)',
  ])
  expect(parameters.map(({ value }) => value)).toEqual(['Y', 1, 2n ** 31n, 3, 0.5, true, DATE, Buffer.alloc(8), null])
})

test('a procedure has its name, and its output parameters their values', async () => {
  const server = await startServer({ answer: () => [output('@total', 'bigint', 12n)] })
  const request = (await mssqlOf(server)).request().input('order', 7).output('total', mssql.BigInt)
  expect((await request.execute('settle')).output).toEqual({ total: '12' })
  expect(server.requests.filter(({ procedure }) => procedure === 'settle')).toMatchObject([
    {
      sql: '',
      parameters: [
        { name: '@order', output: false, value: 7 },
        { name: '@total', output: true, value: null },
      ],
    },
  ])
})

test('a statement is prepared, executed by its handle, and unprepared', async () => {
  const server = await startServer({ answer: () => [count(1)] })
  const pool = await mssqlOf(server)
  const statement = new mssql.PreparedStatement(pool)
  statement.input('id', mssql.Int)
  await statement.prepare('update orders set a = 1 where id = @id')
  expect((await statement.execute({ id: 7 })).rowsAffected).toEqual([1])
  await statement.unprepare()
  const sent = server.requests.filter(({ sql: text }) => text.startsWith('update'))
  const text = { sql: 'update orders set a = 1 where id = @id', declarations: '@id int' }
  expect(sent).toMatchObject([
    { ...text, procedure: 'sp_prepare', handle: null, parameters: [] },
    { ...text, procedure: 'sp_execute', handle: 1, parameters: [{ name: '@id', type: 'int', value: 7 }] },
    { ...text, procedure: 'sp_unprepare', handle: 1, parameters: [] },
  ])
  expect(server.openSessions.map(({ prepared }) => prepared.size)).toEqual([0])
})

test('tedious names the procedures of preparing by their ids', async () => {
  const server = await startServer({ answer: () => [count(2)] })
  const connection = await tediousOf(server)
  let ended = Promise.withResolvers<unknown>()
  const request = new Request('update orders set a = @a', (error) => ended.resolve(error ?? null))
  request.addParameter('a', TYPES.Int, null)
  const prepared = once(request, 'prepared')
  connection.prepare(request)
  await prepared
  connection.execute(request, { a: 7 })
  expect(await ended.promise).toBeNull()
  ended = Promise.withResolvers()
  connection.unprepare(request)
  expect(await ended.promise).toBeNull()
  ended = Promise.withResolvers()
  connection.execute(request, { a: 8 })
  expect(await ended.promise).toMatchObject({ number: 8179 })
  expect(server.requests.map(({ procedure, sql, handle }) => [procedure, sql, handle])).toEqual([
    ['sp_prepare', 'update orders set a = @a', null],
    ['sp_execute', 'update orders set a = @a', 1],
    ['sp_unprepare', 'update orders set a = @a', 1],
    ['sp_execute', '', 1],
  ])
})

test('sp_prepexec executes, and gives a handle', async () => {
  const server = await startServer({ answer: () => [count(2)] })
  const request = (await mssqlOf(server)).request().output('handle', mssql.Int)
  request.input('params', mssql.NVarChar, '@a int').input('stmt', mssql.NVarChar, 'update').input('a', mssql.Int, 7)
  expect(await request.execute('sp_prepexec')).toMatchObject({ output: { handle: 1 }, rowsAffected: [2] })
  expect(server.requests).toMatchObject([
    { procedure: 'sp_prepexec', sql: 'update', declarations: '@a int', parameters: [{ name: '@a', value: 7 }] },
  ])
})

test('a large text comes in many packets, and goes back in many', async () => {
  const text = Array.from({ length: 20_000 }, (_, at) => String.fromCharCode(0x4e00 + (at % 5000))).join('')
  const server = await startServer({
    answer: ({ parameters }) => [rows({ text: 'nvarchar(max)' }, [{ text: parameters[0]!.value }, { text: '' }])],
  })
  const result = await runTedious(await tediousOf(server), 'select @p', {
    build: (request) => request.addParameter('p', TYPES.NVarChar, text),
  })
  expect(result.rows).toEqual([{ text }, { text: '' }])
  expect(server.requests[0]!.packets).toBeGreaterThan(8)
})
