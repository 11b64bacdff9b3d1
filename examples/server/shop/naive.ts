/**
 * THE WRONG WAY, to see it fail. Do not copy.
 *
 * 1. Read the order's status.
 * 2. It says `Wait`: recharge.
 * 3. Write `Y`.
 *
 * Every callback that reads between another's 1 and 3 sees `Wait` too, and recharges again. The transaction around the
 * recharge does not help; nor would one around all three steps on MySQL or SQL Server, where a plain read keeps no lock
 * (short of `serializable`). And where the process dies between 2 and 3, the next callback recharges again, with nobody
 * racing.
 */
import type { Kysely } from 'kysely'
import type { Decision } from './after-pay.ts'
import type { Notice } from './notice.ts'
import { recharge } from './recharge.ts'
import { ORDERS } from './tables.ts'
import type { ShopTables } from './tables.ts'

export async function naiveAfterPay(db: Kysely<ShopTables>, notice: Notice): Promise<Decision> {
  const order = await db
    .selectFrom(ORDERS)
    .select(['order_id', 'account_id', 'amount_fen', 'status'])
    .where('order_id', '=', Number(notice.orderId))
    .executeTakeFirst()
  if (order === undefined) return { outcome: 'not_found', reply: 'call_again' }
  if (order.status === 'Y') return { outcome: 'duplicate', reply: 'handled' }
  if (order.amount_fen !== Number(notice.amountFen)) return { outcome: 'mismatch', reply: 'review' }

  await db.transaction().execute((tx) => recharge(tx, order))
  await db.updateTable(ORDERS).set({ status: 'Y' }).where('order_id', '=', order.order_id).execute()
  return { outcome: 'claimed', reply: 'handled' }
}
