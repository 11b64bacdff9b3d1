import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sign } from '../../examples/server/gateway/signature.ts'
import { payOrder } from '../../examples/server/pay-order.ts'
import { openDatabase } from '../../examples/server/shop/database.ts'
import type { ShopDatabase } from '../../examples/server/shop/database.ts'
import { createOrder, findOrder } from '../../examples/server/shop/orders.ts'
import type { CallbackReport } from '../../examples/server/shop/shop.ts'
import { SHOP_STRATEGIES } from '../../examples/server/shop/strategy.ts'
import { startShop } from '../../examples/server/start-shop.ts'
import type { RunningShop } from '../../examples/server/start-shop.ts'

const HANDLED = /^<result>1<\/result><redirecturl>http:\/\/[^<]+\/after-pay-message\?[^<]+<\/redirecturl>$/
const CALL_AGAIN = /^<result>0<\/result><redirecturl>http:\/\/[^<]+<\/redirecturl>$/

let database: ShopDatabase
let shop: RunningShop
let callbacks: CallbackReport[]

const story = { callback: (report: CallbackReport) => callbacks.push(report), settled() {} }

beforeEach(async () => {
  callbacks = []
  database = await openDatabase(undefined)
  shop = await startShop({ database, story, pollMs: 100, maxPolls: 3 })
})

afterEach(async () => {
  await shop.close()
  await database.close()
})

const order = (): Promise<number> => createOrder(database.db, 'ann', 4200)
const WAITING = { status: 'Wait', recharges: 0, balanceFen: 0 }
const CREDITED_ONCE = { status: 'Y', recharges: 1, balanceFen: 4200 }

const notice = (orderId: number, changes: Record<string, string> = {}): URLSearchParams =>
  new URLSearchParams({ orderId: String(orderId), dealId: 'deal-1', amountFen: '4200', payResult: '10', ...changes })

function signed(params: URLSearchParams, secret = shop.secret): URLSearchParams {
  params.set('sign', sign(params, secret))
  return params
}

const call = (path: string, params: URLSearchParams): Promise<Response> =>
  fetch(`${shop.url}${path}?${params.toString()}`)

describe.each(SHOP_STRATEGIES.filter((strategy) => strategy !== 'naive'))('decided by %s', (strategy) => {
  test('an order is credited once by 20 notifications and the redirect at once', async () => {
    const orderId = await order()
    const settlement = await payOrder(shop, orderId, { strategy, burst: 20 })
    expect(settlement.answered).toBe(true)
    expect(await findOrder(database.db, String(orderId))).toMatchObject(CREDITED_ONCE)
    const outcomes = callbacks.map(({ outcome }) => outcome)
    expect(outcomes.filter((outcome) => outcome === 'claimed')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(callbacks.length - 1)
    expect(callbacks.filter(({ via }) => via === 'redirect')).toHaveLength(1)
    expect(callbacks.filter(({ via }) => via === 'notification').length).toBeGreaterThanOrEqual(20)
  })

  test('a second payment of an order is not acknowledged and credits nothing', async () => {
    const orderId = await order()
    await payOrder(shop, orderId, { strategy, burst: 1 })
    const settlement = await payOrder(shop, orderId, { strategy, burst: 1 })
    expect(settlement.answered).toBe(false)
    expect(callbacks.at(-1)?.outcome).toBe('second_payment')
    expect(await findOrder(database.db, String(orderId))).toMatchObject(CREDITED_ONCE)
  })
})

test('the naive handler credits an order more than once', async () => {
  let recharges = 0
  for (let round = 0; round < 20 && recharges <= 1; round++) {
    const orderId = await order()
    await payOrder(shop, orderId, { strategy: 'naive', burst: 20 })
    recharges = (await findOrder(database.db, String(orderId)))!.recharges
  }
  expect(recharges).toBeGreaterThan(1)
})

describe.each(['/after-pay', '/after-pay-message'])('%s', (path) => {
  test('a call that is not signed, or by another secret, is refused and changes nothing', async () => {
    const orderId = await order()
    const forged = [notice(orderId), notice(orderId, { sign: '' }), signed(notice(orderId), Buffer.from('guessed'))]
    for (const params of forged) expect((await call(path, params)).status).toBe(403)
    expect(await findOrder(database.db, String(orderId))).toMatchObject(WAITING)
    expect(callbacks.map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused'])
  })

  test.each([
    ['amountFen', '1'],
    ['orderId', '2'],
    ['dealId', 'deal-2'],
    ['strategy', 'naive'],
  ])('a signed call whose %s was changed on the way is refused and changes nothing', async (name, value) => {
    const [orderId] = [await order(), await order()]
    const params = signed(notice(orderId, { strategy: 'conditional' }))
    params.set(name, value)
    expect((await call(path, params)).status).toBe(403)
    expect(await findOrder(database.db, String(orderId))).toMatchObject(WAITING)
  })

  test('a rightly signed call credits the order', async () => {
    const orderId = await order()
    expect((await call(path, signed(notice(orderId)))).status).toBe(200)
    expect(await findOrder(database.db, String(orderId))).toMatchObject(CREDITED_ONCE)
  })
})

test('the answer is in the words of the gateway, to GET and POST', async () => {
  const orderId = await order()
  expect(await (await call('/after-pay', signed(notice(orderId)))).text()).toMatch(HANDLED)
  const posted = await fetch(`${shop.url}/after-pay`, { method: 'POST', body: signed(notice(orderId)) })
  expect(await posted.text()).toMatch(HANDLED)
  expect(callbacks.map(({ outcome }) => outcome)).toEqual(['claimed', 'duplicate'])
})

test.each([
  ['mismatch', { amountFen: '1' }],
  ['not_found', { orderId: '999' }],
  ['not_found', { orderId: '01' }],
])('%s is answered by "call again" and credits nothing', async (outcome, changes) => {
  const orderId = await order()
  const response = await call('/after-pay', signed(notice(orderId, changes)))
  expect(await response.text()).toMatch(CALL_AGAIN)
  expect(callbacks.map((callback) => callback.outcome)).toEqual([outcome])
  expect(await findOrder(database.db, String(orderId))).toMatchObject(WAITING)
})

test('the notice of a failed payment is acknowledged and credits nothing', async () => {
  const orderId = await order()
  const response = await call('/after-pay', signed(notice(orderId, { payResult: '11' })))
  expect(await response.text()).toMatch(HANDLED)
  expect(await findOrder(database.db, String(orderId))).toMatchObject(WAITING)
})

test('an effect that fails leaves the order waiting; the gateway calls until it is answered, and no more', async () => {
  await shop.close()
  shop = await startShop({ database, story, pollMs: 20, maxPolls: 1000 })
  const orderId = await order()
  await sql`create trigger out_of_paper before insert on claim_once_example_ledger
            begin select raise(abort, 'The ledger is out of paper.'); end`.execute(database.db)
  const settled = payOrder(shop, orderId, { strategy: 'conditional', burst: 1 })
  await expect.poll(() => callbacks.length).toBeGreaterThan(3)
  expect(callbacks.every(({ outcome }) => outcome === 'failed')).toBe(true)
  expect(await findOrder(database.db, String(orderId))).toMatchObject(WAITING)

  await sql`drop trigger out_of_paper`.execute(database.db)
  const { answered, notifications } = await settled
  expect(answered).toBe(true)
  expect(callbacks).toHaveLength(notifications + 1)
  expect(callbacks.filter(({ outcome }) => outcome === 'claimed')).toHaveLength(1)
  expect(await findOrder(database.db, String(orderId))).toMatchObject(CREDITED_ONCE)
})

test('the gateway gives up on a shop that never answers', async () => {
  const payment = { orderId: 1, amountFen: 4200, notifyUrl: `${shop.url}/nowhere`, redirectUrl: shop.url, burst: 2 }
  const dealId = shop.gateway.pay(payment, () => Promise.resolve())
  expect(await shop.gateway.settled(dealId)).toEqual({ dealId, answered: false, notifications: 4 })
})
