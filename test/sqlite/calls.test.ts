import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { createClaims } from '../../src/index.ts'
import type { ClaimEvent, ClaimResult, MoveResult } from '../../src/index.ts'
import { ORDERS } from '../support/orders.ts'
import { openSqliteShop } from '../support/sqlite-shop.ts'
import type { SqliteShop } from '../support/sqlite-shop.ts'
import { expectNoUnhandledRejection } from './support/rejections.ts'

expectNoUnhandledRejection()

/** `createClaims` as a caller without types has it. */
interface Claims {
  claimOnce(orderId: unknown, options?: unknown): Promise<ClaimResult<unknown>>
  resolve(pending: unknown, options?: unknown): Promise<ClaimResult<unknown>>
  leaseOnce(orderId: unknown, options?: unknown): Promise<unknown>
  moveOnce(orderId: unknown, options?: unknown): Promise<MoveResult<unknown>>
  reset(orderId: unknown, options?: unknown): Promise<unknown>
}

const create = createClaims as unknown as (config: object) => Claims

let shop: SqliteShop
let claims: Claims
const events: ClaimEvent[] = []

beforeEach(() => {
  events.length = 0
  shop = openSqliteShop()
  shop.db.exec('alter table orders add column kept_result text')
  shop.db.exec('alter table orders add column failed_because text')
  const { columns, states, table } = ORDERS.config
  claims = create({
    database: sqlite(shop.db),
    table,
    columns: { ...columns, result: 'kept_result', lastError: 'failed_because' },
    states: { ...states, closed: ['Expired'] },
    onEvent: (event: ClaimEvent) => events.push(event),
  })
})
afterEach(() => shop.close())

const types = (): string[] => events.map(({ type }) => type)

describe('whatever is wrong with a call, its promise is rejected and its end is told', () => {
  const broken: readonly (readonly [string, (id: number) => Promise<unknown>])[] = [
    ['moveOnce() without options', (id) => claims.moveOnce(id)],
    ['moveOnce() to nowhere', (id) => claims.moveOnce(id, { to: 'Wait' })],
    ['leaseOnce() without options', (id) => claims.leaseOnce(id)],
    ['resolve() of nothing', () => claims.resolve(undefined)],
    ['resolve() of what nobody has written', () => claims.resolve('bm90IG9mIG91cnM')],
    ['resolve() with options that are none', () => claims.resolve('bm90IG9mIG91cnM', 'now')],
    ['claimOnce() with a date that is none', (id) => claims.claimOnce(id, { set: { note: new Date(Number.NaN) } })],
    [
      'claimOnce() in a transaction, with a date that is none',
      (id) => claims.claimOnce(id, { transaction: shop.db, set: { note: new Date(Number.NaN) } }),
    ],
    ['reset() with the time for a question it never asks', (id) => claims.reset(id, { resolveTimeoutMs: 100 })],
  ]
  test.each(broken)('%s', async (_what, call) => {
    const id = await shop.newOrder()
    // One that throws at once would fail here.
    const promise = call(id)
    await expect(promise).rejects.toMatchObject({ code: expect.stringMatching(/^CLAIM_(INPUT|CONFIG)$/) as string })
    expect(types()).toEqual(['failed'])
    expect(await shop.statusOf(id)).toBe('Wait')
  })

  test.each<[string, unknown]>([
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('no')],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'no'],
  ])('the effect throws %s: that is thrown, and the end is told', async (_what, thrown) => {
    const id = await shop.newOrder()
    const effect = (): never => {
      throw thrown
    }
    let caught: unknown = 'nothing was thrown'
    try {
      await claims.claimOnce(id, { effect })
    } catch (error) {
      caught = error
    }
    expect(caught).toBe(thrown)
    expect(types()).toEqual(['effect_failed', 'failed'])
    expect(shop.rows('select failed_because as why from orders')[0]?.['why']).toBeTypeOf('string')
  })
})

describe('events', () => {
  test("have no secrets of a claim in the caller's transaction", async () => {
    const id = await shop.newOrder()
    shop.db.exec('begin')
    const result = await claims.claimOnce(id, { transaction: shop.db })
    shop.db.exec('commit')
    expect(result).toMatchObject({ outcome: 'claimed', provisional: true })
    const { token, pending } = result as { token: string; pending: string }
    expect(events).toMatchObject([{ type: 'outcome', result: { outcome: 'claimed', provisional: true } }])
    const told = JSON.stringify(events)
    expect(token).toMatch(/^[\da-f-]{36}$/)
    expect(told).not.toContain(token)
    expect(told).not.toContain(pending)
  })
})

describe('a result is kept beside an order that its own effect moves on', () => {
  test('on the handle that the program shares', async () => {
    const id = await shop.newOrder()
    const effect = (tx: Database.Database): string => {
      tx.prepare("update orders set status = 'Done' where order_id = ?").run(id)
      return 'shipped'
    }
    expect(await claims.claimOnce(id, { effect })).toMatchObject({ outcome: 'claimed', value: 'shipped' })
    expect(types()).toEqual(['outcome'])
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'duplicate', status: 'Done', value: 'shipped' })
  })

  test('on a connection of its own', async () => {
    const id = await shop.newOrder()
    const { columns, states, table } = ORDERS.config
    const own = create({
      database: sqlite(() => new Database(shop.file)),
      table,
      columns: { ...columns, result: 'kept_result' },
      states,
    })
    const effect = async (tx: Database.Database): Promise<string> => {
      await Promise.resolve()
      tx.prepare("update orders set status = 'Done' where order_id = ?").run(id)
      return 'shipped'
    }
    expect(await own.claimOnce(id, { effect })).toMatchObject({ outcome: 'claimed', value: 'shipped' })
    expect(await own.claimOnce(id)).toMatchObject({ outcome: 'duplicate', status: 'Done', value: 'shipped' })
  })
})
