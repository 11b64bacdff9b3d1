import mssql from 'mssql'
import { Kysely } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { mssqlDialectFrom } from '../../../src/adapters/kysely-mssql-dialect.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { mssql as mssqlAdapter } from '../../../src/adapters/mssql.ts'
import { createClaims } from '../../../src/claims.ts'
import { mssqlConfig } from '../../support/tds/clients.ts'
import type { Refusal } from '../../support/tds/login.ts'
import { REFUSALS } from '../../support/tds/login.ts'
import { TdsServer } from '../../support/tds/server.ts'
import { until } from '../../support/until.ts'
import { codeOf, isClaim } from './cases.ts'
import { PlayedShop } from './played-shop.ts'

interface Door {
  readonly shop: PlayedShop
  readonly server: TdsServer
  /** What the next logins are answered. */
  refusal: Refusal | null
}

async function openDoor(): Promise<Door> {
  const shop = new PlayedShop()
  const door: { refusal: Refusal | null } = { refusal: null }
  const server = await TdsServer.start({
    answer: shop.answer,
    cancelled: shop.cancelled,
    closed: shop.closed,
    login: () => door.refusal,
  })
  onTestFinished(() => server.stop())
  return Object.assign(door, { shop, server })
}

/** No connection is kept, so that every claim opens one. */
const ADAPTERS: Readonly<Record<string, (server: TdsServer) => Promise<Adapter<unknown, object>>>> = {
  async mssql(server) {
    const pool = new mssql.ConnectionPool(mssqlConfig(server, { connectionTimeout: 400, pool: { max: 2, min: 0 } }))
    pool.on('error', () => {})
    await pool.connect()
    onTestFinished(() => pool.close().then(() => {}))
    return mssqlAdapter(pool)
  },
  async kysely(server) {
    const db = new Kysely<unknown>({ dialect: mssqlDialectFrom(`${server.url}&connectTimeout=1`, { max: 2 }) })
    onTestFinished(() => db.destroy())
    return kysely(db)
  },
}

const claimsOn = (database: Adapter<unknown, object>) =>
  createClaims({
    database: database as Adapter<unknown, { 'dbo.orders': { order_id: number; status: string } }>,
    table: 'dbo.orders',
    columns: { id: 'order_id', status: 'status' },
    states: { waiting: 'Wait', claimed: 'Y' },
    timeoutMs: 3000,
  })

/** The pool's connection is cut, and a first claim has found that out, be it by being lost itself. */
async function afterTheCut({ server }: Door, orders: ReturnType<typeof claimsOn>): Promise<void> {
  for (const session of server.openSessions) session.cut()
  await orders.claimOnce(98).catch(() => {})
}

/** One of those that tedious takes for passing: a database that is being moved. */
const MOVED = [{ number: 40613, class: 14, message: 'Database "orders" is not currently available.' }]

describe.each(Object.entries(ADAPTERS))('logins, through %s', (_name, adapterOf) => {
  const REFUSED: readonly (readonly [string, Refusal, string])[] = [
    ['the password is wrong (18456)', REFUSALS.wrongPassword('shop'), 'CLAIM_CONFIG'],
    ['there is no such database (4060)', REFUSALS.noDatabase('shop', 'orders'), 'CLAIM_CONFIG'],
    ['the connection is cut', 'cut', 'CLAIM_UNAVAILABLE'],
    ['nothing is answered', 'hang', 'CLAIM_UNAVAILABLE'],
  ]

  test.each(REFUSED)('on first use: %s', async (_what, refusal, code) => {
    const door = await openDoor()
    const orders = claimsOn(await adapterOf(door.server))
    door.refusal = refusal
    expect(await codeOf(orders.claimOnce(door.shop.add(1)))).toBe(code)
    door.refusal = null
    expect(await orders.claimOnce(1), 'a failure is not remembered').toMatchObject({ outcome: 'claimed' })
  })

  test.each(REFUSED)('later on: %s', async (_what, refusal, code) => {
    const door = await openDoor()
    const orders = claimsOn(await adapterOf(door.server))
    await orders.claimOnce(door.shop.add(99))
    door.refusal = refusal
    await afterTheCut(door, orders)
    expect(await codeOf(orders.claimOnce(door.shop.add(1)))).toBe(code)
    door.refusal = null
    expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
  })

  test('a database that is being moved is unavailable, and not misconfigured', async () => {
    const door = await openDoor()
    const orders = claimsOn(await adapterOf(door.server))
    await orders.claimOnce(door.shop.add(99))
    door.refusal = MOVED
    await afterTheCut(door, orders)
    expect(await codeOf(orders.claimOnce(door.shop.add(1)))).toBe('CLAIM_UNAVAILABLE')
  })

  test('nobody listens any more', async () => {
    const door = await openDoor()
    const orders = claimsOn(await adapterOf(door.server))
    await orders.claimOnce(door.shop.add(99))
    await door.server.stop()
    await orders.claimOnce(98).catch(() => {})
    expect(await codeOf(orders.claimOnce(door.shop.add(1)))).toBe('CLAIM_UNAVAILABLE')
  })
})

test('the driver gives a claim up before the call does: unknown', async () => {
  const door = await openDoor()
  const pool = new mssql.ConnectionPool(mssqlConfig(door.server, { requestTimeout: 100 }))
  await pool.connect()
  onTestFinished(() => pool.close().then(() => {}))
  const orders = claimsOn(mssqlAdapter(pool))
  await orders.claimOnce(door.shop.add(99))
  door.server.faults.add({ when: isClaim, do: 'swallow' })
  expect(await codeOf(orders.claimOnce(door.shop.add(1)))).toBe('CLAIM_UNKNOWN')
  const attentions = (): number => door.server.sessions.reduce((sum, session) => sum + session.attentions, 0)
  await until(() => attentions() === 1, 'tedious has asked the server to stop')
})

test('a pool that was never connected is said to be so', async () => {
  const door = await openDoor()
  const pool = new mssql.ConnectionPool(mssqlConfig(door.server))
  expect(await codeOf(claimsOn(mssqlAdapter(pool)).claimOnce(1))).toBe('CLAIM_UNAVAILABLE')
})

test('a pool that is still connecting is waited for', async () => {
  const door = await openDoor()
  const pool = new mssql.ConnectionPool(mssqlConfig(door.server))
  const connecting = pool.connect()
  expect(await claimsOn(mssqlAdapter(pool)).claimOnce(door.shop.add(1))).toMatchObject({ outcome: 'claimed' })
  await connecting
  await pool.close()
})

test.each(['camelCaseColumns', 'columnNameReplacer'])(
  'a pool that renames columns by %s is refused',
  async (option) => {
    const door = await openDoor()
    const pool = new mssql.ConnectionPool(mssqlConfig(door.server, { options: { [option]: () => '' } }))
    expect(() => mssqlAdapter(pool)).toThrow(option)
  },
)

test.each([{}, null, 'Server=…'])('anything but a pool is refused: %j', (given) => {
  expect(() => mssqlAdapter(given as never)).toThrow(/ConnectionPool/)
})
