import { CompiledQuery } from 'kysely'
import mssql from 'mssql'
import type { Request } from 'tedious'
import { describe, expect, test } from 'vitest'
import type { ColumnTypes } from '../support/tds/reply.ts'
import { count, error, info, rows } from '../support/tds/reply.ts'
import { runTedious } from '../support/tds/tedious-client.ts'
import { failure, kyselyOf, mssqlOf, startServer, tediousOf } from './start.ts'

const DATE = new Date('2024-02-29T23:59:58.120Z')
const GUID = '01234567-89AB-CDEF-0123-456789ABCDEF'

describe('replies', () => {
  const COLUMNS = {
    tiny: 'tinyint',
    small: 'smallint',
    whole: 'int',
    big: 'bigint',
    flag: 'bit',
    real: 'float',
    text: 'nvarchar(10)',
    ansi: 'varchar(10)',
    long: 'nvarchar(max)',
    bytes: 'varbinary(8)',
    blob: 'varbinary(max)',
    fixed: 'binary(2)',
    at: 'datetime2(7)',
    old: 'datetime',
    amount: 'decimal(19,4)',
    guid: 'uniqueidentifier',
  } as const satisfies ColumnTypes
  const ROW = {
    tiny: 255,
    small: -2,
    whole: -7,
    big: -9_007_199_254_740_993n,
    flag: true,
    real: 0.1,
    text: 'Wait ☃',
    ansi: 'é',
    long: 'ö'.repeat(5000),
    bytes: Buffer.from('00000000000007d1', 'hex'),
    blob: Buffer.alloc(9000, 7),
    fixed: Buffer.of(1, 2),
    at: DATE,
    old: DATE,
    amount: '-12.0500',
    guid: GUID,
  }
  const EMPTY = Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, null]))
  const READ = [{ ...ROW, big: '-9007199254740993', amount: -12.05 }, EMPTY]
  const server = () => startServer({ answer: () => [rows(COLUMNS, [ROW, EMPTY])] })

  test('rows, as tedious reads them', async () => {
    const connection = await tediousOf(await server())
    expect(await runTedious(connection, 'select all')).toEqual({ rows: READ, rowCount: 2 })
    expect(await runTedious(connection, 'select all', { batch: true })).toEqual({ rows: READ, rowCount: 2 })
  })

  test('rows, as mssql reads them', async () => {
    const pool = await mssqlOf(await server())
    expect([...(await pool.query('select all')).recordset]).toEqual(READ)
    expect([...(await pool.batch('select all')).recordset]).toEqual(READ)
  })

  test('rows, as kysely reads them', async () => {
    const { rows: read } = await kyselyOf(await server()).executeQuery(CompiledQuery.raw('select all'))
    expect(read).toEqual(READ)
  })

  test('a rowversion is eight bytes of a type of its own, and never null', async () => {
    const version = Buffer.from('00000000000007d1', 'hex')
    const pool = await mssqlOf(await startServer({ answer: () => [rows({ version: 'rowversion' }, [{ version }])] }))
    const { recordset } = await pool.query<{ version: Buffer }>('select version')
    expect([...recordset]).toEqual([{ version }])
    expect(recordset.columns['version']).toMatchObject({ length: 8, nullable: false, type: mssql.Binary })
  })

  test('two recordsets, and counts between them', async () => {
    const pool = await mssqlOf(
      await startServer({
        answer: () => [
          rows({ a: 'int' }, [{ a: 1 }]),
          count(5),
          rows({ b: 'nvarchar(2)' }, [{ b: 'x' }, { b: 'y' }]),
          count(0),
        ],
      }),
    )
    for (const result of [await pool.query('four'), await pool.batch('four')]) {
      expect(result.recordsets).toMatchObject([[{ a: 1 }], [{ b: 'x' }, { b: 'y' }]])
      expect(result.rowsAffected).toEqual([1, 5, 2, 0])
    }
  })

  test('each statement of a batch ends once, and all but the last say that more follows', async () => {
    const failed = error({ number: 547, message: 'no' })
    const server = await startServer({ answer: () => [count(1), failed, failed, count(2)] })
    const ends: unknown[] = []
    const build = (request: Request) => request.on('done', (rowCount, more) => ends.push([rowCount, more]))
    await failure(runTedious(await tediousOf(server), 'three', { batch: true, build }))
    expect(ends).toEqual([
      [1, true],
      [undefined, true],
      [2, false],
    ])
  })

  test('kysely and tedious add the counts up', async () => {
    const server = await startServer({ answer: () => [count(1), count(2)] })
    const { numAffectedRows } = await kyselyOf(server).executeQuery(CompiledQuery.raw('update'))
    expect(numAffectedRows).toBe(3n)
    expect((await runTedious(await tediousOf(server), 'update', { batch: true })).rowCount).toBe(3)
  })
})

describe('errors', () => {
  const DUPLICATE = { number: 2627, state: 3, class: 14, message: 'Violation of PRIMARY KEY constraint.', line: 4 }
  const ENDED = { number: 3621, class: 0, message: 'The statement has been terminated.' }

  test('an error after rows rejects, and says all that the token says', async () => {
    const server = await startServer({ answer: () => [rows({ a: 'int' }, [{ a: 1 }]), error(DUPLICATE), info(ENDED)] })
    const { message, number, state, class: severity } = { ...DUPLICATE }
    const told = { message, number, state, class: severity, lineNumber: 4 }
    const [connection, pool, db] = [await tediousOf(server), await mssqlOf(server), kyselyOf(server)]
    expect(await failure(runTedious(connection, 'a'))).toMatchObject({ ...told, code: 'EREQUEST' })
    expect(await failure(runTedious(connection, 'a', { batch: true }))).toMatchObject(told)
    expect(await failure(pool.query('a'))).toMatchObject({ ...told, code: 'EREQUEST', precedingErrors: [] })
    expect(await failure(db.executeQuery(CompiledQuery.raw('a')))).toMatchObject(told)
  })

  test('two errors: an AggregateError, precedingErrors, an array', async () => {
    const server = await startServer({ answer: () => [error({ number: 547, message: 'one' }), error(DUPLICATE)] })
    const aggregate = await failure(runTedious(await tediousOf(server), 'a'))
    expect(aggregate).toBeInstanceOf(AggregateError)
    expect(aggregate).toMatchObject({ errors: [{ number: 547 }, { number: 2627 }] })
    const ofMssql = await failure((await mssqlOf(server)).query('a'))
    expect(ofMssql).toMatchObject({ number: 2627, precedingErrors: [{ number: 547 }] })
    const ofKysely = await failure(kyselyOf(server).executeQuery(CompiledQuery.raw('a')))
    expect(Array.isArray(ofKysely)).toBe(true)
    expect(ofKysely).toMatchObject([{ number: 547 }, { number: 2627 }])
  })

  test('an info is no error', async () => {
    const server = await startServer({ answer: () => [info({ number: 5701, message: 'hello' }), count(1)] })
    const request = (await mssqlOf(server)).request()
    const infos: unknown[] = []
    request.on('info', (told) => infos.push(told))
    expect((await request.query('print')).rowsAffected).toEqual([1])
    expect(infos).toMatchObject([{ number: 5701, message: 'hello', class: 0 }])
  })

  test('an error of severity 20 ends the session', async () => {
    const server = await startServer({ answer: () => [error({ number: 823, class: 24, message: 'I/O error' })] })
    expect(await failure(runTedious(await tediousOf(server), 'a'))).toMatchObject({ number: 823, class: 24 })
    await server.sessions[0]!.ended
    expect(server.openSessions).toEqual([])
  })
})
