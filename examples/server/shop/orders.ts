import { sql } from 'kysely'
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
  const order = db.insertInto(ORDERS).values({ account_id: accountId, amount_fen: amountFen, status: 'Wait' })
  // SQL Server has no `insert ignore`, and gives the new id by OUTPUT.
  if (db.getExecutor().adapter.supportsOutput) {
    await openAccountOnSqlServer(accountId).execute(db)
    return (await order.output('inserted.order_id').executeTakeFirstOrThrow()).order_id
  }
  await db.insertInto(ACCOUNTS).ignore().values({ account_id: accountId, balance_fen: 0 }).execute()
  return Number((await order.executeTakeFirstOrThrow()).insertId)
}

/** Where the account is missing, the locks keep others from opening it in between. */
const openAccountOnSqlServer = (accountId: string) => sql`
insert into ${sql.table(ACCOUNTS)} (account_id, balance_fen)
select ${accountId}, 0
where not exists
  (select * from ${sql.table(ACCOUNTS)} with (updlock, holdlock) where account_id = ${accountId})`

export async function findOrder(db: Kysely<ShopTables>, id: string): Promise<OrderStanding | undefined> {
  // MySQL would find order 1 by '1abc' too, and SQL Server throw.
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
