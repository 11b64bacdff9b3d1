import { kysely } from 'claim-once/kysely'
import { sql } from 'kysely'
import { PRIZE_MESSAGES } from '../../examples/server/lottery/later/win-tables.ts'
import { PRIZE_CARDS } from '../../examples/server/lottery/prize-tables.ts'
import type { ShopDatabase } from '../../examples/server/shop/database.ts'

const messages = sql.table(PRIZE_MESSAGES)
const cards = sql.table(PRIZE_CARDS)

/** SQLite cannot sleep, so it counts some hundred thousand rows. */
const SLOW = {
  sqlite: sql`create trigger slow_messages after insert on ${messages} begin select count(*) from ${cards} a, ${cards} b; end`,
  mysql: sql`create trigger slow_messages before insert on ${messages} for each row do sleep(0.01)`,
  mssql: sql`
create trigger slow_messages on ${messages} after insert as
declare @rows int
select @rows = count(*) from ${cards} as a cross join ${cards} as b`,
}

/** Each delivery takes some ten milliseconds, within its transaction: time to be killed in. */
export async function withSlowMessages({ db }: ShopDatabase, run: () => Promise<void>): Promise<void> {
  await SLOW[kysely(db).dialect.name].execute(db)
  try {
    await run()
  } finally {
    await sql`drop trigger slow_messages`.execute(db)
  }
}
