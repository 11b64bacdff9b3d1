import { inspect } from 'node:util'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { payOrder } from '../../examples/server/pay-order.ts'
import { openDatabase } from '../../examples/server/shop/database.ts'
import type { ShopDatabase } from '../../examples/server/shop/database.ts'
import { createOrder, findBalance, findOrder } from '../../examples/server/shop/orders.ts'
import type { CallbackReport } from '../../examples/server/shop/shop.ts'
import { SHOP_STRATEGIES } from '../../examples/server/shop/strategy.ts'
import { startShop } from '../../examples/server/start-shop.ts'
import type { RunningShop } from '../../examples/server/start-shop.ts'
import { mssqlLanes } from '../support/lanes.ts'
import { openMssqlShop } from '../support/mssql-shop.ts'
import type { MssqlShop } from '../support/mssql-shop.ts'
import { freePort } from '../support/servers/free-port.ts'

test.each([
  ['mssql://', (port: number) => `mssql://ann:hunter2@127.0.0.1:${port}/shop?encrypt=false`, ':'],
  ['sqlserver://', (port: number) => `SQLServer://ann:hunter2@127.0.0.1:${port}/shop?encrypt=false`, ':'],
  [
    'Server=…;',
    (port: number) => `server=127.0.0.1,${port};database=shop;user id=ann;password="hunter2;Database=no"`,
    ',',
  ],
])(
  'DATABASE_URL as %s is SQL Server; it is named when it is not there, without the password',
  async (_, url, colon) => {
    const port = await freePort()
    const error: unknown = await openDatabase(url(port)).catch((thrown: unknown) => thrown)
    const text = inspect(error, { depth: 9 })
    expect(text).toContain(`This database cannot be used: 127.0.0.1${colon}${port}/shop, tables `)
    expect(text).toContain('ECONNREFUSED')
    expect(text).not.toContain('hunter2')
  },
)

test.each(['postgres://ann:hunter2@host/shop', 'ann:hunter2@host', 'hunter2'])(
  'another DATABASE_URL (%s) is refused, and not repeated',
  async (url) => {
    const refused = openDatabase(url)
    await expect(refused).rejects.toThrow(/runs on mysql:\/\/, mariadb:\/\/, mssql:\/\/ and sqlserver:\/\//)
    await expect(refused).rejects.not.toThrow('hunter2')
  },
)

describe.each([...mssqlLanes])('the example on $name', ({ url }) => {
  let server: MssqlShop
  let database: ShopDatabase
  let shop: RunningShop
  let callbacks: CallbackReport[] = []

  beforeAll(async () => {
    // For its database, in which the example's own tables stand beside the others.
    server = await openMssqlShop(url)
    database = await openDatabase(server.url)
    const story = { callback: (report: CallbackReport) => callbacks.push(report), settled() {} }
    shop = await startShop({ database, story, pollMs: 500, maxPolls: 4 })
  })
  afterAll(async () => {
    await shop.close()
    await database.close()
    await server.close()
  })

  let accounts = 0
  /** Of a new account, whose balance begins at 0. */
  const order = (): Promise<number> => createOrder(database.db, `account-${++accounts}`, 4200)
  const CREDITED_ONCE = { status: 'Y', recharges: 1, balanceFen: 4200 }

  describe.each(SHOP_STRATEGIES.filter((strategy) => strategy !== 'naive'))('decided by %s', (strategy) => {
    test('an order is credited once by 10 notifications and the redirect at once', async () => {
      const orderId = await order()
      callbacks = []
      const { answered } = await payOrder(shop, orderId, { strategy, burst: 10 })
      expect(answered).toBe(true)
      expect(await findOrder(database.db, String(orderId))).toMatchObject(CREDITED_ONCE)
      expect(callbacks.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1)
      expect(callbacks.filter(({ outcome }) => outcome === 'duplicate')).toHaveLength(callbacks.length - 1)
    })
  })

  test('the naive handler credits an order more than once', async () => {
    let recharges = 0
    for (let round = 0; round < 20 && recharges <= 1; round++) {
      const orderId = await order()
      await payOrder(shop, orderId, { strategy: 'naive', burst: 10 })
      recharges = (await findOrder(database.db, String(orderId)))!.recharges
    }
    expect(recharges).toBeGreaterThan(1)
  })

  test('an effect that fails leaves the order waiting', async () => {
    const orderId = await order()
    await sql`
      create trigger out_of_paper on claim_once_example_ledger after insert as
      throw 50000, 'The ledger is out of paper.', 1`.execute(database.db)
    callbacks = []
    const settled = payOrder(shop, orderId, { strategy: 'conditional', burst: 1 })
    await expect.poll(() => callbacks.length).toBeGreaterThan(1)
    await sql`drop trigger out_of_paper`.execute(database.db)
    expect(callbacks[0]?.outcome).toBe('failed')
    expect(inspect(callbacks[0]?.error)).toContain('out of paper')
    await settled
    expect(callbacks.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1)
    expect(await findOrder(database.db, String(orderId))).toMatchObject(CREDITED_ONCE)
  })

  test('another order of an account leaves its balance alone', async () => {
    const orderId = await order()
    await payOrder(shop, orderId, { strategy: 'conditional', burst: 1 })
    const { accountId } = (await findOrder(database.db, String(orderId)))!
    expect(await createOrder(database.db, accountId, 1)).toBeGreaterThan(orderId)
    expect(await findBalance(database.db, accountId)).toBe(4200)
  })

  test('tables that are there are used as they are', async () => {
    const orderId = await order()
    const again = await openDatabase(server.url)
    expect(await findOrder(again.db, String(orderId))).toMatchObject({ orderId, status: 'Wait' })
    await again.close()
  })
})
