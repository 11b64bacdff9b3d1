import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliverDue, deliverTask } from '../../examples/recipes/cron.ts'
import { ordersOf } from '../../examples/recipes/shop.ts'
import type { DrainResult } from '../../src/index.ts'
import { lanes } from '../support/lanes.ts'
import { openDatabase } from './open-database.ts'
import { openRecipeShop, recharges, statuses } from './recipe-shop.ts'
import type { RecipeShop } from './recipe-shop.ts'

describe.each([...lanes, { name: 'SQLite', url: null }])('$name', ({ url }) => {
  let shop: RecipeShop
  beforeAll(async () => {
    shop = await openRecipeShop(url)
  })
  afterAll(() => shop.close())

  test('two runs at once work every due order once', async () => {
    const later = await shop.newOrders(1)
    const ids = await shop.newOrders(400, { due: true })
    const databases = [openDatabase(shop.database), openDatabase(shop.database)]
    const runs = await Promise.all(databases.map((db) => deliverDue(ordersOf(db))))
    await Promise.all(databases.map((db) => db.destroy()))
    const sum = (what: (run: DrainResult) => number): number => runs.reduce((total, run) => total + what(run), 0)
    expect(sum(({ done }) => done)).toBe(ids.length)
    expect(sum(({ failed, dead, left }) => failed + dead + left)).toBe(0)
    // Both had some of them.
    expect(Math.min(...runs.map(({ done }) => done))).toBeGreaterThan(0)
    expect(await recharges(shop, ids)).toEqual(ids.map(() => 1))
    expect(await recharges(shop, later)).toEqual([0])
  })

  test('a task says what it did; an order that fails is for a later run, and no failure of this one', async () => {
    const ids = await shop.newOrders(2, { due: true })
    const [missing = 0] = ids
    await shop.db.deleteFrom('accounts').where('account_id', '=', missing).execute()
    const said: string[] = []
    const helpers = { logger: { info: (message: string) => said.push(message) } }
    const deliver = deliverTask(ordersOf(shop.db))
    await deliver({}, helpers)
    expect(said).toEqual(['drained: 1 delivered, 1 to be tried again, 0 for a person to look at, 0 left'])
    expect(await statuses(shop, ids)).toEqual(['Wait', 'Y'])

    await shop.db.insertInto('accounts').values({ account_id: missing, balance: '0' }).execute()
    await sql`update orders set due_at = '2020-01-01 00:00:00' where order_id = ${missing}`.execute(shop.db)
    await deliver({}, helpers)
    expect(said.at(-1)).toMatch(/^drained: 1 delivered/)
    expect(await recharges(shop, ids)).toEqual([1, 1])
  })

  test('a task whose runner stops takes nothing', async () => {
    const ids = await shop.newOrders(3, { due: true })
    const said: string[] = []
    const logger = { info: (message: string) => said.push(message) }
    await deliverTask(ordersOf(shop.db))({}, { logger, abortSignal: AbortSignal.abort() })
    expect(said).toEqual(['stopped: 0 delivered, 0 to be tried again, 0 for a person to look at, 0 left'])
    expect(await recharges(shop, ids)).toEqual([0, 0, 0])
  })
})
