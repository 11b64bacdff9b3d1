import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { Kysely, MysqlDialect } from 'kysely'
import { createPool as createCallbackPool } from 'mysql2'
import { createPool } from 'mysql2/promise'
import type { Pool, PoolConnection, PoolOptions, PreparedStatementInfo } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { kysely } from '../../src/adapters/kysely.ts'
import { mysql } from '../../src/adapters/mysql2.ts'
import { STRATEGIES } from '../../src/config.ts'
import { createClaims } from '../../src/index.ts'
import type { ClaimEvent } from '../../src/index.ts'
import { lanes } from '../support/lanes.ts'
import { openMysqlShop } from '../support/mysql-shop.ts'
import type { MysqlShop } from '../support/mysql-shop.ts'
import { ORDERS } from '../support/orders.ts'
import type { ShopTables } from '../support/orders.ts'
import { until } from '../support/until.ts'

/** Sessions and handles that are not what one would expect, on every server. */
describe.each(lanes)('$name', ({ url }) => {
  let shop: MysqlShop
  beforeAll(async () => {
    shop = await openMysqlShop(url)
  })
  afterAll(() => shop.close())

  function poolOf(options: PoolOptions = {}): Pool {
    const pool = createPool({ uri: shop.url, connectionLimit: 2, ...options })
    onTestFinished(() => pool.end().catch(() => {}))
    return pool
  }

  describe.each(STRATEGIES)('%s', (strategy) => {
    test('what a transaction that somebody left open has written is not taken for committed', async () => {
      const pool = poolOf({ connectionLimit: 1 })
      const id = await shop.newOrder()
      const { claimOnce } = createClaims({ database: mysql(pool), ...ORDERS.config })
      await claimOnce(987_654, { strategy })
      const leaky = await pool.getConnection()
      await leaky.query('start transaction')
      await leaky.query("update orders set status = 'Y' where order_id = ?", [id])
      leaky.release()
      const outcome = await claimOnce(id, { strategy }).then(
        (result) => result.outcome,
        (error: unknown) => (error as { code: string }).code,
      )
      // A locking transaction of ours begins, which commits the other: then it is a duplicate, of something committed.
      expect(outcome).toBe(strategy === 'pessimistic' ? 'duplicate' : 'CLAIM_CONFIG')
      expect(await shop.statusOf(id)).toBe(strategy === 'pessimistic' ? 'Y' : 'Wait')
    })

    test("the caller's transaction must be open", async () => {
      const pool = poolOf()
      const id = await shop.newOrder()
      const { claimOnce } = createClaims({ database: mysql(pool), ...ORDERS.config })
      const connection = await pool.getConnection()
      await expect(claimOnce(id, { strategy, transaction: connection })).rejects.toMatchObject({
        code: 'CLAIM_TRANSACTION_LOST',
      })
      connection.release()
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })

  test.each(['mysql2', 'kysely'])(
    'a character set in which ids change on their way is refused (%s)',
    async (driver) => {
      const id = await shop.newOrder()
      const pool = createCallbackPool({ uri: shop.url, charset: 'latin1', connectionLimit: 1 })
      onTestFinished(() => new Promise((resolve) => pool.end(() => resolve(undefined))))
      const call =
        driver === 'mysql2'
          ? createClaims({ database: mysql(pool), ...ORDERS.config }).claimOnce(id)
          : createClaims({
              database: kysely(new Kysely<ShopTables>({ dialect: new MysqlDialect({ pool }) })),
              ...ORDERS.config,
            }).claimOnce(id)
      await expect(call).rejects.toMatchObject({ code: 'CLAIM_CONFIG', message: /utf8mb4/ })
    },
  )

  test('a statement that the effect prepared is dead when the effect is over', async () => {
    const id = await shop.newOrder()
    const before = await shop.balanceOf(1)
    const { claimOnce } = createClaims({ database: mysql(poolOf()), ...ORDERS.config })
    let prepared: PreparedStatementInfo | undefined
    const effect = async (tx: PoolConnection): Promise<void> => {
      prepared = await tx.prepare('update accounts set balance = balance + 1000 where id = ?')
      await new Promise(() => {}) // never returns
    }
    await expect(claimOnce(id, { timeoutMs: 200, effect })).rejects.toMatchObject({ code: 'CLAIM_TIMEOUT' })
    await expect(prepared?.execute([1])).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
    expect(await shop.balanceOf(1)).toBe(before)
  })

  test('a prepared statement works in the effect, and is closed in a finally without harm', async () => {
    const id = await shop.newOrder()
    const before = await shop.balanceOf(1)
    const { claimOnce } = createClaims({ database: mysql(poolOf()), ...ORDERS.config })
    const pay = async (tx: PoolConnection): Promise<void> => {
      const statement = await tx.prepare('update accounts set balance = balance + ? where id = ?')
      try {
        await statement.execute(['5', 1])
      } finally {
        await statement.close()
      }
    }
    expect((await claimOnce(id, { effect: pay })).outcome).toBe('claimed')
    expect(await shop.balanceOf(1)).toBe(before + 5)
  })

  test("a statement of an effect whose time is over does not keep the order's row locked", async () => {
    const id = await shop.newOrder()
    const { claimOnce } = createClaims({ database: mysql(poolOf()), ...ORDERS.config })
    const holder = await shop.pool.getConnection()
    await holder.query('start transaction')
    await holder.query('select * from accounts where id = 2 for update')
    const effect = (tx: PoolConnection): Promise<unknown> => tx.query('update accounts set balance = 1 where id = 2')
    await expect(claimOnce(id, { timeoutMs: 300, effect })).rejects.toMatchObject({ code: 'CLAIM_TIMEOUT' })
    await until(
      async () => (await claimOnce(id)).outcome === 'claimed',
      'the row is free while the account is held',
      5000,
    )
    await holder.rollback()
    holder.release()
  })

  test('a description that hangs ends, and the next call describes anew', { timeout: 30_000 }, async () => {
    const { port, stall, heal } = await proxyTo(shop.url)
    const through = shop.url.replace(/:\d+\//, `:${port}/`)
    const pool = createPool({ uri: through, connectionLimit: 2 })
    onTestFinished(() => pool.end().catch(() => {}))
    await pool.query('select 1')
    const events: ClaimEvent[] = []
    const { claimOnce } = createClaims({
      database: mysql(pool),
      ...ORDERS.config,
      onEvent: (event) => events.push(event),
    })
    const id = await shop.newOrder()
    stall()
    const giveUp = new AbortController()
    const first = claimOnce(id)
    const second = claimOnce(id, { signal: giveUp.signal })
    giveUp.abort()
    await expect(second).rejects.toMatchObject({ code: 'CLAIM_ABORTED' })
    await expect(first).rejects.toMatchObject({ code: 'CLAIM_UNAVAILABLE' })
    expect(events.map(({ type }) => type)).toEqual(['failed', 'failed'])
    heal()
    await expect(claimOnce(id)).resolves.toMatchObject({ outcome: 'claimed' })
  })

  test('a hook that fails, at once or later, decides nothing', async () => {
    const id = await shop.newOrder()
    const database = mysql(poolOf())
    const later = createClaims({ database, ...ORDERS.config, onEvent: () => Promise.reject(new Error('no log')) })
    expect((await later.claimOnce(id)).outcome).toBe('claimed')
    const atOnce = createClaims({
      database,
      ...ORDERS.config,
      onEvent: () => {
        throw new Error('no log')
      },
    })
    expect((await atOnce.claimOnce(id)).outcome).toBe('duplicate')
  })

  test('a condition whose value is missing does not fall away', async () => {
    const id = await shop.newOrder()
    const { claimOnce } = createClaims({ database: mysql(poolOf()), ...ORDERS.config })
    const missing = undefined as unknown as string
    for (const options of [{ expect: { amount: missing } }, { paymentId: missing }, { set: { note: missing } }]) {
      await expect(claimOnce(id, options)).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
    }
    await expect(claimOnce(id, { paymentId: 'A ' })).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
    expect(await shop.statusOf(id)).toBe('Wait')
  })

  test('a bare claim that waited in vain, where the session does not commit by itself, leaves no transaction', async () => {
    const pool = poolOf({ connectionLimit: 1 })
    const id = await shop.newOrder()
    const { claimOnce } = createClaims({ database: mysql(pool), ...ORDERS.config })
    await claimOnce(987_654) // described while it did
    await pool.query('set autocommit = 0')
    const holder = await shop.pool.getConnection()
    await holder.query('start transaction')
    await holder.query('select * from orders where order_id = ? lock in share mode', [id])
    expect((await claimOnce(id)).outcome).toBe('busy')
    await expect(pool.query('set transaction read write')).resolves.toBeDefined() // refused inside a transaction
    await holder.rollback()
    holder.release()
    expect((await claimOnce(id)).outcome).toBe('claimed')
    expect(await shop.statusOf(id)).toBe('Y')
  })

  test('a decimal is no id, and a bit is written as a bit', async () => {
    await shop.run('create table odd (id decimal(20, 0) primary key, n int unique, status int not null, flag bit(1))')
    await shop.run('insert into odd values (1, 1, 0, null), (2, 2, 0, null)')
    const table = { database: mysql(poolOf()), table: 'odd', states: { waiting: 0, claimed: 1 } } as const
    await expect(
      createClaims({ ...table, columns: { id: 'id', status: 'status' } }).claimOnce('1'),
    ).rejects.toMatchObject({
      code: 'CLAIM_CONFIG',
    })
    const { claimOnce } = createClaims({ ...table, columns: { id: 'n', status: 'status' } })
    await claimOnce(1, { set: { flag: false } })
    await claimOnce(2, { set: { flag: true } })
    expect(await shop.run('select cast(flag as unsigned) as flag from odd order by n')).toEqual([
      { flag: 0 },
      { flag: 1 },
    ])
  })
})

/** A proxy that can stop passing on what the server answers, without closing anything. */
async function proxyTo(url: string): Promise<{ port: number; stall: () => void; heal: () => void }> {
  const { hostname, port } = new URL(url)
  let stalled = false
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const dead = { is: false }
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}))
    client.on('data', (data) => {
      dead.is ||= stalled
      if (!dead.is) upstream.write(data)
    })
    upstream.on('data', (data) => !dead.is && client.write(data))
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => (stalled = true),
    heal: () => (stalled = false),
  }
}
