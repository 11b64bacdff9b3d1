import type { EventEmitter } from 'node:events'
import { CompiledQuery } from 'kysely'
import type { Request } from 'tedious'
import { describe, expect, test, vi } from 'vitest'
import type { Fault } from '../support/tds/faults.ts'
import { count, rolledBack, rows } from '../support/tds/reply.ts'
import type { TdsServerOptions } from '../support/tds/server.ts'
import { done, runTedious } from '../support/tds/tedious-client.ts'
import { failure, kyselyOf, mssqlOf, startServer, tediousOf } from './start.ts'

/** On this request alone: what follows it on the connection has all the time it needs. */
const soon = (request: Request) => request.setTimeout(30)

const DEADLOCK = { number: 1205, state: 51, class: 13, message: 'Transaction was deadlocked.' }

/** A server that counts how often its script was run for an update, and the fault that waits for the first one. */
async function faulty(fault: Fault, options: Partial<TdsServerOptions> = {}) {
  let applied = 0
  const server = await startServer({
    answer: ({ sql }) => (sql === 'update' ? [count((applied += 1))] : []),
    ...options,
  })
  const armed = server.faults.add({ when: ({ sql }) => sql === 'update', do: fault })
  return { server, armed, applied: () => applied }
}

describe('an attention', () => {
  /** A script that answers when it is told to. */
  async function held(options: Partial<TdsServerOptions> = {}) {
    const asked = Promise.withResolvers<AbortSignal>()
    const answer = Promise.withResolvers<undefined>()
    const server = await startServer({
      async answer({ sql }, _session, gone) {
        if (sql !== 'slow') return [count(9)]
        asked.resolve(gone)
        await answer.promise
        return [count(1)]
      },
      ...options,
    })
    return { server, asked: asked.promise, answer: () => answer.resolve(undefined) }
  }

  test('ends a request that is cancelled; the late answer is dropped, and the session goes on', async () => {
    const { server, asked, answer } = await held()
    const connection = await tediousOf(server)
    let request: Request | undefined
    const cancelled = failure(runTedious(connection, 'slow', { build: (built) => (request = built) }))
    const gone = await asked
    expect(gone.aborted).toBe(false)
    request!.cancel()
    expect(await cancelled).toMatchObject({ code: 'ECANCEL' })
    expect(gone.aborted).toBe(true)
    answer()
    expect(await runTedious(connection, 'next')).toMatchObject({ rowCount: 9 })
    expect(server.sessions).toMatchObject([{ attentions: 1, closed: false }])
  })

  test('ends a request that takes too long', async () => {
    const { server, answer } = await held()
    const connection = await tediousOf(server)
    expect(await failure(runTedious(connection, 'slow', { build: soon }))).toMatchObject({ code: 'ETIMEOUT' })
    answer()
    expect(await runTedious(connection, 'next')).toMatchObject({ rowCount: 9 })
    expect(server.sessions).toMatchObject([{ attentions: 1, closed: false }])
  })

  test('of mssql: the session goes back into the pool', async () => {
    const { server } = await held()
    const pool = await mssqlOf(server, { requestTimeout: 300, pool: { max: 1 } })
    expect(await failure(pool.query('slow'))).toMatchObject({ code: 'ETIMEOUT' })
    expect((await pool.query('next')).rowsAffected).toEqual([9])
    expect(server.requests.map(({ sql }) => sql)).toEqual(['slow', 'next'])
    expect(server.openSessions).toHaveLength(1)
  })

  test('may roll back, as under XACT_ABORT', async () => {
    const { server } = await held({ cancelled: () => [rolledBack()] })
    const connection = await tediousOf(server)
    let rollbacks = 0
    // An event of tedious that its types leave out, and that node-mssql lives on.
    ;(connection as EventEmitter).on('rollbackTransaction', () => (rollbacks += 1))
    await done((told) => connection.beginTransaction(told))
    expect(await failure(runTedious(connection, 'slow', { build: soon }))).toMatchObject({ code: 'ETIMEOUT' })
    expect({ rollbacks, transaction: server.sessions[0]!.transaction }).toEqual({ rollbacks: 1, transaction: null })
    expect(await runTedious(connection, 'next')).toMatchObject({ rowCount: 9 })
  })

  test('ends a begin: the transaction that the late answer would begin is none', async () => {
    const answer = Promise.withResolvers<undefined>()
    const server = await startServer({
      answer: async ({ kind }) => (kind === 'begin' ? (await answer.promise, []) : []),
    })
    const connection = await tediousOf(server, { requestTimeout: 300 })
    expect(await failure(done((told) => connection.beginTransaction(told)))).toMatchObject({ code: 'ETIMEOUT' })
    answer.resolve(undefined)
    expect(await runTedious(connection, 'next')).toMatchObject({ rows: [] })
    expect(server.sessions[0]!.transaction).toBeNull()
  })

  test('is not needed for a request that is cancelled while it is sent: it is not carried out', async () => {
    const server = await startServer()
    const connection = await tediousOf(server)
    let request: Request | undefined
    const text = 'x'.repeat(1_000_000)
    const cancelled = failure(runTedious(connection, text, { build: (built) => (request = built) }))
    request!.cancel()
    expect(await cancelled).toMatchObject({ code: 'ECANCEL' })
    await runTedious(connection, 'next')
    expect(server.requests.map(({ sql }) => sql)).toEqual(['next'])
    expect(server.sessions[0]!.attentions).toBe(0)
  })

  test('can be ignored: the client gives the connection up', async () => {
    const { server } = await held({ ignoresAttentions: true })
    const connection = await tediousOf(server, { cancelTimeout: 30 })
    expect(await failure(runTedious(connection, 'slow', { build: soon }))).toMatchObject({
      code: 'ETIMEOUT',
      message: 'Failed to cancel request in 30ms',
    })
    await server.sessions[0]!.ended
    expect(server.sessions).toMatchObject([{ attentions: 1, closed: true }])
  })
})

describe('a fault', () => {
  const LOST = { code: 'ECONNRESET', message: 'socket hang up' }

  test.each([
    ['cut before', 0],
    ['cut after', 1],
    ['cut midway', 1],
  ] as const)('%s: the connection is lost, the script was run %i times', async (fault, times) => {
    const { server, armed, applied } = await faulty(fault)
    const connection = await tediousOf(server)
    expect(await failure(runTedious(connection, 'update'))).toMatchObject(LOST)
    await armed.struck
    expect(armed.strikes).toBe(1)
    expect(applied()).toBe(times)
    await server.sessions[0]!.ended
    expect(await runTedious(await tediousOf(server), 'update')).toMatchObject({ rowCount: times + 1 })
    expect(armed.strikes).toBe(1)
  })

  test('cut midway: some of the rows have come', async () => {
    const all = Array.from({ length: 5000 }, (_, id) => ({ id }))
    const { server } = await faulty('cut midway', { answer: () => [rows({ id: 'int' }, all)] })
    let read = 0
    const lost = runTedious(await tediousOf(server), 'update', { build: (request) => request.on('row', () => read++) })
    expect(await failure(lost)).toMatchObject(LOST)
    expect(read).toBeGreaterThan(1000)
    expect(read).toBeLessThan(4000)
  })

  test('swallow: the script was run, the client waits until it gives up, and may stay', async () => {
    const { server, armed, applied } = await faulty('swallow')
    const connection = await tediousOf(server)
    const ended = failure(runTedious(connection, 'update', { build: soon }))
    await armed.struck
    expect(applied()).toBe(1)
    expect(await ended).toMatchObject({ code: 'ETIMEOUT', message: 'Timeout: Request failed to complete in 30ms' })
    expect(await runTedious(connection, 'update')).toMatchObject({ rowCount: 2 })
  })

  test('swallow: a commit is done that nobody hears of', async () => {
    const server = await startServer()
    const armed = server.faults.add({ when: ({ kind }) => kind === 'commit', do: 'swallow' })
    const connection = await tediousOf(server, { requestTimeout: 300 })
    await done((told) => connection.beginTransaction(told))
    const ended = failure(done((told) => connection.commitTransaction(told)))
    await armed.struck
    expect(server.sessions[0]!.transaction).toBeNull()
    expect(await ended).toMatchObject({ code: 'ETIMEOUT' })
    expect(await failure(runTedious(connection, 'update'))).toMatchObject({ number: 3989 })
  })

  test('hang: neither the request nor the attention is answered, and the script was not run', async () => {
    const { server, armed, applied } = await faulty('hang')
    const connection = await tediousOf(server, { cancelTimeout: 30 })
    const ended = failure(runTedious(connection, 'update', { build: soon }))
    await armed.struck
    expect(await ended).toMatchObject({ code: 'ETIMEOUT', message: 'Failed to cancel request in 30ms' })
    expect(applied()).toBe(0)
    expect(server.sessions[0]!.attentions).toBe(1)
  })

  test('delay: the script is run later', async () => {
    const { server, armed, applied } = await faulty({ delayMs: 60 })
    const ended = runTedious(await tediousOf(server), 'update')
    await armed.struck
    expect(applied()).toBe(0)
    expect(await ended).toMatchObject({ rowCount: 1 })
  })

  test('delay: an attention comes before the script is run', async () => {
    const { server, applied } = await faulty({ delayMs: 10_000 })
    const connection = await tediousOf(server)
    expect(await failure(runTedious(connection, 'update', { build: soon }))).toMatchObject({ code: 'ETIMEOUT' })
    expect(applied()).toBe(0)
    expect(await runTedious(connection, 'update')).toMatchObject({ rowCount: 1 })
  })

  test('late: the client is cut off, and the session ends when the script has been run', async () => {
    const gate = Promise.withResolvers<undefined>()
    const { server, applied } = await faulty({ lateAfter: gate.promise })
    expect(await failure(runTedious(await tediousOf(server), 'update'))).toMatchObject(LOST)
    expect(await runTedious(await tediousOf(server), 'next')).toMatchObject({ rows: [] })
    expect([applied(), server.sessions[0]!.closed]).toEqual([0, false])
    gate.resolve(undefined)
    await server.sessions[0]!.ended
    expect(applied()).toBe(1)
  })

  test('error: answered instead of the script, with or without a rollback', async () => {
    for (const rollsBack of [false, true]) {
      const { server, applied } = await faulty({ error: DEADLOCK, rolledBack: rollsBack })
      const connection = await tediousOf(server)
      await done((told) => connection.beginTransaction(told))
      expect(await failure(runTedious(connection, 'update'))).toMatchObject({ number: 1205, class: 13 })
      expect(applied()).toBe(0)
      expect(server.sessions[0]!.transaction === null).toBe(rollsBack)
      expect(await runTedious(connection, 'select')).toMatchObject({ rows: [] })
    }
  })

  test('strikes as often as it was told, the first one that fits, until it is cleared', async () => {
    const server = await startServer()
    const once = server.faults.add({ when: ({ sql }) => sql === 'a', do: { error: { number: 1, message: 'once' } } })
    const thrice = server.faults.add({ when: () => true, times: 3, do: { error: { number: 2, message: 'thrice' } } })
    const connection = await tediousOf(server)
    const numbers: unknown[] = []
    for (const sql of ['b', 'a', 'a']) numbers.push((await failure(runTedious(connection, sql)))['number'])
    expect(numbers).toEqual([2, 1, 2])
    server.faults.clear()
    await runTedious(connection, 'a')
    expect([once.strikes, thrice.strikes]).toEqual([1, 2])
  })

  test('of a pool: mssql and kysely open another session after a cut', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { server } = await faulty('cut after')
    const pool = await mssqlOf(server, { pool: { max: 1 } })
    expect(await failure(pool.query('update'))).toMatchObject(LOST)
    expect((await pool.query('update')).rowsAffected).toEqual([2])
    server.faults.add({ when: ({ sql }) => sql === 'update', do: 'cut before' })
    const db = kyselyOf(server, { pool: { max: 1 } })
    expect(await failure(db.executeQuery(CompiledQuery.raw('update')))).toMatchObject(LOST)
    expect((await db.executeQuery(CompiledQuery.raw('update'))).numAffectedRows).toBe(3n)
    vi.restoreAllMocks()
  })

  test('of a validation: the pool throws the session away', async () => {
    const server = await startServer()
    const db = kyselyOf(server, { pool: { max: 1 } })
    await db.executeQuery(CompiledQuery.raw('a'))
    const armed = server.faults.add({ when: ({ sql }) => sql === 'select 1', do: { error: DEADLOCK } })
    await db.executeQuery(CompiledQuery.raw('b'))
    expect(armed.strikes).toBe(1)
    expect(server.sessions.map(({ requests }) => requests.map(({ sql }) => sql))).toEqual([['a'], ['b']])
  })
})
