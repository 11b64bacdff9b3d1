import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHandle, query } from './support/driver.ts'
import type { DriverName } from './support/driver.ts'
import { createShopFile } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'

const DRIVERS = ['better-sqlite3', 'node:sqlite'] as const satisfies readonly DriverName[]

let shop: ShopFile
beforeEach(() => {
  shop = createShopFile('better-sqlite3')
  shop.db.close() // from here on the file belongs to the driver of the test
})
afterEach(() => shop.close())

/** Whether a handle of each driver, in one and the same process, got the write lock: the second while the first has it. */
const bothLock = (first: DriverName, second: DriverName): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, 'support', 'two-locks.ts'), shop.file, first, second], {
      encoding: 'utf8',
    }),
  )

test.each<[DriverName, DriverName]>([
  ['better-sqlite3', 'node:sqlite'],
  ['node:sqlite', 'better-sqlite3'],
])('in one process %s and %s do not see each other’s locks: one file is for one of them', (first, second) => {
  expect(bothLock(first, second)).toEqual({ first: true, second: true })
})

test.each(DRIVERS)('in one process two handles of %s do', (driver) => {
  expect(bothLock(driver, driver)).toEqual({ first: true, second: false })
})

test('node:sqlite throws on reading an integer beyond 2^53 where better-sqlite3 rounds it', () => {
  const id = 2n ** 53n + 1n
  const insert = "insert into orders (order_id, status, amount, currency, account_id) values (?, 'Wait', 1, 'CNY', 1)"
  const node = openHandle('node:sqlite', shop.file)
  query(node, [insert, id])
  expect(() => query(node, ['select order_id from orders'])).toThrow(
    expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }) as Error,
  )
  node.close()
  shop.reopen()
  expect(shop.run('select order_id from orders')).toEqual([{ order_id: 2 ** 53 }])
})

test.each(DRIVERS)(
  '%s: by SQLite’s own comparison an INTEGER key takes a text for a number, and a TEXT key no number',
  (driver) => {
    const db = openHandle(driver, shop.file)
    query(db, ['create table i (id integer primary key)'])
    query(db, ['create table t (id text primary key)'])
    query(db, ['insert into i values (1)'])
    query(db, ["insert into t values ('1')"])
    for (const crafted of [' 1', '1.0', '1e0', '01', '+1']) {
      expect(query(db, ['select id from i where id = ?', crafted])).toEqual([{ id: 1 }])
      expect(query(db, ['select id from i where id = ? and cast(id as text) = ?', crafted, crafted])).toEqual([])
    }
    expect(query(db, ['select id from t where id = ?', 1])).toEqual([])
  },
)
