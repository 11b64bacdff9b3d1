import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { PRIZE_MESSAGES, PRIZE_WINS } from '../../examples/server/lottery/later/win-tables.ts'
import { recordWin } from '../../examples/server/lottery/later/record-win.ts'
import { addCards, CAMPAIGN } from '../../examples/server/lottery/stock-cards.ts'
import { lanes, mssqlLanes } from '../support/lanes.ts'
import { openMssqlShop } from '../support/mssql-shop.ts'
import { openMysqlShop } from '../support/mysql-shop.ts'
import { until } from '../support/until.ts'
import { deliver, startDeliver } from './deliver-process.ts'
import type { DeliverProcess } from './deliver-process.ts'
import { holders, leave, openLotteryShop, RECIPIENT } from './lottery-shop.ts'
import type { LotteryShop } from './lottery-shop.ts'
import { withSlowMessages } from './slow-messages.ts'

/** Each gives a database that several processes can have open, and how to remove it. */
const DATABASES = [
  { name: 'sqlite', open: openFile },
  ...lanes.map(({ name, url }) => ({ name, open: () => openMysqlShop(url) })),
  ...mssqlLanes.map(({ name, url }) => ({ name, open: () => openMssqlShop(url) })),
]
const LONG_AGO = '2001-01-01T00:00:00'

async function openFile() {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-deliver-'))
  const close = async (): Promise<void> => rmSync(folder, { recursive: true, force: true })
  return { url: `sqlite:${join(folder, 'shop.db')}`, close }
}

test('without DATABASE_URL it says where to find it, and fails', async () => {
  const { code, text } = await deliver(undefined)
  expect(code).toBe(1)
  expect(text).toContain('DATABASE_URL is not set')
})

test('a file that is not there is not created', async () => {
  const { code, text } = await deliver('sqlite:/nowhere/shop.db')
  expect(code).toBe(1)
  expect(text).toContain('There is no file /nowhere/shop.db')
})

describe.each(DATABASES)('prizes that are delivered later, on $name', { timeout: 120_000 }, ({ open }) => {
  let place: { readonly url: string; close(): Promise<void> }
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

  const wins = () => lottery.database.db.selectFrom(PRIZE_WINS).selectAll().orderBy('winner').execute()
  const messages = () => lottery.database.db.selectFrom(PRIZE_MESSAGES).selectAll().orderBy('winner').execute()
  const hasSent = ({ text }: DeliverProcess): boolean => /done [1-9]/.test(text())
  const sent = async (): Promise<number> => (await messages()).length

  /** The pauses after failures are over, and so are all leases. */
  async function letTimePass(): Promise<void> {
    const { db } = lottery.database
    for (const column of ['due_at', 'lease_until'] as const) {
      await db
        .updateTable(PRIZE_WINS)
        .set({ [column]: LONG_AGO })
        .where(column, 'is not', null)
        .execute()
    }
  }

  /** So many have won, and there are enough cards. */
  async function winsAndCards(count: number): Promise<string[]> {
    const { db } = lottery.database
    const names = Array.from({ length: count }, (_, index) => `winner-${String(index).padStart(4, '0')}`)
    for (let from = 0; from < count; from += 500) {
      const numbers = names.slice(from, from + 500).map((name) => `more ${name}`)
      await addCards(db, CAMPAIGN, numbers)
    }
    for (const name of names) await recordWin(db, name, RECIPIENT)
    return names
  }

  /** Each winner has one message, about the one card that is his. */
  async function expectOnceEach(names: readonly string[]): Promise<void> {
    const told = await messages()
    expect(told.map(({ winner }) => winner)).toEqual(names)
    expect((await holders(lottery)).map(({ owner, status, card_number }) => [owner, status, card_number])).toEqual(
      told.map(({ winner, card_number }) => [winner, 'Taken', card_number]),
    )
  }

  test('a win is recorded once, however often it is asked for at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => lottery.later('ann', { name: `Ann ${index}` })),
    )
    const outcomes = replies.map(({ status, outcome }) => `${status} ${outcome!}`).sort()
    expect(outcomes).toEqual([...Array.from({ length: 19 }, () => '200 duplicate'), '200 recorded'])
    const first = replies.findIndex(({ outcome }) => outcome === 'recorded')
    expect(await wins()).toMatchObject([
      { winner: 'ann', full_name: `Ann ${first}`, phone: RECIPIENT.phone, status: 'Wait', attempts: 0 },
    ])
    expect(lottery.recorded.filter(({ outcome }) => outcome === 'recorded')).toEqual([
      { winner: 'ann', outcome: 'recorded' },
    ])
    expect(await lottery.prize('ann')).toMatchObject({ outcome: 'found', state: 'recorded', cardNumber: null })
    expect(await lottery.prize('bob')).toMatchObject({ status: 404, outcome: 'not_found', state: null })
    // Nothing is drawn before it is delivered.
    expect(await holders(lottery)).toEqual([])
  })

  test('what is due is sent, with a line that says how far it is; a second run has nothing to do', async () => {
    for (const winner of ['ann', 'bob', 'cleo']) await lottery.later(winner)
    const first = await deliver(place.url)
    expect(first.code).toBe(0)
    expect(first.text).toContain('due 3, done 0, failed 0, dead 0')
    expect(first.text).toContain('due 0, done 3, failed 0, dead 0')
    expect(first.text).toContain('Nothing is due any more. 3 sent.')
    await expectOnceEach(['ann', 'bob', 'cleo'])
    const [message] = await messages()
    expect(message).toMatchObject({ phone: RECIPIENT.phone })
    expect(message!.body).toContain(message!.card_number)
    expect(await wins()).toMatchObject([{ status: 'Sent', due_at: null }, { status: 'Sent' }, { status: 'Sent' }])

    expect((await deliver(place.url)).text).toContain('Nothing is due any more. 0 sent.')
    expect(await lottery.prize('ann')).toMatchObject({ state: 'sent', cardNumber: message!.card_number })
    const { text: page } = await lottery.page('/lottery/prize?winner=ann')
    expect(page).toContain('Your card has been sent.')
    expect(page).toContain(message!.card_number)
    expect(await lottery.later('ann')).toMatchObject({ outcome: 'duplicate', state: 'sent' })
    await expectOnceEach(['ann', 'bob', 'cleo'])
  })

  test('who draws in the browser meanwhile is sent that card, and keeps it', async () => {
    for (const winner of ['ann', 'bob']) {
      await lottery.later(winner)
      await lottery.draw(winner)
    }
    const { cardNumber } = await lottery.confirm('bob')
    expect((await deliver(place.url)).text).toContain('2 sent')
    await expectOnceEach(['ann', 'bob'])
    expect(await lottery.prize('bob')).toMatchObject({ cardNumber })
    const { cardNumber: drawn } = await lottery.draw('ann')
    expect(await lottery.prize('ann')).toMatchObject({ cardNumber: drawn })
  })

  test('where there are no cards it is tried again, later and later, until there are new ones', async () => {
    await leave(lottery, 0)
    await lottery.later('ann')
    for (const attempts of [1, 2]) {
      const { code, text } = await deliver(place.url)
      expect(code).toBe(0)
      expect(text).toContain('There are no cards left.')
      expect(text).toContain('due 0, done 0, failed 1, dead 0')
      expect(text).toContain('0 sent, 1 attempts failed, which are made again.')
      expect(await wins()).toMatchObject([{ status: 'Wait', attempts }])
      expect(await lottery.prize('ann')).toMatchObject({ status: 200, state: 'no_cards', cardNumber: null })
      expect(await sent()).toBe(0)
      await letTimePass()
    }
    await addCards(lottery.database.db, CAMPAIGN, ['7007 2027 0001'])
    expect((await deliver(place.url)).text).toContain('Nothing is due any more. 1 sent.')
    expect(await lottery.prize('ann')).toMatchObject({ state: 'sent', cardNumber: '7007 2027 0001' })
  })

  test('after ten attempts it is for a person to look at, and the exit code says so', async () => {
    await leave(lottery, 0)
    await lottery.later('ann')
    await lottery.database.db.updateTable(PRIZE_WINS).set({ attempts: 9 }).execute()
    const { code, text } = await deliver(place.url)
    expect(code).toBe(1)
    expect(text).toContain('1 for a person to look at')
    expect(await lottery.prize('ann')).toMatchObject({ state: 'failed', cardNumber: null })
    expect(await wins()).toMatchObject([{ status: 'Failed', attempts: 10, due_at: null }])
  })

  test('two processes at once, one of them killed: each card is sent once, and none is forgotten', async () => {
    const names = await winsAndCards(400)
    await withSlowMessages(lottery.database, async () => {
      const [victim, survivor] = [startDeliver(place.url, '--watch'), startDeliver(place.url, '--watch')]
      // Not for the other one to begin: it may find nothing left, where it starts late.
      await until(() => hasSent(victim), 'it delivers', 60_000)
      victim.kill('SIGKILL')
      expect(await victim.ended).toBeNull()
      expect(await sent(), 'it was killed in the middle').toBeLessThan(names.length)
      // What it had taken is given to others at once, and so is some of what the other one has, which writes nothing of that.
      await letTimePass()
      await until(async () => (await sent()) === names.length, 'all are sent', 60_000)
      survivor.kill('SIGINT')
      await survivor.ended
    })
    expect((await wins()).filter(({ status }) => status !== 'Sent')).toEqual([])
    await expectOnceEach(names)
  })

  test('it is stopped by a signal: what it is sending is sent, the rest waits, and nothing is held', async () => {
    const names = await winsAndCards(300)
    await withSlowMessages(lottery.database, async () => {
      const running = startDeliver(place.url, '--watch')
      await until(async () => (await sent()) > 0, 'it has begun', 60_000)
      running.kill('SIGINT')
      expect(await running.ended).toBe(0)
      const states = Map.groupBy(await wins(), ({ status }) => status)
      expect([...states.keys()].sort()).toEqual(['Sent', 'Wait'])
      expect(running.text()).toMatch(new RegExp(`^Stopped\\. ${states.get('Sent')!.length} sent`, 'm'))
      expect(states.get('Sent')).toHaveLength(await sent())
      expect(states.get('Wait')!.filter(({ attempts }) => attempts > 0)).toEqual([])
    })
    expect((await deliver(place.url)).code).toBe(0)
    await expectOnceEach(names)
  })

  test('with --watch it sends what is recorded while it runs', async () => {
    const running = startDeliver(place.url, '--watch')
    await until(() => running.text().includes('due 0'), 'it waits', 60_000)
    await lottery.later('ann')
    await until(async () => (await sent()) === 1, 'the card is sent', 60_000)
    running.kill('SIGTERM')
    expect(await running.ended).toBe(0)
  })

  test('the timer of the server sends them, too, and stops with it', async () => {
    const other = await openLotteryShop({ url: place.url, deliverEveryMs: 50 })
    let isOpen = true
    onTestFinished(async () => {
      if (isOpen) await other.close()
    })
    await other.later('ann')
    await until(() => other.deliveries.length > 0, 'the card is sent')
    expect(other.deliveries).toEqual([{ winner: 'ann', outcome: 'sent' }])
    await leave(lottery, 0)
    await other.later('bob')
    await until(() => other.deliveries.length > 1, 'it is tried')
    expect(other.deliveries[1]).toMatchObject({ winner: 'bob', outcome: 'failed' })
    isOpen = false
    await other.close()
    await letTimePass()
    await addCards(lottery.database.db, CAMPAIGN, ['7007 2027 0002'])
    expect(await lottery.prize('bob')).toMatchObject({ state: 'no_cards' })
  })

  test('without the timer nothing is sent before somebody delivers', async () => {
    await lottery.later('ann')
    expect(await lottery.later('ann')).toMatchObject({ outcome: 'duplicate', state: 'recorded' })
    expect(lottery.deliveries).toEqual([])
  })
})
