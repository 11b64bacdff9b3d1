import type { ConfirmResult } from 'claim-once'
import type { Answer, Lottery } from './lottery.ts'
import { CAMPAIGN } from './stock-cards.ts'
import { keepDetails } from './winners.ts'
import type { Details } from './winners.ts'

/** The second step: the winner's details are kept, and the card is his for good. Both or neither. */
export async function confirmCard({ cards }: Lottery, winner: string, details: Details): Promise<Answer> {
  const result = await cards.confirm(winner, {
    scope: CAMPAIGN,
    read: ['card_id', 'card_number'],
    effect: async (tx, [card]) => {
      if (card === undefined) throw new Error(`Nothing is kept for ${winner}, and yet it was confirmed.`)
      await keepDetails(tx, winner, card.card_id, details)
    },
  })
  const { outcome, reply } = result
  return { outcome, reply, keptForMs: null, cardNumber: numberIn(result) }
}

function numberIn(result: ConfirmResult<{ readonly card_number: string }, unknown>): string | null {
  switch (result.outcome) {
    case 'confirmed':
    case 'duplicate':
      return result.items[0]?.card_number ?? null
    case 'expired':
    case 'nothing_held':
    case 'busy':
      return null
  }
}
