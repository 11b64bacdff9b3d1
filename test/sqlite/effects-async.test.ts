import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inTransaction } from './support/driver.ts'
import { expectNoUnhandledRejection } from './support/rejections.ts'
import { book } from './support/script.ts'
import { BOOKED_ONCE, createShopFile, WAITS } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { ticksWhile } from './support/ticks.ts'
import { ASYNCHRONOUS, SHARED } from './support/ways.ts'
import type { OpenWay } from './support/ways.ts'

expectNoUnhandledRejection()

describe.each(SHARED)('asynchronous effects, $name', (way) => {
  let shop: ShopFile
  let claims: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    claims = way.open(shop.file)
  })
  afterEach(() => shop.close())

  test('are refused and rolled back, and what they do later is not sent', async () => {
    const id = shop.newOrder()
    const late: unknown[] = []
    let over: Promise<unknown> = Promise.resolve()
    const fails = claims.claimOnce(id, {
      effect: (tx) => {
        const run = async (): Promise<void> => {
          await claims.query(tx, ['update accounts set balance = balance + 42'])
          await claims.query(tx, ['update accounts set balance = balance + 1'])
        }
        over = run().catch((error: unknown) => late.push(error))
        return over
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE', reply: 'review' })
    await over
    expect(late).toMatchObject([{ code: 'CLAIM_TRANSACTION_LOST' }])
    expect(inTransaction(claims.handle!)).toBe(false)
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
    expect(await claims.claimOnce(id, { script: () => book(id) })).toMatchObject({ outcome: 'claimed' })
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test('are refused also when they reject, and their rejection is not left to the process', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, { effect: async () => Promise.reject(new Error('nobody waits for me')) })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
  })

  test('a thenable that is no promise is refused, too', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, { effect: () => ({ then: (done: (value: number) => void) => done(1) }) })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_EFFECT_MISUSE' })
    expect(shop.state(id)).toEqual(WAITS)
  })

  test('a synchronous one that takes longer than the call may is rolled back', async () => {
    const id = shop.newOrder()
    const fails = claims.claimOnce(id, {
      timeoutMs: 100,
      *script() {
        yield* book(id)
        const end = performance.now() + 200
        while (performance.now() < end);
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_TIMEOUT', reply: 'call_again' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
  })
})

describe.each(ASYNCHRONOUS)('asynchronous effects, $name', (way) => {
  let shop: ShopFile
  let claims: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    claims = way.open(shop.file)
  })
  afterEach(() => shop.close())

  test('one that never returns is timed out and rolled back, its handle is dead, and others go on', async () => {
    const [id, other] = [shop.newOrder(), shop.newOrder()]
    const handles: unknown[] = []
    const signals: AbortSignal[] = []
    const stuck = claims.claimOnce(id, {
      timeoutMs: 300,
      effect: async (tx, _order, { signal }) => {
        handles.push(tx)
        signals.push(signal)
        await claims.query(tx, ['update accounts set balance = balance + 1000'])
        await new Promise(() => {})
      },
    })
    const next = claims.claimOnce(other, { timeoutMs: 10_000, script: () => book(other) })
    await expect(stuck).rejects.toMatchObject({ code: 'CLAIM_TIMEOUT', reply: 'call_again' })
    expect(signals[0]!.aborted).toBe(true)
    expect(await next).toMatchObject({ outcome: 'claimed' })
    await expect(claims.query(handles[0], ['update accounts set balance = 0'])).rejects.toMatchObject({
      code: 'CLAIM_TRANSACTION_LOST',
    })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.state(other)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  test("the caller's signal rolls a running effect back", async () => {
    const id = shop.newOrder()
    const caller = new AbortController()
    const fails = claims.claimOnce(id, {
      signal: caller.signal,
      effect: async (tx) => {
        await claims.query(tx, ['update accounts set balance = balance + 1000'])
        caller.abort(new Error('The gateway hung up.'))
        await new Promise(() => {})
      },
    })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_ABORTED' })
    expect(shop.state(id)).toEqual(WAITS)
    expect(shop.balance()).toBe(0)
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
  })

  test('twelve at once run one after the other, in the order of the calls, while the event loop turns', async () => {
    await claims.claimOnce(shop.newOrder()) // the table is described
    const ids = Array.from({ length: 12 }, () => shop.newOrder())
    const ran: number[] = []
    let running = 0
    const { result, longestPauseMs, ticks } = await ticksWhile(() =>
      Promise.all(
        ids.map((id) =>
          claims.claimOnce(id, {
            timeoutMs: 20_000,
            effect: async (tx) => {
              running += 1
              expect(running).toBe(1)
              ran.push(id)
              await claims.query(tx, ['update accounts set balance = balance + 42 where id = 1'])
              await pause(20)
              await claims.query(tx, ['insert into ledger (order_id, amount) values (?, 42)', id])
              running -= 1
            },
          }),
        ),
      ),
    )
    expect(result.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'claimed'))
    expect(ran).toEqual(ids)
    expect(ids.map((id) => shop.state(id))).toEqual(ids.map(() => BOOKED_ONCE))
    expect(shop.balance()).toBe(12 * 42)
    expect(ticks).toBeGreaterThan(12)
    expect(longestPauseMs).toBeLessThan(1000)
  })

  test('twelve at once on one order, half of them through another pool: one wins, its effect runs once', async () => {
    const id = shop.newOrder()
    const other = way.open(shop.file)
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? claims : other).claimOnce(id, {
          timeoutMs: 20_000,
          strategy: (['optimistic', 'conditional', 'pessimistic'] as const)[index % 3]!,
          *script() {
            yield* book(id)
          },
        }),
      ),
    )
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual([
      'claimed',
      ...Array<string>(11).fill('duplicate'),
    ])
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
    expect(shop.balance()).toBe(42)
  })

  test('a statement that was not awaited is done before the commit, or not at all', async () => {
    const id = shop.newOrder()
    const floating: Promise<unknown>[] = []
    const result = await claims.claimOnce(id, {
      effect: (tx) => {
        floating.push(claims.query(tx, ['insert into ledger (order_id, amount) values (?, 42)', id]))
      },
    })
    expect(result.outcome).toBe('claimed')
    await Promise.all(floating)
    expect(shop.state(id)).toEqual(BOOKED_ONCE)
  })

  test('a claim inside an effect, on its transaction, is committed with it', async () => {
    const [outer, inner] = [shop.newOrder(), shop.newOrder()]
    const result = await claims.claimOnce(outer, {
      effect: async (tx) => {
        const nested = await claims.claimOnce(inner, { transaction: tx })
        await claims.query(tx, ['insert into ledger (order_id, amount) values (?, 42), (?, 42)', outer, inner])
        return nested
      },
    })
    expect(result).toMatchObject({
      outcome: 'claimed',
      provisional: false,
      value: { outcome: 'claimed', provisional: true, token: expect.any(String) as string },
    })
    expect([shop.state(outer), shop.state(inner)]).toEqual([BOOKED_ONCE, BOOKED_ONCE])
  })

  test('a claim inside an effect that fails is undone with it', async () => {
    const [outer, inner] = [shop.newOrder(), shop.newOrder()]
    const fails = claims.claimOnce(outer, {
      effect: async (tx) => {
        expect(await claims.claimOnce(inner, { transaction: tx })).toMatchObject({ outcome: 'claimed' })
        throw new Error('no')
      },
    })
    await expect(fails).rejects.toThrow('no')
    expect([shop.state(outer), shop.state(inner)]).toEqual([WAITS, WAITS])
    expect(await claims.claimOnce(inner)).toMatchObject({ outcome: 'claimed' })
  })
})
