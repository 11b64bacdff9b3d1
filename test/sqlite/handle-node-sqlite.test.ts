import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
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
  ['the program’s handle', (file: string) => sqlite(openHandle('node:sqlite', file) as DatabaseSync)],
  ['a connection of its own', (file: string) => sqlite(() => openHandle('node:sqlite', file) as DatabaseSync)],
] as const

describe.each(sources)('what an effect can do with node:sqlite, on %s', (_name, open) => {
  let shop: ShopFile
  const claimsOf = () => createClaims({ database: open(shop.file), ...ORDERS.config })
  let claims: ReturnType<typeof claimsOf>

  beforeEach(() => {
    shop = createShopFile('node:sqlite')
    claims = claimsOf()
  })
  afterEach(() => shop.close())

  const bookOn = (tx: DatabaseSync, id: number): void => {
    tx.prepare('update accounts set balance = balance + ? where id = ?').run(42, 1)
    tx.prepare('insert into ledger (order_id, amount) values (:id, :amount)').run({ id, amount: 42 })
  }

  test('statements are what they are without claim-once', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      effect: (tx) => {
        bookOn(tx, id)
        const exact = tx.prepare('select ? + 1 as n')
        exact.setReadBigInts(true)
        const arrays = tx.prepare('select id, balance from accounts where id = ?')
        arrays.setReturnArrays(true)
        return {
          accounts: [...tx.prepare('select id from accounts order by id').iterate()].map((row) => row['id']),
          exact: exact.get(2n ** 53n)!['n'],
          arrays: arrays.all(1),
          columns: tx
            .prepare('select id from accounts')
            .columns()
            .map(({ name }) => name),
          changes: tx.prepare('update accounts set balance = balance').run().changes,
          open: tx.isTransaction,
        }
      },
    })
    expect(result).toMatchObject({
      outcome: 'claimed',
      value: {
        accounts: [1, 2],
        exact: 2n ** 53n + 1n,
        arrays: [[1, 42]],
        columns: ['id'],
        changes: 2,
        open: true,
      },
    })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test('what was prepared in the effect is refused after the claim', async () => {
    const id = shop.newOrder()
    const kept: (() => unknown)[] = []
    await claims.claimOnce(id, {
      effect: (tx) => {
        const write = tx.prepare('update accounts set balance = balance + 1000 returning id')
        kept.push(
          () => write.all(),
          () => write.get(),
          () => write.run(),
          () => [...write.iterate()],
          () => tx.prepare('select 1'),
          () => tx.exec('update accounts set balance = balance + 1000'),
        )
      },
    })
    for (const use of kept) {
      expect(use).toThrow(expect.objectContaining({ code: 'CLAIM_TRANSACTION_LOST' }) as Error)
    }
    expect(shop.balance()).toBe(0)
  })

  test('a tag store writes nothing after the claim, where an effect gets one at all', async () => {
    const late: (() => unknown)[] = []
    const claim = claims.claimOnce(shop.newOrder(), {
      effect: (tx) => {
        const store = tx.createTagStore()
        late.push(() => store.run`update accounts set balance = balance + ${1000}`)
      },
    })
    const failed = await claim.then(
      () => null,
      (error: unknown) => error,
    )
    if (failed !== null) expect(failed).toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    for (const write of late) {
      expect(write).toThrow(expect.objectContaining({ code: 'CLAIM_TRANSACTION_LOST' }) as Error)
    }
    expect(shop.balance()).toBe(0)
  })

  test('a tag store that ends the transaction is misuse', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, {
      effect: (tx) => {
        bookOn(tx, id)
        const store = tx.createTagStore()
        return [store.run`rollback`, store.run`update accounts set balance = balance + ${1000}`]
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
  })

  test.each([
    ['close()', (tx: DatabaseSync) => tx.close()],
    ['the end of a `using` block', (tx: DatabaseSync) => tx[Symbol.dispose]()],
  ])('%s is refused', async (_what, close) => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, { effect: close })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(await claims.claimOnce(id, { effect: (tx) => bookOn(tx, id) })).toMatchObject({ outcome: 'claimed' })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test('exec() of several statements that end the transaction is misuse', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, {
      effect: (tx) => {
        bookOn(tx, id)
        tx.exec('rollback; begin; update accounts set balance = 1000')
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
  })
})

test('claims on node:sqlite load no other driver', () => {
  const shop = createShopFile('node:sqlite')
  try {
    const id = shop.newOrder()
    const program = join(import.meta.dirname, 'support', 'node-sqlite-only.ts')
    const output = execFileSync(process.execPath, [program, shop.file, String(id)], { encoding: 'utf8' })
    expect(JSON.parse(output)).toEqual({ outcome: 'claimed', refused: ['better-sqlite3', 'kysely', 'mysql2'] })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  } finally {
    shop.close()
  }
})
