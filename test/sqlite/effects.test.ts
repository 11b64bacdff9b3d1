import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ClaimEvent } from '../../src/index.ts'
import { ask, book, swallow } from './support/script.ts'
import type { Script } from './support/script.ts'
import { expectNoUnhandledRejection } from './support/rejections.ts'
import { BOOKED_ONCE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

expectNoUnhandledRejection()

describe.each(WAYS)('effects that misbehave, $name', (way) => {
  let shop: ShopFile
  let claims: OpenWay
  const events: ClaimEvent['type'][] = []

  beforeEach(() => {
    events.length = 0
    shop = createShopFile(way.driver)
    shop.run('create unique index ledger_once on ledger (order_id, amount)')
    claims = way.open(shop.file, { onEvent: ({ type }) => events.push(type) })
  })
  afterEach(() => shop.close())

  /** Nothing is left of what was tried, and the next callback books once. */
  async function expectUndone(id: number): Promise<void> {
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
    expect(await claims.claimOnce(id, { script: () => book(id) })).toMatchObject({ outcome: 'claimed' })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  }

  test('one that throws leaves the order waiting, and its error is thrown unchanged', async () => {
    const id = shop.newOrder()
    const refused = new Error('The account is closed.')
    const fails = claims.claimOnce(id, {
      *script() {
        yield* book(id)
        throw refused
      },
    })
    await expect(fails).rejects.toBe(refused)
    expect(events).toEqual(['effect_failed', 'failed'])
    await expectUndone(id)
  })

  test('one that throws always runs once a call, whatever the retries', async () => {
    const id = shop.newOrder()
    const attempts: number[] = []
    for (let call = 0; call < 3; call += 1) {
      const fails = claims.claimOnce(id, {
        retries: 5,
        script(_order, { attempt }) {
          attempts.push(attempt)
          throw new Error('always')
        },
      })
      await expect(fails).rejects.toThrow('always')
    }
    expect(attempts).toEqual([1, 1, 1])
    await expectUndone(id)
  })

  test("one whose statement fails throws the driver's error, and is undone", async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, {
      *script() {
        yield* book(id)
        yield* book(id) // the ledger takes an order once
      },
    })
    await expect(fails).rejects.toThrow(/UNIQUE constraint failed/)
    await expectUndone(id)
  })

  test('one that swallows an error which leaves the transaction open is committed', async () => {
    const id = shop.newOrder()
    const result = await claims.claimOnce(id, {
      *script() {
        yield* book(id)
        return yield* swallow('insert into ledger (order_id, amount) values (?, 42)', id)
      },
    })
    expect(result).toMatchObject({ outcome: 'claimed', value: true })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  const swallowing: [string, (id: number) => Script][] = [
    [
      'as its last statement',
      function* (id) {
        yield* book(id)
        expect(yield* swallow('insert or rollback into ledger (order_id, amount) values (?, 42)', id)).toBe(true)
      },
    ],
    [
      'and goes on writing',
      function* (id) {
        yield* book(id)
        yield* swallow('insert or rollback into ledger (order_id, amount) values (?, 42)', id)
        const refused = [
          yield* swallow('insert into ledger (order_id, amount) values (?, 1)', id),
          yield* swallow('update accounts set balance = balance + 1'),
          yield* swallow('begin'),
          yield* swallow('create table stray (id integer)'),
        ]
        expect(refused).toEqual([true, true, true, true])
      },
    ],
    [
      'raised by a trigger',
      function* (id) {
        yield* ask('update accounts set balance = balance + 42 where id = 1')
        expect(yield* swallow("insert into ledger (order_id, amount) values (?, 'tripwire')", id)).toBe(true)
        yield* swallow('update accounts set balance = balance + 1')
      },
    ],
  ]
  test.each(swallowing)(
    'one that swallows an error which rolled the transaction back is refused: %s',
    async (_, run) => {
      const id = shop.newOrder()
      shop.run(`create trigger tripwire before insert on ledger when new.amount = 'tripwire'
              begin select raise(rollback, 'tripped'); end`)
      const fails = claims.claimOnce(id, { script: () => run(id) })
      await expect(fails).rejects.toMatchObject({ code: 'CLAIM_TRANSACTION_LOST', reply: 'call_again' })
      expect(shop.run("select name from sqlite_schema where name = 'stray'")).toEqual([])
      await expectUndone(id)
    },
  )

  test('one that lets an error pass which rolled the transaction back throws it unchanged', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, {
      *script() {
        yield* book(id)
        yield* ask('insert or rollback into ledger (order_id, amount) values (?, 42)', id)
      },
    })
    await expect(fails).rejects.toThrow(/UNIQUE constraint failed/)
    await expectUndone(id)
  })

  test.each(['rollback', 'Rollback transaction', '/* no comment */ rollback', 'rollback; begin'])(
    'one that sends "%s" is misuse, and nothing of it survives',
    async (statement) => {
      const id = shop.newOrder()
      const fails = claims.claimOnce(id, {
        *script() {
          yield* book(id)
          if (statement.includes(';')) {
            yield* ask('rollback')
            yield* ask('begin')
          } else yield* ask(statement)
          yield* ask('update accounts set balance = balance + 1')
        },
      })
      await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE', reply: 'review' })
      await expectUndone(id)
    },
  )

  test.each(['commit', 'END transaction', '-- now\ncommit'])(
    'one that sends "%s" is misuse: what came before stands, what came after does not',
    async (statement) => {
      const id = shop.newOrder()
      const fails = claims.claimOnce(id, {
        *script() {
          yield* book(id)
          yield* swallow(statement)
          yield* swallow('update accounts set balance = balance + 1')
        },
      })
      await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE', reply: 'review' })
      expect(shop.state(id)).toEqual(BOOKED_ONCE)
      expect(shop.balance()).toBe(42)
      expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'duplicate' })
    },
  )

  test('one that sends "begin" gets the error of the database; swallowed, it does no harm', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, { script: () => ask('begin') })
    await expect(fails).rejects.toThrow(/within a transaction/)
    expect(shop.state(id)).toEqual(WAITS)
    const result = await claims.claimOnce(id, {
      *script() {
        yield* swallow('begin immediate')
        yield* book(id)
      },
    })
    expect(result).toMatchObject({ outcome: 'claimed' })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })
})
