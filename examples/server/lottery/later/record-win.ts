import { kysely } from 'claim-once/kysely'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../../shop/tables.ts'
import { LONGEST_NAME } from '../winners.ts'
import { PRIZE_WINS } from './win-tables.ts'

/** Where the card is to be sent. */
export interface Recipient {
  readonly name: string
  readonly phone: string
}

export const LONGEST_PHONE = 40

/** `undefined` where something is missing, too long, or no telephone number. */
export function readRecipient(params: URLSearchParams): Recipient | undefined {
  const name = params.get('name')?.trim() ?? ''
  const phone = params.get('phone')?.trim() ?? ''
  const isPhone = /^\+?[0-9 /()-]{3,}$/.test(phone) && phone.length <= LONGEST_PHONE
  return name !== '' && name.length <= LONGEST_NAME && isPhone ? { name, phone } : undefined
}

/** As claim-once compares it on each: UTC. */
const NOW = {
  sqlite: sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
  mysql: sql<string>`utc_timestamp(6)`,
  mssql: sql<string>`sysutcdatetime()`,
}

/**
 * The whole of a request: one row, due at once. A shop that delivers in the night writes a time of the night to `due_at`.
 * The key decides who was first, so a winner may ask as often as he likes, also at once.
 *
 * @returns `false` where his win stood there already; it is left as it is
 */
export async function recordWin(
  db: Kysely<ShopTables>,
  winner: string,
  { name: full_name, phone }: Recipient,
): Promise<boolean> {
  const family = kysely(db).dialect.name
  const now = NOW[family]
  if (family === 'mssql') {
    // It has no `insert ignore`. The locks keep another request from adding the same in between.
    const { numAffectedRows } = await sql`
insert into ${sql.table(PRIZE_WINS)} (winner, full_name, phone, recorded_at, due_at)
select ${winner}, ${full_name}, ${phone}, ${now}, ${now}
where not exists (select * from ${sql.table(PRIZE_WINS)} with (updlock, holdlock) where winner = ${winner})`.execute(db)
    return numAffectedRows === 1n
  }
  const { numInsertedOrUpdatedRows } = await db
    .insertInto(PRIZE_WINS)
    .ignore()
    .values({ winner, full_name, phone, status: 'Wait', attempts: 0, recorded_at: now, due_at: now })
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}
