import { Hono } from 'hono'
import { requestParams } from '../shop/request-params.ts'
import { confirmCard } from './confirm-card.ts'
import { drawCard } from './draw-card.ts'
import { laterRoutes } from './later/routes.ts'
import type { Answer, Lottery } from './lottery.ts'
import { assetRoutes } from './page/assets.ts'
import { Responder } from './respond.ts'
import { rush } from './rush.ts'
import { readDrawStrategy } from './strategy.ts'
import { LONGEST_CONTACT, LONGEST_NAME, readDetails, readWinner, WHO } from './winners.ts'

const DETAILS = `We need a name of up to ${LONGEST_NAME} letters, and an address or a telephone number of up to ${LONGEST_CONTACT}: name=Ann&contact=…`

/** Draw, complete your details, get the card: each step may be repeated, also at once, and comes to the same card. */
export function lotteryRoutes(lottery: Lottery): Hono {
  const { story } = lottery
  const responder = new Responder(lottery)
  const routes = new Hono()
  routes.route('/', assetRoutes())
  routes.route('/', laterRoutes(lottery, responder))

  routes.get('/lottery', (context) => responder.page(context, { stage: { at: 'draw' } }))

  routes.post('/lottery/draw', async (context) => {
    const params = await requestParams(context.req)
    const winner = readWinner(params)
    const read = readDrawStrategy(params.get('strategy'), lottery.queue !== null)
    const refusal = winner === undefined ? WHO : 'refusal' in read ? read.refusal : undefined
    if (winner === undefined || 'refusal' in read) {
      story.request({ step: 'draw', refusal: refusal ?? WHO })
      return await responder.refusal(context, refusal ?? WHO, {
        winner: params.get('winner') ?? '',
        stage: { at: 'draw' },
      })
    }
    const { strategy } = read
    const answer = await answered(() => drawCard(lottery, winner, strategy))
    story.request({ step: 'draw', winner, strategy, answer })
    return await responder.drawn(context, { winner, strategy, answer })
  })

  routes.post('/lottery/confirm', async (context) => {
    const params = await requestParams(context.req)
    const winner = readWinner(params)
    const details = readDetails(params)
    if (winner === undefined || details === undefined) {
      const refusal = winner === undefined ? WHO : DETAILS
      story.request({ step: 'confirm', refusal })
      const typed = { name: params.get('name') ?? '', contact: params.get('contact') ?? '' }
      const stage =
        winner === undefined ? ({ at: 'draw' } as const) : ({ at: 'details', keptForMs: null, typed } as const)
      return await responder.refusal(context, refusal, { winner: params.get('winner') ?? '', stage })
    }
    const answer = await answered(() => confirmCard(lottery, winner, details))
    story.request({ step: 'confirm', winner, answer })
    return await responder.confirmed(context, { winner, typed: details, answer })
  })

  routes.post('/lottery/rush', async (context) => {
    const params = await requestParams(context.req)
    const read = readDrawStrategy(params.get('strategy'), lottery.queue !== null)
    if ('refusal' in read) {
      story.request({ step: 'rush', refusal: read.refusal })
      return await responder.refusal(context, read.refusal, { stage: { at: 'draw' } })
    }
    const report = await rush(lottery, read.strategy)
    story.rush(report)
    return await responder.rushed(context, report)
  })

  return routes
}

/** Whatever it was, nobody knows here whether a card was given: who asks again is told. */
async function answered(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    return { outcome: 'failed', reply: 'call_again', keptForMs: null, cardNumber: null, error }
  }
}
