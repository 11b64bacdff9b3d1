import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, book } from './support/script.ts'
import { BOOKED_ONCE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

describe.each(WAYS)('DDL and savepoints in an effect, $name', (way) => {
  let shop: ShopFile
  let claims: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    claims = way.open(shop.file)
  })
  afterEach(() => shop.close())

  test('DDL is a part of the transaction: kept with the claim, undone with it', async () => {
    const id = shop.newOrder()
    const tables = (): unknown => shop.run("select name from sqlite_schema where name like 'receipt%'")
    const fails = claims.claimOnce(id, {
      *script() {
        yield* ask('create table receipts (id integer primary key)')
        yield* book(id)
        throw new Error('no')
      },
    })
    await expect(fails).rejects.toThrow('no')
    expect(tables()).toEqual([])
    expect(shop.state(id)).toEqual(WAITS)

    const result = await claims.claimOnce(id, {
      *script() {
        yield* ask('create table receipts (id integer primary key)')
        yield* book(id)
      },
    })
    expect(result.outcome).toBe('claimed')
    expect(tables()).toEqual([{ name: 'receipts' }])
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test('savepoints of its own undo a part of it', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      *script() {
        yield* ask('savepoint mine')
        yield* ask('update accounts set balance = balance + 1000')
        yield* ask('rollback to mine')
        yield* ask('release mine')
        yield* book(id)
      },
    })
    expect(result.outcome).toBe('claimed')
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  test('savepoints of its own survive statements that are looked at closely', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      *script() {
        yield* ask('savepoint mine')
        yield* ask('create table receipts (id integer primary key)')
        yield* ask('/* a comment first */ update accounts set balance = balance + 1000')
        yield* ask('rollback to mine')
        yield* book(id)
        yield* ask('release mine')
      },
    })
    expect(result.outcome).toBe('claimed')
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  test('one that rolls back to its savepoint, with a comment in front, is no misuse', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      *script() {
        yield* ask('savepoint mine')
        yield* ask('update accounts set balance = balance + 1000')
        yield* ask('-- undo it\nrollback to mine')
        yield* book(id)
      },
    })
    expect(result.outcome).toBe('claimed')
    expect(shop.balance()).toBe(42)
  })
})
