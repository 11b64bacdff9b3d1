import type { Transaction } from 'kysely'
import type { ShopTables } from '../../shop/tables.ts'
import type { PrizeCards } from '../prize-cards.ts'
import { CAMPAIGN } from '../stock-cards.ts'
import { PRIZE_MESSAGES } from './win-tables.ts'

export interface Win {
  readonly winner: string
  readonly full_name: string
  readonly phone: string
}

/** Is written beside the win; it waits for its next attempt. */
export const NO_CARDS = 'There are no cards left. Add some, and they are sent by the next attempt.'

/**
 * The effect of a delivery: card, message and the win's new status are committed together, or none of them. It does not ask
 * whether it was done before: that is what the claim of the win is for.
 */
export async function sendCard(cards: PrizeCards, tx: Transaction<ShopTables>, win: Win): Promise<void> {
  const { winner, full_name, phone } = win
  const card_number = await cardOf(cards, tx, winner)
  const body = `Dear ${full_name}, you have won in the spring lottery. Your card: ${card_number}`
  await tx.insertInto(PRIZE_MESSAGES).values({ winner, card_number, phone, body }).execute()
}

/** One card for one winner: the one that he has drawn in the browser meanwhile, else the next free one. */
async function cardOf(cards: PrizeCards, tx: Transaction<ShopTables>, winner: string): Promise<string> {
  const asked = { scope: CAMPAIGN, read: ['card_number'], transaction: tx } as const
  const drawn = await cards.claimNext(winner, asked)
  switch (drawn.outcome) {
    case 'claimed':
    case 'duplicate': {
      const [card] = drawn.items
      if (card === undefined) throw new Error(`${winner} has a card, and yet there is none.`)
      if (drawn.reservation === null) return card.card_number
      // It is kept for him for some minutes only.
      const { outcome } = await cards.confirm(winner, asked)
      if (outcome === 'confirmed' || outcome === 'duplicate') return card.card_number
      throw new Error(`The card that was kept for ${winner} could not be confirmed: ${outcome}.`)
    }
    case 'exhausted':
      throw new Error(NO_CARDS)
    case 'contended':
      throw new Error('There are cards left, but others were about to take each of them.')
    case 'mismatch':
      throw new Error(`${winner} holds other cards than the one that is given here.`)
  }
}
