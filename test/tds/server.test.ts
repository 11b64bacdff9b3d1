import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { CompiledQuery } from 'kysely'
import { expect, test } from 'vitest'
import { count } from '../support/tds/reply.ts'
import { TdsServer } from '../support/tds/server.ts'
import { openTedious, runTedious } from '../support/tds/tedious-client.ts'
import { failure, kyselyOf, startServer, tediousOf } from './start.ts'

test('sessions are served side by side', async () => {
  const arrived = Promise.withResolvers<undefined>()
  const inside = new Set<number>()
  const server = await startServer({
    async answer(_request, session) {
      session.state.set('asked', Number(session.state.get('asked') ?? 0) + 1)
      inside.add(session.id)
      if (inside.size === 5) arrived.resolve(undefined)
      // Nobody is answered before all five are here.
      await arrived.promise
      return [count(session.id)]
    },
  })
  const db = kyselyOf(server, { pool: { max: 5 } })
  const results = await Promise.all(Array.from({ length: 5 }, () => db.executeQuery(CompiledQuery.raw('a'))))
  const ids = server.sessions.map(({ id }) => BigInt(id))
  expect(new Set(results.map(({ numAffectedRows }) => numAffectedRows))).toEqual(new Set(ids))
  expect(server.sessions.map(({ state }) => state.get('asked'))).toEqual([1, 1, 1, 1, 1])
})

test('the script hears of the end of a session, and what was asked is asked for nobody', async () => {
  const closed: number[] = []
  const asked = Promise.withResolvers<AbortSignal>()
  const server = await startServer({
    answer(_request, _session, gone) {
      asked.resolve(gone)
      return new Promise((resolve) => gone.addEventListener('abort', () => resolve([])))
    },
    closed: ({ id }) => void closed.push(id),
  })
  const connection = await tediousOf(server)
  const ended = failure(runTedious(connection, 'a'))
  const gone = await asked.promise
  connection.close()
  await ended
  await server.sessions[0]!.ended
  expect(gone.aborted).toBe(true)
  expect(closed).toEqual([server.sessions[0]!.id])
})

test('a session is ended from the side of the server', async () => {
  const server = await startServer({ answer: (_request, session) => (session.cut(), []) })
  expect(await failure(runTedious(await tediousOf(server), 'a'))).toMatchObject({ code: 'ECONNRESET' })
  expect(server.openSessions).toEqual([])
})

test('a script that fails is told to the client, and again by stop()', async () => {
  const server = await TdsServer.start({ answer: ({ sql }) => Promise.reject(new Error(`nothing is known of ${sql}`)) })
  const connection = await openTedious(server)
  const told = await failure(runTedious(connection, 'a'))
  expect(told).toMatchObject({ number: 50_000, message: expect.stringContaining('nothing is known of a') as string })
  connection.close()
  await expect(server.stop()).rejects.toThrow('nothing is known of a')
})

test('a client that does not speak TDS is cut off, and told by stop()', async () => {
  const server = await TdsServer.start({ answer: () => [] })
  const socket = connect(server.port, '127.0.0.1')
  await new Promise((resolve) => {
    socket.on('error', () => undefined).on('close', resolve)
    socket.write(Buffer.of(0x01, 0x01, 0, 9, 0, 0, 1, 0, 0))
  })
  await expect(server.stop()).rejects.toThrow('before the login')
})

test('a server that is away refuses, and is back on the same port', async () => {
  const server = await startServer()
  const { port } = server
  await tediousOf(server)
  await server.away()
  expect(server.openSessions).toHaveLength(0)
  expect(await failure(openTedious(server))).toMatchObject({ code: 'ESOCKET' })
  await server.back()
  expect(server.port).toBe(port)
  expect(await runTedious(await tediousOf(server), 'select')).toMatchObject({ rows: [] })
})

test('stop() leaves nothing behind that keeps a process alive', async () => {
  const of = (file: string) => JSON.stringify(new URL(`../support/tds/${file}`, import.meta.url).href)
  // One request hangs, one waits for its script, one for the end of a delay, and one client has only connected.
  const program = `
    import { connect } from 'node:net'
    import { TdsServer } from ${of('server.ts')}
    import { openTedious, runTedious } from ${of('tedious-client.ts')}
    const server = await TdsServer.start({ answer: () => new Promise(() => {}) })
    const faults = [
      server.faults.add({ when: ({ sql }) => sql === 'hang', do: 'hang' }),
      server.faults.add({ when: ({ sql }) => sql === 'delay', do: { delayMs: 600_000 } }),
    ]
    const idle = connect(server.port, '127.0.0.1').on('error', () => {})
    const ended = []
    for (const sql of ['hang', 'delay', 'wait']) {
      ended.push(runTedious(await openTedious(server, { requestTimeout: 0 }), sql).catch(({ code }) => code))
    }
    await Promise.all(faults.map(({ struck }) => struck))
    while (server.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await server.stop()
    console.log(JSON.stringify([await Promise.all(ended), server.openSessions.length]))
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 10_000,
  })
  expect(JSON.parse(stdout)).toEqual([['ECONNRESET', 'ECONNRESET', 'ECONNRESET'], 0])
})
