import type { DrainOptions, DrainResult } from 'claim-once'
import type { PrizeCards } from '../prize-cards.ts'
import type { PrizeWins } from './prize-wins.ts'
import { sendCard } from './send-card.ts'

/**
 * Sends the cards that are due: by `npm run deliver`, by the timer of the server, by both, in as many processes as you
 * like. A card that cannot be sent now, because there is none, is tried again after 2 seconds, 6, 18, … and in the end
 * each hour; after ten attempts it is for a person to look at.
 */
export const deliverPrizes = (wins: PrizeWins, cards: PrizeCards, options: DrainOptions): Promise<DrainResult> =>
  wins.drain(
    { read: ['winner', 'full_name', 'phone'], effect: (tx, win) => sendCard(cards, tx, win) },
    { backoff: { firstMs: 2000, factor: 3 }, maxAttempts: 10, timeoutMs: 10_000, ...options },
  )
