import type { DrawResult, PickStrategy } from 'claim-once'
import type { Answer, Lottery } from './lottery.ts'
import { CAMPAIGN } from './stock-cards.ts'

/** How long a card is kept for who has drawn it. */
export const RESERVE_MS = 10 * 60_000

/** The first step: a card is kept for the winner, the same one however often he draws. Its number is not told yet. */
export async function drawCard({ cards }: Lottery, winner: string, strategy: PickStrategy): Promise<Answer> {
  return told(
    await cards.claimNext(winner, { scope: CAMPAIGN, strategy, reserveMs: RESERVE_MS, read: ['card_number'] }),
  )
}

function told(result: DrawResult<{ readonly card_number: string }>): Answer {
  const { outcome, reply } = result
  switch (outcome) {
    case 'claimed':
    case 'duplicate': {
      const { items, reservation } = result
      // Confirmed before: now the number may be seen.
      if (reservation === null) return { outcome, reply, keptForMs: null, cardNumber: items[0]?.card_number ?? null }
      return { outcome, reply, keptForMs: reservation.expiresInMs, cardNumber: null }
    }
    case 'mismatch':
    case 'exhausted':
    case 'contended':
      return { outcome, reply, keptForMs: null, cardNumber: null }
  }
}
