import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { kysely } from '../../src/adapters/kysely.ts'
import { createClaims } from '../../src/index.ts'
import { ORDERS } from '../support/orders.ts'
import type { ShopTables } from '../support/orders.ts'
import type { Value } from './support/driver.ts'
import { createShopFile } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay, TestClaims } from './support/ways.ts'

const STRATEGIES = ['conditional', 'pessimistic', 'optimistic'] as const

describe.each(WAYS)('ids, $name', (way) => {
  let shop: ShopFile
  let opened: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    opened = way.open(shop.file)
  })
  afterEach(() => shop.close())

  const claimed = (): Value[] =>
    shop.run("select cast(id as text) as id from t where status = 'Y' order by 1").map((row) => row['id']!)

  function table(idColumn: string, ids: readonly Value[]): TestClaims {
    shop.run(`create table t (id ${idColumn}, status text, v integer)`)
    for (const id of ids) shop.run("insert into t (id, status) values (?, 'Wait')", id)
    return opened.configured({
      table: 't',
      columns: { id: 'id', status: 'status', version: 'v' },
      states: { waiting: 'Wait', claimed: 'Y' },
    })
  }

  const crafted = [' 1', '1 ', '01', '+1', '1.0', '1e0', '1abc', '0x1', '1_0', '１', '', '-', 'true', '1\u0000']

  test.each(['integer primary key', 'int primary key', 'bigint unique'])(
    'nothing but 1 and "1" is the order 1 of an %s',
    async (column) => {
      const claims = table(column, [1n, 10n])
      for (const [index, id] of crafted.entries()) {
        const strategy = STRATEGIES[index % 3]!
        expect([id, await claims.claimOnce(id, { strategy })]).toMatchObject([id, { outcome: 'not_found' }])
      }
      expect(claimed()).toEqual([])
      expect(await claims.claimOnce('1')).toMatchObject({ outcome: 'claimed' })
      expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'duplicate' })
      expect(await claims.claimOnce(1n)).toMatchObject({ outcome: 'duplicate' })
      expect(claimed()).toEqual(['1'])
    },
  )

  test.each([
    [[1]],
    [{ id: 1 }],
    [true],
    [NaN],
    [Infinity],
    [1.5],
    [2 ** 53],
    [null],
    [undefined],
    [new Date(0)],
    [Symbol.iterator],
  ])('what is no id is refused before any SQL: %s', async (id) => {
    const claims = table('integer primary key', [1n])
    await expect(claims.claimOnce(id)).rejects.toMatchObject({ code: 'CLAIM_INPUT', reply: 'review' })
    expect(claimed()).toEqual([])
  })

  test.each(['text primary key', 'varchar(10) collate nocase primary key', 'text collate rtrim unique'])(
    'text is compared exactly in %s, and a number is its digits',
    async (column) => {
      const claims = table(column, ['A', '1', 'é', '7 '])
      for (const [index, id] of ['a', 'A ', ' A', '01', '1 ', '1.0', '7', '7  ', 'e\u0301', 'É', 'A\u0000'].entries()) {
        const strategy = STRATEGIES[index % 3]!
        expect([id, await claims.claimOnce(id, { strategy })]).toMatchObject([id, { outcome: 'not_found' }])
      }
      expect(claimed()).toEqual([])
      expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
      expect(claimed()).toEqual(['1'])
      expect(await claims.claimOnce('A')).toMatchObject({ outcome: 'claimed' })
      expect(await claims.claimOnce('7 ')).toMatchObject({ outcome: 'claimed' })
      expect(claimed()).toEqual(['1', '7 ', 'A'])
    },
  )

  test('integers beyond 2^53 are claimed as themselves, as string and as bigint', async () => {
    const big = 2n ** 53n
    const claims = table('integer primary key', [big, big + 1n, 2n ** 63n - 1n, -(2n ** 63n)])
    expect(await claims.claimOnce(big + 1n)).toMatchObject({ outcome: 'claimed' })
    expect(claimed()).toEqual(['9007199254740993'])
    expect(await claims.claimOnce('9007199254740993')).toMatchObject({ outcome: 'duplicate' })
    for (const strategy of STRATEGIES) {
      expect(await claims.claimOnce('9223372036854775808', { strategy })).toMatchObject({ outcome: 'not_found' })
    }
    expect(await claims.claimOnce('9223372036854775807')).toMatchObject({ outcome: 'claimed' })
    expect(await claims.claimOnce(-(2n ** 63n), { strategy: 'optimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(claimed()).toEqual(['-9223372036854775808', '9007199254740993', '9223372036854775807'])
  })

  test('the order of an effect is read by its own id', async () => {
    const id = shop.newOrder({ account_id: 2 })
    shop.newOrder({ account_id: 1 })
    const seen: unknown[] = []
    await opened.claimOnce(String(id), {
      read: ['order_id', 'account_id', 'status', 'amount', 'note'],
      *script(order) {
        seen.push(order)
      },
    })
    expect(seen).toEqual([{ order_id: id, account_id: 2, status: 'Y', amount: 42, note: null }])
  })
})

const BIG = { order_id: 2n ** 53n + 1n, account_id: 2n ** 60n + 1n }
const insertBig = (shop: ShopFile): void => {
  const { order_id: id, account_id: account } = BIG
  shop.run(
    "insert into orders (order_id, status, amount, currency, account_id) values (?, 'Wait', 42, 'CNY', ?)",
    id,
    account,
  )
}

describe.each(WAYS.filter(({ name }) => !name.startsWith('kysely')))('columns for the effect, $name', (way) => {
  test('integers beyond 2^53 are read exactly', async () => {
    const shop = createShopFile(way.driver)
    try {
      insertBig(shop)
      const seen: unknown[] = []
      const { outcome } = await way.open(shop.file).claimOnce(BIG.order_id, {
        read: ['order_id', 'account_id', 'row_version'],
        *script(order) {
          seen.push(order)
        },
      })
      expect([outcome, seen]).toEqual(['claimed', [{ ...BIG, row_version: 1 }]])
    } finally {
      shop.close()
    }
  })
})

test('through kysely integers beyond 2^53 are read exactly on a handle with safe integers', async () => {
  const shop = createShopFile('better-sqlite3')
  const handle = new Database(shop.file).defaultSafeIntegers(true)
  try {
    insertBig(shop)
    const db = new Kysely<ShopTables>({ dialect: new SqliteDialect({ database: handle }) })
    const claims = createClaims({ database: kysely(db), ...ORDERS.config })
    const result = await claims.claimOnce(BIG.order_id, {
      read: ['order_id', 'account_id'],
      effect: async (_tx, order) => order,
    })
    expect(result).toMatchObject({ outcome: 'claimed', value: BIG })
    const again = await claims.claimOnce(BIG.order_id, { strategy: 'optimistic' })
    expect(again).toMatchObject({ outcome: 'duplicate' })
    expect(handle.pragma('busy_timeout', { simple: true })).toBe(5000n)
  } finally {
    handle.close()
    shop.close()
  }
})
