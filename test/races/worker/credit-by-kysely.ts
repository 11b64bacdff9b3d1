import { sql } from 'kysely'
import type { Transaction } from 'kysely'
import type { ShopTables } from '../../support/orders.ts'

/** The effect of the races through kysely, whatever the database. */
export async function creditByKysely(
  tx: Transaction<ShopTables>,
  orderId: number,
  { amount, account_id: account }: { readonly amount: string; readonly account_id: number },
): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ balance: sql`balance + ${amount}` })
    .where('id', '=', account)
    .execute()
  await sql`insert into ledger (order_id, amount) values (${orderId}, ${amount})`.execute(tx)
}
