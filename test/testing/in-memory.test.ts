import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createClaims } from '../../src/index.ts'
import { inMemory } from '../../src/testing/index.ts'
import { recharge, shopInMemory } from './support/shop-in-memory.ts'

describe('effects', () => {
  test('may be asynchronous, and those of other orders wait for them', async () => {
    const { shop, orders } = shopInMemory()
    const open: number[] = []
    const claim = (id: number): Promise<unknown> =>
      orders.claimOnce(id, {
        read: ['account_id', 'amount'],
        effect: async (tx, order) => {
          open.push(id)
          expect(open).toEqual([id])
          await pause(5)
          recharge(tx, order)
          await pause(5)
          open.pop()
        },
      })
    await Promise.all([claim(1), claim(2), claim(1), claim(2)])
    expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 50 }])
  })

  test('are undone with a claim that fails', async () => {
    const { shop, orders } = shopInMemory()
    const before = { orders: shop.rows('orders'), accounts: shop.rows('accounts') }
    const failing = orders.claimOnce(1, {
      read: ['account_id', 'amount'],
      effect: async (tx, order) => {
        recharge(tx, order)
        await pause(1)
        throw new Error('no card left')
      },
    })
    await expect(failing).rejects.toThrow('no card left')
    expect({ orders: shop.rows('orders'), accounts: shop.rows('accounts') }).toEqual(before)
  })

  test('that take too long are undone, and the database survives the connection that is closed for them', async () => {
    const { shop, orders } = shopInMemory()
    let tooLate: unknown
    const late = Promise.withResolvers<undefined>()
    const slow = orders.claimOnce(1, {
      timeoutMs: 30,
      lockTimeoutMs: 'server',
      read: ['account_id', 'amount'],
      effect: async (tx, order) => {
        recharge(tx, order)
        await pause(60)
        try {
          recharge(tx, order)
        } catch (error) {
          tooLate = error
        }
        late.resolve(undefined)
      },
    })
    await expect(slow).rejects.toMatchObject({ code: 'CLAIM_TIMEOUT' })
    expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 0 }])
    await late.promise
    expect(tooLate).toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
    expect((await orders.claimOnce(1, { read: ['account_id', 'amount'], effect: recharge })).outcome).toBe('claimed')
    expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 42 }])
  })

  test('that commit are refused', async () => {
    const { orders } = shopInMemory()
    const misuse = orders.claimOnce(1, { effect: (tx) => tx.exec('commit') })
    await expect(misuse).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect((await orders.claimOnce(2)).outcome).toBe('claimed')
  })
})

describe('the transaction of the test', () => {
  test('takes a claim, and takes it back', async () => {
    const { shop, orders } = shopInMemory()
    shop.db.exec('begin')
    const first = await orders.claimOnce(1, { transaction: shop.db })
    shop.db.exec('rollback')
    expect(first).toMatchObject({ outcome: 'claimed', provisional: true })
    expect(shop.rows('orders')[0]).toMatchObject({ status: 'Wait' })
  })

  test('does not take claims that were not given to it: they wait', async () => {
    const { shop, orders } = shopInMemory()
    shop.db.exec('begin')
    const others = orders.claimOnce(1)
    await pause(20)
    shop.db.exec('rollback')
    expect((await others).outcome).toBe('claimed')
    expect(shop.rows('orders')[0]).toMatchObject({ status: 'Y' })
  })
})

describe('tables', () => {
  test('are made of their rows: types by the values, a key of several columns, NULL for what is left out', () => {
    const shop = inMemory({
      orders: {
        key: ['merchant', 'no'],
        rows: [
          { merchant: 7, no: 'A-1', big: 2n ** 60n, ratio: 1, bytes: new Uint8Array([1, 2]), note: null },
          { merchant: 7, no: 'A-2', big: 1, ratio: 1.5, bytes: null },
        ],
        types: { amount: 'decimal(12, 2)' },
      },
      'odd "name"': { key: 'id', rows: [], types: { id: 'integer' } },
    })
    onTestFinished(shop.close)
    expect(shop.rows('orders')).toEqual([
      { merchant: 7, no: 'A-1', big: 2n ** 60n, ratio: 1, bytes: new Uint8Array([1, 2]), note: null, amount: null },
      { merchant: 7, no: 'A-2', big: 1, ratio: 1.5, bytes: null, note: null, amount: null },
    ])
    expect(shop.rows('odd "name"')).toEqual([])
    const types = shop.db.prepare("select name, type from pragma_table_info('orders')").all()
    expect(Object.fromEntries(types.map(({ name, type }) => [name, type]))).toEqual({
      merchant: 'INTEGER',
      no: 'TEXT',
      big: 'INTEGER',
      ratio: 'REAL',
      bytes: 'BLOB',
      note: 'TEXT',
      amount: 'decimal(12, 2)',
    })
    expect(() => shop.db.exec("insert into orders (merchant, no) values (7, 'A-1')")).toThrow(/UNIQUE/)
  })

  test('are made by SQL text', async () => {
    const shop = inMemory(`
      create table orders (order_id integer primary key, status text not null);
      insert into orders values (1, 'Wait'), (2, 'Y');`)
    onTestFinished(shop.close)
    const orders = createClaims({
      database: shop.database,
      table: 'orders',
      columns: { id: 'order_id', status: 'status' },
      states: { waiting: 'Wait', claimed: 'Y' },
    })
    expect((await orders.claimOnce(1)).outcome).toBe('claimed')
    expect((await orders.claimOnce(2)).outcome).toBe('duplicate')
    expect(shop.rows('orders')).toEqual([
      { order_id: 1, status: 'Y' },
      { order_id: 2, status: 'Y' },
    ])
  })

  test('say what is wrong with them', () => {
    const make =
      (rows: readonly Record<string, unknown>[], key: string | string[] = 'id') =>
      () =>
        inMemory({ orders: { key, rows: rows as never } })
    expect(make([{ id: 1 }], 'no')).toThrow('The table "orders" has no column "no", which is to be its key.')
    expect(make([{ id: 1 }], [])).toThrow('The table "orders" has no column "", which is to be its key.')
    expect(make([{ id: 1, at: new Date() }])).toThrow(
      'The column "at" of "orders" holds a Date, which SQLite does not know.',
    )
    expect(make([{ id: 1, on: true }])).toThrow(/holds the boolean true/)
    expect(make([{ id: 1 }, { id: 'a' }])).toThrow('The column "id" of "orders" holds integer and text.')
    expect(() => inMemory('create tabel')).toThrow(/syntax error/)
  })
})

test('a Node without node:sqlite is told so, and only by inMemory', () => {
  const without = vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
  onTestFinished(() => without.mockRestore())
  expect(() => inMemory({})).toThrow(/inMemory\(\) needs node:sqlite, which Node has from 22.13 on/)
})
