import { Hono } from 'hono'
import type { ReplyAdvice } from 'claim-once'
import { isSigned } from '../gateway/signature.ts'
import { afterPay } from './after-pay.ts'
import type { Decision } from './after-pay.ts'
import { readNotice } from './notice.ts'
import type { Notice } from './notice.ts'
import { findOrder } from './orders.ts'
import { requestParams } from './request-params.ts'
import type { CallbackReport, Shop } from './shop.ts'
import { readStrategy } from './strategy.ts'
import type { ShopStrategy } from './strategy.ts'

/** For the customer, who comes back from the gateway. */
const MESSAGE = {
  handled: 'Thank you, your payment has arrived.',
  call_again: 'Thank you. Your payment is being processed: please load this page again in a moment.',
  review: 'Your payment has arrived, but does not fit the order. We look into it and get in touch with you.',
} as const satisfies Record<ReplyAdvice, string>

/** AfterPay and AfterPayMessage: two ways in, one claim. */
export function callbackRoutes(shop: Shop): Hono {
  const routes = new Hono()

  // Answered in the words of 99Bill, which calls again until it reads a 1.
  routes.on(['GET', 'POST'], '/after-pay', async (context) => {
    const callback = await receive(shop, await requestParams(context.req), 'notification')
    if (callback === null) return context.text('<result>0</result>', 403)
    const redirectUrl = `${shop.url()}/after-pay-message?strategy=${callback.strategy}`
    const result = callback.reply === 'handled' ? 1 : 0
    return context.text(`<result>${result}</result><redirecturl>${redirectUrl}</redirecturl>`)
  })

  routes.get('/after-pay-message', async (context) => {
    const callback = await receive(shop, await requestParams(context.req), 'redirect')
    if (callback === null) return context.text('This address does not come from the payment gateway.\n', 403)
    return context.text(`${MESSAGE[callback.reply]}\n`)
  })

  return routes
}

/** What to answer, or `null` for a callback that is not the gateway's: it is refused before anything is read. */
async function receive(
  shop: Shop,
  params: URLSearchParams,
  via: CallbackReport['via'],
): Promise<{ readonly strategy: ShopStrategy; readonly reply: ReplyAdvice } | null> {
  const notice = isSigned(params, shop.secret) ? readNotice(params) : undefined
  const strategy = readStrategy(params.get('strategy'))
  if (notice === undefined || strategy === undefined) {
    shop.story.callback({ via, claim: null, outcome: 'refused', standing: null })
    return null
  }
  const { reply, ...report } = await decide(shop, notice, strategy)
  const standing = (await findOrder(shop.db, notice.orderId)) ?? null
  shop.story.callback({ via, claim: { orderId: notice.orderId, strategy }, standing, ...report })
  return { strategy, reply }
}

type Decided = Pick<CallbackReport, 'outcome' | 'error'> & Pick<Decision, 'reply'>

async function decide(shop: Shop, notice: Notice, strategy: ShopStrategy): Promise<Decided> {
  try {
    const { outcome, reply } = await afterPay(shop, notice, strategy)
    return { outcome, reply }
  } catch (error) {
    // Whatever it was, the payment is not known to be handled: the gateway shall call again.
    return { outcome: 'failed', reply: 'call_again', error }
  }
}
