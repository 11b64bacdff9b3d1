import { Hono } from 'hono'
import { requestParams } from '../../shop/request-params.ts'
import type { Lottery } from '../lottery.ts'
import type { Responder } from '../respond.ts'
import { LONGEST_NAME, readWinner, WHO } from '../winners.ts'
import { findPrize } from './find-prize.ts'
import { LONGEST_PHONE, readRecipient, recordWin } from './record-win.ts'

const WHERE_TO = `We need a name of up to ${LONGEST_NAME} letters, and a telephone number of up to ${LONGEST_PHONE}: name=Ann&phone=…`

/** Record the prize, and ask what has become of it: both may be repeated, also at once. */
export function laterRoutes(lottery: Lottery, responder: Responder): Hono {
  const { db, story } = lottery
  const routes = new Hono()

  routes.post('/lottery/later', async (context) => {
    const params = await requestParams(context.req)
    const winner = readWinner(params)
    const recipient = readRecipient(params)
    if (winner === undefined || recipient === undefined) {
      const refusal = winner === undefined ? WHO : WHERE_TO
      story.request({ step: 'later', refusal })
      return await responder.refusal(context, refusal, { winner: params.get('winner') ?? '', stage: { at: 'draw' } })
    }
    try {
      const isNew = await recordWin(db, winner, recipient)
      const prize = await findPrize(db, winner)
      story.later({ winner, outcome: isNew ? 'recorded' : 'duplicate' })
      return await responder.prize(context, { winner, prize, outcome: isNew ? 'recorded' : 'duplicate' })
    } catch (error) {
      // Nobody knows here whether it was recorded: who asks again is told.
      story.later({ winner, outcome: 'failed', error })
      return await responder.prize(context, { winner, prize: null, outcome: 'failed' })
    }
  })

  routes.get('/lottery/prize', async (context) => {
    const winner = readWinner(new URL(context.req.url).searchParams)
    if (winner === undefined) return await responder.refusal(context, WHO, { stage: { at: 'draw' } })
    const prize = await findPrize(db, winner)
    return await responder.prize(context, { winner, prize, outcome: prize === null ? 'not_found' : 'found' })
  })

  return routes
}
