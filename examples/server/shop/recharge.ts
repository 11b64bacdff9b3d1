import { setTimeout as pause } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import { ACCOUNTS, LEDGER } from './tables.ts'
import type { ShopTables } from './tables.ts'

interface PaidOrder {
  readonly order_id: number
  readonly account_id: string
  readonly amount_fen: number
}

/**
 * The only sleep in this example. A database across the network takes its time to answer, and other callbacks run
 * meanwhile. SQLite answers within the same turn of the event loop: this stands for one round trip, for the naive
 * handler and for the three strategies alike, so that the race can be seen there too. Leave it out in your own shop.
 */
const ROUND_TRIP_MS = 2

/**
 * The effect: credits the account, and writes down why. Everything goes through `tx`, so that it is committed with the
 * claim or not at all. It does not ask whether the order was recharged before: that is what the claim is for.
 */
export async function recharge(tx: Transaction<ShopTables>, order: PaidOrder): Promise<void> {
  await pause(ROUND_TRIP_MS)
  const { order_id, account_id, amount_fen } = order
  const account = await tx
    .selectFrom(ACCOUNTS)
    .select('account_id')
    .where('account_id', '=', account_id)
    .executeTakeFirst()
  // Looked for, and not read from the row count of the UPDATE: under NOCOUNT, SQL Server gives none.
  if (account === undefined) throw new Error(`Order ${order_id} is for the account "${account_id}", which is missing.`)
  await tx
    .updateTable(ACCOUNTS)
    .set((row) => ({ balance_fen: row('balance_fen', '+', amount_fen) }))
    .where('account_id', '=', account_id)
    .execute()
  await tx.insertInto(LEDGER).values({ order_id, amount_fen }).execute()
}
