import { randomBytes } from 'node:crypto'
import type { PickStrategy } from 'claim-once'
import type { Lottery } from './lottery.ts'
import { naiveDraw } from './naive-draw.ts'
import { createPrizeCards } from './prize-cards.ts'
import { PRIZE_CARDS } from './prize-tables.ts'
import { addCards } from './stock-cards.ts'
import { tally } from './tally.ts'
import type { Given, Tally } from './tally.ts'

export const CARDS = 30
export const WINNERS = 100
export const REQUESTS_EACH = 3

/** The same rush for the same number of cards, twice. */
export interface RushReport {
  readonly strategy: PickStrategy
  readonly cards: number
  readonly winners: number
  readonly requests: number
  readonly chosen: Tally
  readonly naive: Tally
}

/** What one request of a winner came to: the number of his card, or that there are none. */
type Draw = (winner: string) => Promise<string | null>

export async function rush(lottery: Lottery, strategy: PickStrategy): Promise<RushReport> {
  const { db, queue } = lottery
  const chosen = await inCampaign(lottery, async (campaign) => {
    const cards = createPrizeCards(db, {
      // So that the requests race: drawn together, most of them would be one statement.
      drawTogether: 1,
      timeoutMs: 20_000,
      ...(queue === null ? {} : { queue }),
    })
    if (strategy === 'queue') await cards.refill({ scope: campaign })
    else await cards.count({ scope: campaign })
    const measured = await measure(lottery, campaign, async (winner) => {
      const result = await cards.claimNext(winner, { scope: campaign, strategy, read: ['card_number'] })
      if (result.outcome === 'claimed' || result.outcome === 'duplicate') return result.items[0]?.card_number ?? null
      if (result.outcome === 'exhausted') return null
      throw new Error(`A request was answered by ${result.outcome}.`)
    })
    return { measured, empty: () => (strategy === 'queue' ? cards.refill({ scope: campaign }) : undefined) }
  })
  const naive = await inCampaign(lottery, async (campaign) => ({
    measured: await measure(lottery, campaign, (winner) => naiveDraw(db, campaign, winner)),
    empty: () => undefined,
  }))
  return { strategy, cards: CARDS, winners: WINNERS, requests: WINNERS * REQUESTS_EACH, chosen, naive }
}

/** Some cards of their own, which are gone afterwards. */
async function inCampaign(
  { db }: Lottery,
  run: (campaign: string) => Promise<{ readonly measured: Tally; readonly empty: () => unknown }>,
): Promise<Tally> {
  const campaign = `rush-${randomBytes(6).toString('hex')}`
  const remove = async (): Promise<void> => {
    await db.deleteFrom(PRIZE_CARDS).where('campaign', '=', campaign).execute()
  }
  try {
    await addCards(
      db,
      campaign,
      Array.from({ length: CARDS }, (_, index) => `${campaign}-${index + 1}`),
    )
    const { measured, empty } = await run(campaign)
    await remove()
    await empty()
    return measured
  } catch (error) {
    await remove()
    throw error
  }
}

/** Has everybody draw at once, and compares what they were told with what the table says. */
async function measure({ db }: Lottery, campaign: string, draw: Draw): Promise<Tally> {
  const winners = Array.from({ length: WINNERS }, (_, index) => `winner-${index + 1}`)
  const requests = Array.from({ length: REQUESTS_EACH }, () => winners).flat()
  const begin = performance.now()
  const answers = await Promise.allSettled(requests.map((winner) => draw(winner)))
  const tookMs = Math.round(performance.now() - begin)
  const told = answers.map((answer, index) => ({ winner: requests[index] ?? '', answer }))
  const kept: Given[] = await db
    .selectFrom(PRIZE_CARDS)
    .select(['owner as winner', 'card_number as card'])
    .where('campaign', '=', campaign)
    .where('owner', 'is not', null)
    .$narrowType<{ winner: string }>()
    .execute()
  return tally({ told, kept, tookMs, cards: CARDS, winners: WINNERS })
}
