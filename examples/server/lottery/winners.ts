import type { Kysely, Transaction } from 'kysely'
import type { ShopTables } from '../shop/tables.ts'
import { PRIZE_WINNERS } from './prize-tables.ts'

/** What a winner tells of himself. */
export interface Details {
  readonly name: string
  /** An address, or a telephone number. */
  readonly contact: string
}

export const LONGEST_NAME = 80
export const LONGEST_CONTACT = 200

export const WHO = 'A winner is named by 1 to 40 of a-z, 0-9 and -: winner=ann'

/** In a shop of your own this is who is logged in, and no field of a form. */
export const readWinner = (params: URLSearchParams): string | undefined =>
  /^[a-z0-9-]{1,40}$/.exec(params.get('winner')?.trim() ?? '')?.[0]

/** `undefined` where something is missing or too long. */
export function readDetails(params: URLSearchParams): Details | undefined {
  const name = params.get('name')?.trim() ?? ''
  const contact = params.get('contact')?.trim() ?? ''
  // Counted as databases count: a letter beyond the basic ones of Unicode is two in SQL Server, one elsewhere.
  if (name === '' || name.length > LONGEST_NAME || contact === '' || contact.length > LONGEST_CONTACT) return undefined
  return { name, contact }
}

/** The effect of a confirmation. It does not ask whether it was done before: that is what the confirmation is for. */
export async function keepDetails(
  tx: Transaction<ShopTables>,
  winner: string,
  cardId: number,
  { name, contact }: Details,
): Promise<void> {
  await tx.insertInto(PRIZE_WINNERS).values({ winner, card_id: cardId, full_name: name, contact }).execute()
}

export async function findDetails(db: Kysely<ShopTables>, winner: string): Promise<Details | null> {
  const found = await db
    .selectFrom(PRIZE_WINNERS)
    .select(['full_name', 'contact'])
    .where('winner', '=', winner)
    .executeTakeFirst()
  return found === undefined ? null : { name: found.full_name, contact: found.contact }
}
