import { CompiledQuery } from 'kysely'
import type { IsolationLevel } from 'kysely'
import mssql from 'mssql'
import { ISOLATION_LEVEL } from 'tedious'
import { describe, expect, test } from 'vitest'
import { begun, committed, count, error, rolledBack, staysOpen } from '../support/tds/reply.ts'
import type { TdsServer } from '../support/tds/server.ts'
import { done, runTedious } from '../support/tds/tedious-client.ts'
import { failure, kyselyOf, mssqlOf, startServer, tediousOf } from './start.ts'

const DEADLOCK = { number: 1205, state: 51, class: 13, message: 'Transaction was deadlocked.' }

/** The requests, each as its kind and whether it came in a transaction. */
const story = ({ requests }: TdsServer) =>
  requests.map(({ kind, sql, transactionName, descriptor }) =>
    [kind === 'rpc' || kind === 'batch' ? sql : kind, transactionName, descriptor ? 'inside' : 'outside']
      .filter(Boolean)
      .join(' '),
  )

describe('tedious', () => {
  test('begins, saves, rolls back to the savepoint, and commits', async () => {
    const server = await startServer()
    const connection = await tediousOf(server)
    const session = server.sessions[0]!
    await done((told) => connection.beginTransaction(told, 'claim', ISOLATION_LEVEL['SNAPSHOT']))
    expect(session).toMatchObject({ transactionName: 'claim', isolationLevel: 5 })
    const descriptor = session.transaction
    expect(descriptor).toHaveLength(8)
    await done((told) => connection.saveTransaction(told, 'point'))
    await done((told) => connection.rollbackTransaction(told, 'point'))
    expect(session.transaction).toBe(descriptor)
    await runTedious(connection, 'update')
    await done((told) => connection.commitTransaction(told))
    expect(session.transaction).toBeNull()
    await runTedious(connection, 'select')
    expect(server.requests[3]!.descriptor).toEqual(descriptor)
    expect(story(server)).toEqual([
      'begin claim outside',
      'save point inside',
      'rollback point inside',
      'update inside',
      'commit inside',
      'select outside',
    ])
  })

  test('a rollback ends the transaction, and so does one of its name', async () => {
    const server = await startServer()
    const connection = await tediousOf(server)
    const descriptors = new Set<string | undefined>()
    for (const name of ['', 'claim']) {
      await done((told) => connection.beginTransaction(told, 'claim'))
      descriptors.add(server.sessions[0]!.transaction?.toString('hex'))
      await done((told) => connection.rollbackTransaction(told, name))
      expect(server.sessions[0]!.transaction).toBeNull()
    }
    expect(descriptors.size).toBe(2)
  })

  test('what needs a transaction is refused without one, and the script is not asked', async () => {
    const server = await startServer({ answer: () => Promise.reject(new Error('was asked')) })
    const connection = await tediousOf(server)
    expect(await failure(done((told) => connection.commitTransaction(told)))).toMatchObject({ number: 3902 })
    expect(await failure(done((told) => connection.rollbackTransaction(told)))).toMatchObject({ number: 3903 })
    expect(await failure(done((told) => connection.saveTransaction(told, 'a')))).toMatchObject({ number: 628 })
  })

  test('a savepoint that is not set in this transaction is refused', async () => {
    const connection = await tediousOf(await startServer())
    await done((told) => connection.beginTransaction(told))
    await done((told) => connection.saveTransaction(told, 'other'))
    await done((told) => connection.commitTransaction(told))
    await done((told) => connection.beginTransaction(told, 'claim'))
    expect(await failure(done((told) => connection.rollbackTransaction(told, 'other')))).toMatchObject({ number: 6401 })
  })

  test('a script can refuse a begin, and keep a transaction open after a commit', async () => {
    let refuses = true
    const server = await startServer({
      answer: ({ kind }) =>
        kind === 'begin' && refuses ? [error({ number: 3952, message: 'no' })] : kind === 'commit' ? [staysOpen()] : [],
    })
    const connection = await tediousOf(server)
    expect(await failure(done((told) => connection.beginTransaction(told)))).toMatchObject({ number: 3952 })
    expect(server.sessions[0]!.transaction).toBeNull()
    refuses = false
    await done((told) => connection.beginTransaction(told))
    await done((told) => connection.commitTransaction(told))
    await runTedious(connection, 'select')
    expect(story(server).at(-1)).toBe('select inside')
  })

  test('transactions of SQL are told like the others', async () => {
    const server = await startServer({
      answer: ({ sql }) => (sql === 'begin tran' ? [begun()] : sql === 'commit' ? [count(1), committed()] : []),
    })
    const connection = await tediousOf(server)
    for (const text of ['begin tran', 'update', 'commit', 'select']) {
      await runTedious(connection, text, { batch: true })
    }
    expect(story(server)).toEqual(['begin tran outside', 'update inside', 'commit inside', 'select outside'])
  })

  test('a request with a descriptor from before is refused', async () => {
    const server = await startServer()
    const connection = await tediousOf(server)
    await done((told) => connection.beginTransaction(told))
    server.sessions[0]!.endTransaction()
    expect(await failure(runTedious(connection, 'update'))).toMatchObject({ number: 3989 })
  })

  test('a reset rolls back, forgets what was prepared, and is acknowledged', async () => {
    const resets: boolean[] = []
    const asked: string[] = []
    const server = await startServer({
      answer: ({ kind, sql }) => (asked.push(sql || kind), []),
      reset: ({ transaction }) => void resets.push(transaction === null),
    })
    const connection = await tediousOf(server)
    let acknowledged = 0
    connection.on('resetConnection', () => (acknowledged += 1))
    await done((told) => connection.beginTransaction(told))
    server.sessions[0]!.prepare({ sql: 'a', declarations: '' })
    await done((told) => connection.reset(told))
    await runTedious(connection, 'select')
    expect(server.requests.map(({ resetConnection }) => resetConnection)).toEqual([false, true, false])
    expect(story(server).at(-1)).toBe('select outside')
    expect({ acknowledged, resets, prepared: server.sessions[0]!.prepared.size }).toEqual({
      acknowledged: 1,
      resets: [true],
      prepared: 0,
    })
    expect(server.sessions[0]!.resets).toBe(1)
    // The SET options that come with the reset are the server's own business.
    expect(asked).toEqual(['begin', 'select'])
  })
})

describe('mssql', () => {
  test('commits and rolls back, at the isolation level it was asked for', async () => {
    const server = await startServer()
    const pool = await mssqlOf(server)
    const first = pool.transaction()
    await first.begin(mssql.ISOLATION_LEVEL.SERIALIZABLE)
    await first.request().query('update')
    await first.commit()
    const second = pool.transaction()
    await second.begin()
    await second.rollback()
    expect(story(server)).toEqual([
      'begin outside',
      'update inside',
      'commit inside',
      'begin outside',
      'rollback inside',
    ])
    expect(server.requests.map(({ isolationLevel }) => isolationLevel)).toEqual([4, null, null, 2, null])
  })

  test('a rollback by the server aborts the transaction', async () => {
    const server = await startServer({ answer: ({ sql }) => (sql === 'update' ? [error(DEADLOCK), rolledBack()] : []) })
    const pool = await mssqlOf(server)
    const transaction = pool.transaction()
    let aborted: unknown
    transaction.on('rollback', (byServer: unknown) => (aborted = byServer))
    await transaction.begin()
    expect(await failure(transaction.request().query('update'))).toMatchObject({ number: 1205, state: 51 })
    expect(aborted).toBe(true)
    expect(await failure(transaction.commit())).toMatchObject({ code: 'EABORT' })
    await pool.query('select')
    expect(story(server)).toEqual(['begin outside', 'update inside', 'select outside'])
  })
})

describe('kysely', () => {
  const LEVELS: readonly (readonly [IsolationLevel, number])[] = [
    ['read uncommitted', 1],
    ['read committed', 2],
    ['repeatable read', 3],
    ['serializable', 4],
    ['snapshot', 5],
  ]
  test.each(LEVELS)('a transaction that is %s', async (level, byte) => {
    const server = await startServer()
    const db = kyselyOf(server)
    await db
      .transaction()
      .setIsolationLevel(level)
      .execute((tx) => tx.executeQuery(CompiledQuery.raw('update')))
    expect(server.requests.map(({ kind }) => kind)).toEqual(['begin', 'rpc', 'commit'])
    expect(server.requests[0]!.isolationLevel).toBe(byte)
    expect(server.requests[1]!.descriptor).not.toBeNull()
  })

  test('a controlled transaction with a savepoint', async () => {
    const server = await startServer()
    const tx = await kyselyOf(server).startTransaction().execute()
    const saved = await tx.savepoint('point').execute()
    await saved.rollbackToSavepoint('point').execute()
    await tx.rollback().execute()
    expect(story(server)).toEqual(['begin outside', 'save point inside', 'rollback point inside', 'rollback inside'])
    expect(server.sessions[0]!.transaction).toBeNull()
  })

  test('a rollback by the server is followed by one of kysely, whose refusal hides the error', async () => {
    const server = await startServer({ answer: ({ sql }) => (sql === 'update' ? [error(DEADLOCK), rolledBack()] : []) })
    const ending = kyselyOf(server)
      .transaction()
      .execute((tx) => tx.executeQuery(CompiledQuery.raw('update')))
    expect(await failure(ending)).toMatchObject({ number: 3903 })
    expect(story(server)).toEqual(['begin outside', 'update inside', 'rollback outside'])
  })

  test('a pool that resets what it takes back', async () => {
    const server = await startServer()
    const db = kyselyOf(server, { resetConnectionsOnRelease: true })
    await db.executeQuery(CompiledQuery.raw('begin tran'))
    expect(server.sessions.map(({ resets }) => resets)).toEqual([1])
  })
})
