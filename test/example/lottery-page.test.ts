import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { DETAILS, leave, letTimePass, openLotteryShop } from './lottery-shop.ts'
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
  ['rush', { strategy: 'queue' }, /set REDIS_URL/],
  ['rush', { strategy: 'naive' }, /strategy is one of/],
])('POST /lottery/%s with %o is refused, told, and changes nothing', async (step, params, why) => {
  const response = await lottery.post(`/lottery/${step}`, params)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: expect.stringMatching(why) as string })
  expect(lottery.requests).toEqual([{ step, refusal: expect.stringMatching(why) as string }])
  expect((await lottery.page('/lottery')).text).toMatch(/<b>200<\/b> free/)
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
