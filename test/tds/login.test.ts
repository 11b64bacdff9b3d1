import { CompiledQuery } from 'kysely'
import mssql from 'mssql'
import { Connection } from 'tedious'
import { describe, expect, test } from 'vitest'
import { tediousConfig } from '../support/tds/clients.ts'
import { REFUSALS } from '../support/tds/login.ts'
import { failure, kyselyOf, mssqlOf, startServer, tediousOf } from './start.ts'

test('the server is told who logs in', async () => {
  const server = await startServer()
  await tediousOf(server, { appName: 'claims', workstationId: 'till', packetSize: 8192 })
  const { login, initialSql } = server.sessions[0]!
  expect(login).toEqual({
    user: 'shop',
    password: 'secret',
    database: 'orders',
    application: 'claims',
    host: 'till',
    packetSize: 8192,
  })
  expect(initialSql).toMatch(/^set ansi_nulls on\n/)
  expect(server.requests).toEqual([])
})

test('node-mssql connects by the connection string', async () => {
  const server = await startServer()
  const pool = await new mssql.ConnectionPool(server.connectionString).connect()
  await pool.query('select 2')
  await pool.close()
  expect(server.requests).toMatchObject([{ sql: 'select 2' }])
  expect(server.sessions[0]!.login).toMatchObject({ user: 'shop', password: 'secret', database: 'orders' })
})

test('the URL names the same', async () => {
  const server = await startServer()
  const { protocol, username, password, hostname, port, pathname, searchParams } = new URL(server.url)
  expect({ protocol, username, password, hostname, port, pathname }).toEqual({
    protocol: 'mssql:',
    username: 'shop',
    password: 'secret',
    hostname: '127.0.0.1',
    port: String(server.port),
    pathname: '/orders',
  })
  expect(searchParams.get('encrypt')).toBe('false')
})

describe('a refused login', () => {
  test('by its password', async () => {
    const server = await startServer({ login: ({ user }) => REFUSALS.wrongPassword(user) })
    const told = { code: 'ELOGIN', message: "Login failed for user 'shop'." }
    expect(await failure(tediousOf(server))).toMatchObject(told)
    expect(await failure(mssqlOf(server))).toMatchObject(told)
    const db = kyselyOf(server, { pool: { propagateCreateError: true } })
    expect(await failure(db.executeQuery(CompiledQuery.raw('a')))).toMatchObject(told)
    expect(server.sessions).toEqual([])
  })

  test('by its database; the numbers are told by an event', async () => {
    const server = await startServer({ login: ({ user, database }) => REFUSALS.noDatabase(user, database) })
    const connection = new Connection(tediousConfig(server))
    const numbers: unknown[] = []
    connection.on('errorMessage', (error) => numbers.push((error as unknown as { number: number }).number))
    const error = await new Promise<unknown>((resolve) => connection.connect(resolve))
    expect(error).toMatchObject({ code: 'ELOGIN', message: "Login failed for user 'shop'." })
    expect(numbers).toEqual([4060, 18456])
  })

  test('by silence', async () => {
    const server = await startServer({ login: () => 'hang' })
    expect(await failure(tediousOf(server, { connectTimeout: 50 }))).toMatchObject({ code: 'ETIMEOUT' })
  })

  test('by a cut', async () => {
    const server = await startServer({ login: () => 'cut' })
    expect(await failure(tediousOf(server))).toMatchObject({ code: 'ESOCKET' })
  })

  test('and another one accepted', async () => {
    const server = await startServer({ login: ({ user }) => (user === 'shop' ? null : REFUSALS.wrongPassword(user)) })
    await tediousOf(server)
    expect(await failure(mssqlOf(server, { user: 'thief' }))).toMatchObject({
      message: "Login failed for user 'thief'.",
    })
    expect(server.sessions.map(({ login }) => login.user)).toEqual(['shop'])
  })
})
