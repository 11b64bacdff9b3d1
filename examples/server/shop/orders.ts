import type { Kysely } from 'kysely'
import { ACCOUNTS, LEDGER, ORDERS } from './tables.ts'
import type { ShopTables } from './tables.ts'

/** How an order and its account stand, for the story and the pages. No claim is decided by it. */
export interface OrderStanding {
  readonly orderId: number
  readonly accountId: string
  readonly amountFen: number
  readonly status: 'Wait' | 'Y'
  /** How often this order was recharged: 1 is right. */
  readonly recharges: number
  readonly balanceFen: number
}

export async function createOrder(db: Kysely<ShopTables>, accountId: string, amountFen: number): Promise<number> {
  await db.insertInto(ACCOUNTS).ignore().values({ account_id: accountId, balance_fen: 0 }).execute()
  const { insertId } = await db
    .insertInto(ORDERS)
    .values({ account_id: accountId, amount_fen: amountFen, status: 'Wait' })
    .executeTakeFirstOrThrow()
  return Number(insertId)
}

export async function findOrder(db: Kysely<ShopTables>, id: string): Promise<OrderStanding | undefined> {
  // MySQL would find order 1 by '1abc' too.
  if (!/^[1-9]\d{0,8}$/.test(id)) return undefined
  const orderId = Number(id)
  const order = await db
    .selectFrom(ORDERS)
    .innerJoin(ACCOUNTS, `${ACCOUNTS}.account_id`, `${ORDERS}.account_id`)
    .select([`${ORDERS}.account_id`, 'amount_fen', 'status', 'balance_fen'])
    .select((row) =>
      row
        .selectFrom(LEDGER)
        .select((ledger) => ledger.fn.countAll().as('recharges'))
        .where('order_id', '=', orderId)
        .as('recharges'),
    )
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  if (order === undefined) return undefined
  return {
    orderId,
    accountId: order.account_id,
    amountFen: order.amount_fen,
    status: order.status,
    recharges: Number(order.recharges),
    balanceFen: order.balance_fen,
  }
}

export async function findBalance(db: Kysely<ShopTables>, accountId: string): Promise<number | undefined> {
  const account = await db
    .selectFrom(ACCOUNTS)
    .select('balance_fen')
    .where('account_id', '=', accountId)
    .executeTakeFirst()
  return account?.balance_fen
}
