/**
 * THE WRONG WAY, to see it fail. Do not copy.
 *
 * 1. Has this winner a card? That one.
 * 2. Select an unused card.
 * 3. Mark it used.
 *
 * Every request that selects between another's 2 and 3 is told of the same card. Its UPDATE finds the card by its number
 * alone, and writes its own winner over the other, who has been told that the card is his.
 */
import { randomInt } from 'node:crypto'
import { kysely } from 'claim-once/kysely'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../shop/tables.ts'
import { PRIZE_CARDS } from './prize-tables.ts'

/** The number of the card, or `null` where there are none left. */
export async function naiveDraw(db: Kysely<ShopTables>, campaign: string, winner: string): Promise<string | null> {
  const held = await db
    .selectFrom(PRIZE_CARDS)
    .select('card_number')
    .where('campaign', '=', campaign)
    .where('owner', '=', winner)
    .executeTakeFirst()
  if (held !== undefined) return held.card_number

  const unused = db
    .selectFrom(PRIZE_CARDS)
    .select(['card_id', 'card_number'])
    .where('campaign', '=', campaign)
    .where('status', '=', 'Free')
    .orderBy('card_id')
  const card = await (kysely(db).dialect.name === 'mssql' ? unused.top(1) : unused.limit(1)).executeTakeFirst()
  if (card === undefined) return null

  await db
    .updateTable(PRIZE_CARDS)
    // Who draws like this has no slots: any number will do, so that their unique key does not come to the rescue.
    .set({ status: 'Taken', owner: winner, slot: randomInt(1, 2 ** 31 - 1) })
    .where('card_id', '=', card.card_id)
    .execute()
  return card.card_number
}
