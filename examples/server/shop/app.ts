import { Hono } from 'hono'
import type { Context } from 'hono'
import { lotteryRoutes } from '../lottery/routes.ts'
import { callbackRoutes } from './callbacks.ts'
import { fen, yuan } from './money.ts'
import { createOrder, findBalance, findOrder } from './orders.ts'
import { requestParams } from './request-params.ts'
import type { Shop } from './shop.ts'
import { readStrategy, SHOP_STRATEGIES } from './strategy.ts'

/** More at once would test the machine's sockets, not the claim. */
const MAX_BURST = 200

export function createApp(shop: Shop): Hono {
  const app = new Hono()

  app.post('/orders', async (context) => {
    const params = await requestParams(context.req)
    const account = params.get('account') ?? ''
    const amountFen = fen(params.get('amount') ?? '')
    if (!/^[a-z0-9-]{1,40}$/.test(account) || amountFen === undefined || amountFen === 0) {
      return context.text('An order has an account (a-z, 0-9, -) and an amount: account=ann&amount=42.00\n', 400)
    }
    const orderId = await createOrder(shop.db, account, amountFen)
    const next = `curl -X POST '${shop.url()}/pay/${orderId}?strategy=conditional&burst=20'`
    return json(context, { orderId, account, amount: yuan(amountFen), status: 'Wait', next })
  })

  app.get('/orders/:orderId', async (context) => {
    const order = await findOrder(shop.db, context.req.param('orderId'))
    if (order === undefined) return context.text('There is no such order.\n', 404)
    const { orderId, accountId: account, amountFen, status, recharges } = order
    return json(context, { orderId, account, amount: yuan(amountFen), status, recharges })
  })

  // GoToPay. In a shop the answer sends the browser to the gateway, where the customer pays; here everybody pays at
  // once. An order that is paid already may be paid again, as it happens with two browser tabs: a second payment.
  app.post('/pay/:orderId', async (context) => {
    const strategy = readStrategy(context.req.query('strategy'))
    const burst = Number(context.req.query('burst') ?? 1)
    if (strategy === undefined) return context.text(`strategy is one of: ${SHOP_STRATEGIES.join(', ')}\n`, 400)
    if (!(Number.isInteger(burst) && burst >= 1 && burst <= MAX_BURST)) {
      return context.text(`burst is a number of notifications, from 1 to ${MAX_BURST}\n`, 400)
    }
    const order = await findOrder(shop.db, context.req.param('orderId'))
    if (order === undefined) return context.text('There is no such order.\n', 404)

    const payment = {
      orderId: order.orderId,
      amountFen: order.amountFen,
      notifyUrl: `${shop.url()}/after-pay?strategy=${strategy}`,
      redirectUrl: `${shop.url()}/after-pay-message?strategy=${strategy}`,
      burst,
    }
    const dealId = shop.gateway.pay(payment, async (settlement) => {
      const standing = (await findOrder(shop.db, String(order.orderId))) ?? order
      shop.story.settled({ ...settlement, strategy, standing })
    })
    const next = `curl ${shop.url()}/accounts/${order.accountId}`
    return json(context, { orderId: order.orderId, dealId, strategy, burst, next })
  })

  app.get('/accounts/:accountId', async (context) => {
    const account = context.req.param('accountId')
    const balanceFen = await findBalance(shop.db, account)
    if (balanceFen === undefined) return context.text('There is no such account.\n', 404)
    return json(context, { account, balance: yuan(balanceFen) })
  })

  app.route('/', callbackRoutes(shop))
  if (shop.lottery !== null) app.route('/', lotteryRoutes(shop.lottery))
  return app
}

/** Over several lines and with one at the end, for people with curl. */
const json = (context: Context, body: object): Response =>
  context.body(`${JSON.stringify(body, null, 2)}\n`, 200, { 'content-type': 'application/json' })
