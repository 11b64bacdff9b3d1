import type { PoolConnection } from 'mysql2/promise'
import { ACCOUNTS, DELIVERED } from './order-table.ts'
import type { EffectName } from './way.ts'

/** What an effect is given of an order. */
export interface Order {
  readonly order_id: unknown
  readonly account_id?: unknown
  readonly amount?: unknown
}

/** What an effect needs of an order. */
export const READ = {
  recharge: ['order_id', 'account_id', 'amount'],
  'entry alone': ['order_id'],
} as const satisfies Record<EffectName, readonly (keyof Order)[]>

type Run = (tx: PoolConnection, orders: readonly Order[]) => Promise<void>

/** By hand and by the package alike: as many statements for one order as for all of a batch. */
export const EFFECTS: Readonly<Record<EffectName, Run>> = {
  async recharge(tx, orders) {
    const payments = orders.map(() => 'select ? as account_id, ? as amount').join(' union all ')
    await tx.execute(
      orders.length === 1
        ? `update ${ACCOUNTS} set balance = balance + ? where account_id = ?`
        : `update ${ACCOUNTS} join (select account_id, sum(amount) as amount from (${payments}) as p group by account_id) as paid
             using (account_id) set balance = balance + paid.amount`,
      orders.flatMap(({ account_id: account, amount }) =>
        (orders.length === 1 ? [amount, account] : [account, amount]).map(String),
      ),
    )
    await enter(tx, orders)
  },
  'entry alone': (tx, orders) => enter(tx, orders),
}

async function enter(tx: PoolConnection, orders: readonly Order[]): Promise<void> {
  const ids = orders.map(({ order_id: id }) => String(id))
  await tx.execute(`insert into ${DELIVERED} (order_id) values ${ids.map(() => '(?)').join(', ')}`, ids)
}
