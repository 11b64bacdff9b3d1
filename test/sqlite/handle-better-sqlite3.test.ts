import type Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { createClaims } from '../../src/index.ts'
import { ORDERS } from '../support/orders.ts'
import { openHandle } from './support/driver.ts'
import { expectNoUnhandledRejection } from './support/rejections.ts'
import { BOOKED_ONCE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'

expectNoUnhandledRejection()

const sources = [
  ['the program’s handle', (file: string) => sqlite(openHandle('better-sqlite3', file) as Database.Database)],
  ['a connection of its own', (file: string) => sqlite(() => openHandle('better-sqlite3', file) as Database.Database)],
] as const

describe.each(sources)('what an effect can do with better-sqlite3, on %s', (_name, open) => {
  let shop: ShopFile
  const claimsOf = () => createClaims({ database: open(shop.file), ...ORDERS.config })
  let claims: ReturnType<typeof claimsOf>

  beforeEach(() => {
    shop = createShopFile('better-sqlite3')
    claims = claimsOf()
  })
  afterEach(() => shop.close())

  const bookOn = (tx: Database.Database, id: number): void => {
    tx.prepare('update accounts set balance = balance + ? where id = ?').run(42, 1)
    tx.prepare('insert into ledger (order_id, amount) values (@id, @amount)').run({ id, amount: 42 })
  }

  test('statements are what they are without claim-once: named parameters, iterate, pluck, raw, safeIntegers', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      effect: (tx) => {
        bookOn(tx, id)
        const accounts: unknown[] = []
        for (const row of tx.prepare('select id from accounts order by id').iterate()) {
          accounts.push(row)
          tx.prepare('select 1').get() // better-sqlite3 itself would be busy with the iteration
        }
        return {
          accounts,
          plucked: tx.prepare('select count(*) from ledger where order_id = ?').pluck().get(id),
          raw: tx.prepare('select id, balance from accounts where id = ?').raw().all(1),
          exact: tx
            .prepare('select ? + 1')
            .pluck(true)
            .safeIntegers(true)
            .get(2n ** 53n),
          bound: tx.prepare('select ?').bind(7).pluck().get(),
          columns: tx
            .prepare('select id from accounts')
            .columns()
            .map(({ name }) => name),
          changes: tx.prepare('update accounts set balance = balance').run().changes,
          pragma: tx.pragma('foreign_keys', { simple: true }),
          open: tx.inTransaction,
        }
      },
    })
    expect(result).toMatchObject({
      outcome: 'claimed',
      value: {
        accounts: [{ id: 1 }, { id: 2 }],
        plucked: 1,
        raw: [[1, 42]],
        exact: 2n ** 53n + 1n,
        bound: 7,
        columns: ['id'],
        changes: 2,
        pragma: 1,
        open: true,
      },
    })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test('a statement through pluck() and its like is still refused after the claim, and so is iterate()', async () => {
    const id = shop.newOrder()
    const kept: (() => unknown)[] = []
    await claims.claimOnce(id, {
      effect: (tx) => {
        const write = tx.prepare('update accounts set balance = balance + 1000 returning id')
        kept.push(
          () => write.all(),
          () => write.pluck().get(),
          () => write.safeIntegers().raw().all(),
          () => [...write.iterate()],
          () => tx.prepare('select 1'),
          () => tx.exec('update accounts set balance = balance + 1000'),
          () => tx.pragma('user_version = 7'),
        )
      },
    })
    for (const use of kept) {
      expect(use).toThrow(expect.objectContaining({ code: 'CLAIM_TRANSACTION_LOST' }) as Error)
    }
    expect(shop.balance()).toBe(0)
    expect(shop.run('pragma user_version')).toEqual([{ user_version: 0 }])
  })

  test('a transaction() inside the effect is a savepoint: what fails in it is undone, the rest is kept', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      effect: (tx) => {
        const spend = tx.transaction((amount: number, fail: boolean) => {
          tx.prepare('update accounts set balance = balance + ? where id = 1').run(amount)
          if (fail) throw new Error('inner')
          return amount
        })
        expect(() => spend(1000, true)).toThrow('inner')
        const kept = spend.immediate(42, false)
        tx.prepare('insert into ledger (order_id, amount) values (?, 42)').run(id)
        return kept
      },
    })
    expect(result).toMatchObject({ outcome: 'claimed', value: 42 })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  test('a transaction() in which the whole transaction was lost is refused', async () => {
    const id = shop.newOrder()
    shop.run('create unique index ledger_once on ledger (order_id)')
    const fails = claims.claimOnce(id, {
      effect: (tx) => {
        bookOn(tx, id)
        const again = tx.transaction(() =>
          tx.prepare('insert or rollback into ledger (order_id, amount) values (?, 1)').run(id),
        )
        expect(again).toThrow(/UNIQUE/)
        expect(tx.transaction(() => tx.prepare('update accounts set balance = 1000').run())).toThrow()
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
  })

  test('a transaction() kept from the effect writes nothing after the claim', async () => {
    const id = shop.newOrder()
    let kept: (() => unknown) | undefined
    await claims.claimOnce(id, {
      effect: (tx) => {
        kept = tx.transaction(() => tx.prepare('update accounts set balance = 1000').run())
      },
    })
    expect(kept).toThrow(expect.objectContaining({ code: 'CLAIM_TRANSACTION_LOST' }) as Error)
    expect(shop.balance()).toBe(0)
    expect(await claims.claimOnce(shop.newOrder())).toMatchObject({ outcome: 'claimed' })
  })

  test('close() is refused', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, { effect: (tx) => tx.close() })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(await claims.claimOnce(id, { effect: (tx) => bookOn(tx, id) })).toMatchObject({ outcome: 'claimed' })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test.each(['rollback; begin', 'update accounts set balance = 1; rollback; begin immediate;'])(
    'exec(%o) is misuse, and nothing of it survives',
    async (script) => {
      const id = shop.newOrder()
      const fails = claims.claimOnce(id, {
        effect: (tx) => {
          bookOn(tx, id)
          tx.exec(script)
        },
      })
      await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
      expect(shop.state(id)).toEqual(WAITS)
      expect(shop.balance()).toBe(0)
      expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    },
  )

  test('the database behind a statement is watched like the handle itself', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, {
      effect: (tx) => {
        bookOn(tx, id)
        const behind = tx.prepare('select 1').database
        behind.exec('rollback')
        behind.exec('update accounts set balance = 1000')
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
  })
})
