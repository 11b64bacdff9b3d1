import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPrizeCards } from '../../examples/server/lottery/prize-cards.ts'
import { PRIZE_CARDS, PRIZE_WINNERS } from '../../examples/server/lottery/prize-tables.ts'
import type { RushReport } from '../../examples/server/lottery/rush.ts'
import { CAMPAIGN } from '../../examples/server/lottery/stock-cards.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { openMssqlShop } from '../support/mssql-shop.ts'
import { openMysqlShop } from '../support/mysql-shop.ts'
import { until } from '../support/until.ts'
import { holders, leave, letTimePass, openLotteryShop } from './lottery-shop.ts'
import type { LotteryShop } from './lottery-shop.ts'

/** Each gives a database of its own, and how to remove it. */
const DATABASES = [
  { name: 'sqlite', open: () => Promise.resolve({ url: undefined, close: () => Promise.resolve() }) },
  ...lanes.map(({ name, url }) => ({ name, open: () => openMysqlShop(url) })),
  ...mssqlLanes.map(({ name, url }) => ({ name, open: () => openMssqlShop(url) })),
]
const TEN_MINUTES = 600_000
const STRATEGIES = ['skip_locked', 'conditional'] as const

describe.each(DATABASES)('the lottery on $name', ({ name, open }) => {
  let place: { readonly url: string | undefined; close(): Promise<void> }
  let lottery: LotteryShop

  beforeAll(async () => {
    place = await open()
    lottery = await openLotteryShop({ url: place.url })
  })
  beforeEach(() => lottery.reset())
  afterAll(async () => {
    await lottery.close()
    await place.close()
  })

  const winners = () => lottery.database.db.selectFrom(PRIZE_WINNERS).selectAll().execute()

  describe.each(STRATEGIES)('by %s', (strategy) => {
    test('who draws and gives his details gets a card; every repeat is about the same one', async () => {
      const drawn = await lottery.draw('ann', { strategy })
      expect(drawn).toMatchObject({ status: 200, outcome: 'claimed', cardNumber: null, keptForMs: TEN_MINUTES })
      const again = await lottery.draw('ann', { strategy })
      expect(again).toMatchObject({ status: 200, outcome: 'duplicate', cardNumber: null })
      expect(again.keptForMs).toBeGreaterThan(TEN_MINUTES - 60_000)
      const [kept] = await holders(lottery)

      const confirmed = await lottery.confirm('ann')
      expect(confirmed).toMatchObject({ status: 200, outcome: 'confirmed', cardNumber: kept!.card_number })
      const repeated = await lottery.confirm('ann', { name: 'Bob', contact: 'elsewhere' })
      expect(repeated).toMatchObject({ status: 200, outcome: 'duplicate', cardNumber: kept!.card_number })
      const later = await lottery.draw('ann', { strategy })
      expect(later).toMatchObject({ outcome: 'duplicate', keptForMs: null, cardNumber: kept!.card_number })

      expect(await holders(lottery)).toEqual([{ owner: 'ann', status: 'Taken', card_number: kept!.card_number }])
      expect(await winners()).toMatchObject([{ winner: 'ann', full_name: 'Ann', contact: '12 Long Lane' }])
    })

    test('the requests of many winners at once give each a card of his own', async () => {
      const names = Array.from({ length: 20 }, (_, index) => `winner-${String(index + 10)}`)
      const drawn = await Promise.all([...names, ...names].map((winner) => lottery.draw(winner, { strategy })))
      const outcomes = drawn.map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'claimed')).toHaveLength(20)
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(20)
      const confirmed = await Promise.all(names.map((winner) => lottery.confirm(winner)))
      expect(new Set(confirmed.map(({ cardNumber }) => cardNumber))).toHaveProperty('size', 20)
      const held = await holders(lottery)
      expect(held.map(({ owner }) => owner)).toEqual(names)
      expect(held.map(({ card_number }) => card_number)).toEqual(confirmed.map(({ cardNumber }) => cardNumber))
    })

    test('of two winners who draw the last card at once, one has it and the other is told that there are none', async () => {
      await leave(lottery, 1)
      const drawn = await Promise.all([lottery.draw('ann', { strategy }), lottery.draw('bob', { strategy })])
      expect(drawn.map(({ outcome, status }) => `${outcome!} ${status}`).sort()).toEqual([
        'claimed 200',
        'exhausted 409',
      ])
      expect(await holders(lottery)).toHaveLength(1)
    })

    test('a rush gives each card to one winner, and the naive way beside it one card to several', async () => {
      let naiveIsCaught = false
      for (let round = 0; round < 10 && !naiveIsCaught; round++) {
        const report = (await (await lottery.post('/lottery/rush', { strategy })).json()) as RushReport
        expect(report.chosen).toMatchObject({
          isRight: true,
          cardsGiven: 30,
          exhausted: 70,
          winnersWithTwoCards: 0,
          cardsWithTwoOwners: 0,
          mostOwnersOfOneCard: 1,
          failures: 0,
        })
        naiveIsCaught = !report.naive.isRight && report.naive.cardsWithTwoOwners > 0
      }
      expect(naiveIsCaught).toBe(true)
      expect(lottery.rushes[0]).toMatchObject({ strategy, requests: 300 })
      // It leaves nothing behind.
      const cards = await lottery.database.db.selectFrom(PRIZE_CARDS).select('campaign').distinct().execute()
      expect(cards).toEqual([{ campaign: CAMPAIGN }])
    })
  })

  test('the strategy is chosen by each request, and the story tells it', async () => {
    await lottery.draw('ann', { strategy: 'skip_locked' })
    await lottery.draw('ann', { strategy: 'conditional' })
    await lottery.confirm('ann')
    expect(lottery.requests).toMatchObject([
      { step: 'draw', winner: 'ann', strategy: 'skip_locked', answer: { outcome: 'claimed' } },
      { step: 'draw', winner: 'ann', strategy: 'conditional', answer: { outcome: 'duplicate' } },
      { step: 'confirm', winner: 'ann', answer: { outcome: 'confirmed' } },
    ])
  })

  test('what was not confirmed in time is lost, and the winner draws anew', async () => {
    await leave(lottery, 1)
    await lottery.draw('ann')
    await letTimePass(lottery)
    expect(await lottery.confirm('ann')).toMatchObject({ status: 409, outcome: 'expired', cardNumber: null })
    expect(await winners()).toEqual([])
    // The only card goes to who draws next.
    expect(await lottery.draw('bob')).toMatchObject({ outcome: 'claimed' })
    expect(await lottery.confirm('ann')).toMatchObject({ status: 409, outcome: 'nothing_held' })
    expect(await lottery.draw('ann')).toMatchObject({ status: 409, outcome: 'exhausted' })
    expect(await lottery.confirm('bob')).toMatchObject({ outcome: 'confirmed' })
  })

  test('what nobody has confirmed in time is freed, and nobody needs to ask', async () => {
    const other = await openLotteryShop({ url: place.url, upkeepMs: 50 })
    await other.draw('ann')
    await letTimePass(other)
    await until(() => other.freed.length > 0, 'a card is freed')
    expect(other.freed).toEqual([1])
    expect(await holders(other)).toEqual([])
    await other.close()
  })

  test('details that cannot be written leave the card kept, not given', async () => {
    await lottery.draw('ann')
    const [kept] = await lottery.database.db
      .selectFrom(PRIZE_CARDS)
      .select('card_id')
      .where('owner', '=', 'ann')
      .execute()
    // The key refuses a second winner of a card.
    const stranger = { winner: 'stranger', card_id: kept!.card_id, full_name: 'x', contact: 'x' }
    await lottery.database.db.insertInto(PRIZE_WINNERS).values(stranger).execute()
    expect(await lottery.confirm('ann')).toMatchObject({ status: 503, outcome: 'failed', cardNumber: null })
    expect(await holders(lottery)).toMatchObject([{ owner: 'ann', status: 'Reserved' }])
    await lottery.database.db.deleteFrom(PRIZE_WINNERS).execute()
    expect(await lottery.confirm('ann')).toMatchObject({ status: 200, outcome: 'confirmed' })
  })

  test('who holds other cards is told so', async () => {
    const cards = createPrizeCards(lottery.database.db, {})
    await cards.claimNext('ann', { scope: CAMPAIGN, count: 2 })
    const told = await lottery.draw('ann')
    expect(told).toMatchObject({ status: 409, outcome: 'mismatch', cardNumber: null })
    expect(told.message).toContain('You hold other cards')
  })

  test('names in any script are kept as they were given', async () => {
    const name = 'Łucja 李小龍 🃏'
    await lottery.draw('ann')
    await lottery.confirm('ann', { name })
    expect(await winners()).toMatchObject([{ full_name: name }])
  })

  test('a shop that is started again gives no number a second time', async () => {
    await lottery.draw('ann')
    const { cardNumber } = await lottery.confirm('ann')
    if (place.url === undefined) {
      // The file goes with the shop: so the same is started beside it.
      const { startShop } = await import('../../examples/server/start-shop.ts')
      const story = { callback() {}, settled() {} }
      const told = () => {}
      const silent = {
        request: told,
        rush: told,
        fallback: told,
        refilled: told,
        expired: told,
        lowStock: told,
        later: told,
        delivery: told,
      }
      await (await startShop({ database: lottery.database, story, lottery: { story: silent } })).close()
    } else {
      await (await openLotteryShop({ url: place.url })).close()
    }
    const cards = await lottery.database.db.selectFrom(PRIZE_CARDS).select(['card_number', 'owner']).execute()
    expect(cards).toHaveLength(200)
    expect(cards.filter(({ card_number }) => card_number === cardNumber)).toEqual([
      { card_number: cardNumber, owner: 'ann' },
    ])
  })

  test('it is told when the cards run out', async () => {
    // A shop of its own: the other's was told of low stock by an earlier test, and tells only once until there is more.
    const fresh = await openLotteryShop({ url: place.url })
    try {
      await leave(fresh, 20)
      await fresh.draw('ann')
      await until(() => fresh.lowStock.length > 0, 'low stock is told')
      expect(fresh.lowStock).toEqual([19])
    } finally {
      await fresh.close()
    }
  })

  // On SQLite a transaction has the whole file, and no other can begin.
  if (name !== 'sqlite')
    test('where others are about to take the cards, the winner is asked to draw again', async () => {
      await leave(lottery, 1)
      const done = Promise.withResolvers<undefined>()
      const begun = Promise.withResolvers<undefined>()
      const other = lottery.database.db.transaction().execute(async (tx) => {
        await tx.updateTable(PRIZE_CARDS).set({ draw_token: null }).where('status', '=', 'Free').execute()
        begun.resolve(undefined)
        await done.promise
      })
      await begun.promise
      const response = await lottery.post('/lottery/draw', { winner: 'ann', strategy: 'conditional' })
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await response.json()).toMatchObject({ outcome: 'contended', cardNumber: null })
      done.resolve(undefined)
      await other
      expect(await lottery.draw('ann')).toMatchObject({ outcome: 'claimed' })
    })
})
