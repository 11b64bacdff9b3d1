import { kysely } from 'claim-once/kysely'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../shop/tables.ts'
import { PRIZE_CARDS } from './prize-tables.ts'

export const CAMPAIGN = 'spring'
const CARDS = 200

/**
 * Puts the campaign's cards into the table. The numbers are the same at every start, and those that are there stay as
 * they are: however often the shop is started, also twice at once, no number comes in a second time. A shop of your own
 * gets numbers that cannot be guessed.
 */
export async function stockCards(db: Kysely<ShopTables>): Promise<void> {
  await addCards(
    db,
    CAMPAIGN,
    Array.from({ length: CARDS }, (_, index) => `7007 2026 ${String(index + 1).padStart(4, '0')}`),
  )
}

/** Adds what is missing of these. */
export async function addCards(db: Kysely<ShopTables>, campaign: string, numbers: readonly string[]): Promise<void> {
  if (kysely(db).dialect.name === 'mssql') {
    await addOnSqlServer(campaign, numbers).execute(db)
    return
  }
  const cards = numbers.map((card_number) => ({ campaign, card_number, status: 'Free' as const }))
  await db.insertInto(PRIZE_CARDS).ignore().values(cards).execute()
}

/** It has no `insert ignore`. The locks keep others from adding the same in between. */
const addOnSqlServer = (campaign: string, numbers: readonly string[]) => sql`
insert into ${sql.table(PRIZE_CARDS)} (campaign, card_number)
select ${campaign}, new.card_number
from (values ${sql.join(numbers.map((number) => sql`(${number})`))}) as new (card_number)
where not exists
  (select *
   from ${sql.table(PRIZE_CARDS)} as known with (updlock, holdlock)
   where known.card_number = new.card_number)`
