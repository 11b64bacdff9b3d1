import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PRIZE_WINS } from '../../examples/server/lottery/later/win-tables.ts'
import { NO_CARDS } from '../../examples/server/lottery/later/send-card.ts'
import { DETAILS, leave, letTimePass, openLotteryShop, RECIPIENT } from './lottery-shop.ts'
import type { LotteryShop } from './lottery-shop.ts'

let lottery: LotteryShop
beforeAll(async () => {
  lottery = await openLotteryShop()
})
beforeEach(() => lottery.reset())
afterAll(() => lottery.close())

const card = /\d{4} 2026 \d{4}/

test('the page asks who draws and how, tells what there is, and loads nothing from elsewhere', async () => {
  const response = await fetch(`${lottery.shop.url}/lottery`)
  const text = await response.text()
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(text).toMatch(/<b>200<\/b> free/)
  for (const strategy of ['skip_locked', 'conditional', 'queue']) expect(text).toContain(`value="${strategy}"`)
  expect(text).not.toMatch(/(?:src|href|action)="(?!\/)/)
})

test.each([
  ['/lottery/style.css', 'text/css; charset=utf-8'],
  ['/lottery/parts.css', 'text/css; charset=utf-8'],
  ['/lottery/countdown.js', 'text/javascript; charset=utf-8'],
])('%s is the shop’s own', async (path, type) => {
  const response = await fetch(`${lottery.shop.url}${path}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
})

test('a person draws, sees the time that is left, gives details, and sees the number only then', async () => {
  const drawn = await lottery.page('/lottery/draw', { winner: 'ann', strategy: 'skip_locked' })
  expect(drawn.status).toBe(200)
  expect(drawn.text).toContain('A card is kept for you.')
  expect(drawn.text).toMatch(/data-ends-in-ms="600000"/)
  expect(drawn.text).toContain('10:00')
  expect(drawn.text).not.toMatch(card)
  const confirmed = await lottery.page('/lottery/confirm', { winner: 'ann', ...DETAILS })
  expect(confirmed.text).toContain('The card is yours.')
  const [number] = card.exec(confirmed.text)!
  const repeated = await lottery.page('/lottery/confirm', { winner: 'ann', name: 'Bob', contact: 'elsewhere' })
  expect(repeated.text).toContain('The card was yours already.')
  expect(repeated.text).toContain(number)
  expect(repeated.text).toContain('12 Long Lane')
  expect(repeated.text).not.toContain('elsewhere')
  expect((await lottery.page('/lottery/draw', { winner: 'ann' })).text).toContain(number)
})

test('what was typed is text on the page, wherever it stands', async () => {
  const script = '"><script>alert(1)</script>'
  const refused = await lottery.page('/lottery/draw', { winner: script })
  expect(refused.status).toBe(400)
  await lottery.draw('ann')
  const unfinished = await lottery.page('/lottery/confirm', { winner: 'ann', name: script, contact: '' })
  expect(unfinished.status).toBe(400)
  const confirmed = await lottery.page('/lottery/confirm', { winner: 'ann', name: script, contact: "'&<b>" })
  expect(confirmed.status).toBe(200)
  for (const { text } of [refused, unfinished, confirmed]) {
    expect(text).not.toContain('<script>alert')
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
  }
  expect(confirmed.text).toContain('&#39;&amp;&lt;b&gt;')
})

const drawnAndOver = async (): Promise<void> => {
  await lottery.draw('ann')
  await letTimePass(lottery)
}

test.each([
  { outcome: 'expired', before: drawnAndOver, step: 'confirm', title: 'Your time is over.' },
  { outcome: 'nothing_held', before: () => Promise.resolve(), step: 'confirm', title: 'No card is kept for you.' },
  { outcome: 'exhausted', before: () => leave(lottery, 0), step: 'draw', title: 'There are no cards left.' },
])('$outcome is told in plain words, with the way back to a draw', async ({ before, step, title }) => {
  await before()
  const { status, text } = await lottery.page(`/lottery/${step}`, { winner: 'ann', ...DETAILS })
  expect(status).toBe(409)
  expect(text).toContain(title)
  expect(text).toContain('action="/lottery/draw"')
})

test.each([
  ['draw', { winner: 'Ann Lee', strategy: 'conditional' }, /a-z/],
  ['draw', { winner: '', strategy: 'conditional' }, /a-z/],
  ['draw', { winner: 'a'.repeat(41) }, /a-z/],
  ['draw', { winner: 'ann', strategy: 'naive' }, /skip_locked, conditional, queue/],
  ['draw', { winner: 'ann', strategy: 'queue' }, /set REDIS_URL/],
  ['confirm', { winner: 'ann', name: ' ', contact: 'home' }, /name/],
  ['confirm', { winner: 'ann', name: 'Ann', contact: 'x'.repeat(201) }, /200/],
  ['later', { winner: 'Ann Lee', ...RECIPIENT }, /a-z/],
  ['later', { winner: 'ann', name: ' ', phone: '555 0100' }, /name/],
  ['later', { winner: 'ann', name: 'x'.repeat(81), phone: '555 0100' }, /80/],
  ['later', { winner: 'ann', name: 'Ann', phone: '12 Long Lane' }, /telephone/],
  ['later', { winner: 'ann', name: 'Ann', phone: '5'.repeat(41) }, /40/],
  ['rush', { strategy: 'queue' }, /set REDIS_URL/],
  ['rush', { strategy: 'naive' }, /strategy is one of/],
])('POST /lottery/%s with %o is refused, told, and changes nothing', async (step, params, why) => {
  const response = await lottery.post(`/lottery/${step}`, params)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: expect.stringMatching(why) as string })
  expect(lottery.requests).toEqual([{ step, refusal: expect.stringMatching(why) as string }])
  expect((await lottery.page('/lottery')).text).toMatch(/<b>200<\/b> free/)
})

test('a person has the card sent later, asks again, and sees what has become of it', async () => {
  const { db } = lottery.database
  expect((await lottery.page('/lottery')).text).toContain('action="/lottery/later"')
  const asked = { winner: 'ann', name: '<b>Ann</b>', phone: '555 0100' }
  const recorded = await lottery.page('/lottery/later', asked)
  expect(recorded.status).toBe(200)
  expect(recorded.text).toContain('Your prize is recorded.')
  expect(recorded.text).toContain('&lt;b&gt;Ann&lt;/b&gt;, 555 0100')
  expect(recorded.text).not.toContain('<b>Ann</b>')
  expect(recorded.text).not.toMatch(card)
  const repeated = await lottery.page('/lottery/later', { ...asked, phone: '555 9999' })
  expect(repeated.text).toContain('Your prize was recorded already.')
  expect(repeated.text).toContain('555 0100')

  const asksWhen = async (changes: object): Promise<string> => {
    await db.updateTable(PRIZE_WINS).set(changes).execute()
    const { status, text } = await lottery.page('/lottery/prize?winner=ann')
    expect(status).toBe(200)
    return text
  }
  expect(await asksWhen({ status: 'Processing' })).toContain('Your prize is recorded.')
  expect(await asksWhen({ status: 'Wait', last_error: NO_CARDS })).toContain('Your prize waits for new cards.')
  expect(await asksWhen({ status: 'Wait', last_error: 'disk full' })).toContain('Your prize is delayed.')
  expect(await asksWhen({ status: 'Failed' })).toContain('Your prize could not be sent.')
})

test('who has no prize is told so, and may ask for it', async () => {
  const { status, text } = await lottery.page('/lottery/prize?winner=ann')
  expect(status).toBe(404)
  expect(text).toContain('No prize is recorded for you.')
  expect(text).toContain('action="/lottery/later"')
  expect((await lottery.page('/lottery/prize?winner=Ann Lee')).status).toBe(400)
})

test('a prize that could not be recorded is not told to be', async () => {
  const { db } = lottery.database
  await sql`alter table ${sql.table(PRIZE_WINS)} rename to wins_aside`.execute(db)
  try {
    expect(await lottery.later('ann')).toMatchObject({ status: 503, outcome: 'failed', state: null })
    expect(lottery.recorded).toMatchObject([{ winner: 'ann', outcome: 'failed' }])
  } finally {
    await sql`alter table wins_aside rename to ${sql.table(PRIZE_WINS)}`.execute(db)
  }
  expect(await lottery.later('ann')).toMatchObject({ status: 200, outcome: 'recorded' })
})

test('the result of a rush stands on the page, beside the naive way', async () => {
  const { status, text } = await lottery.page('/lottery/rush', { strategy: 'conditional' })
  expect(status).toBe(200)
  const row = (label: string): string[] =>
    new RegExp(`${label}</th>\\s*<td[^>]*>([^<]*)</td>\\s*<td[^>]*>([^<]*)</td>`).exec(text)?.slice(1) ?? []
  expect(row('Cards given')[0]).toBe('30')
  expect(row('Cards with two owners')[0]).toBe('0')
  expect(Number(row('Cards with two owners')[1])).toBeGreaterThan(0)
  expect(row('Verdict')).toEqual(['right', 'wrong'])
})
