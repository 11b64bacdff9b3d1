import type { MysqlShop } from '../../support/mysql-shop.ts'
import type { Tx } from './client.ts'
import { waitingThreads } from '../../support/mysql-lock-waits.ts'
import { openHolder } from './holder.ts'
import { until } from './wait.ts'

/** What the recharge of an order is in these tests: a balance and a ledger entry. */
export async function recharge(tx: Tx, orderId: number): Promise<void> {
  await tx.run('update accounts set balance = balance + 42 where id = 1')
  await tx.run('insert into ledger (order_id, amount) values (?, 42)', [orderId])
}

/** Deadlocks the transaction that sends it, once {@link arrangeDeadlock} is done. */
export const DEADLOCKING = 'update accounts set balance = balance + 1 where id = 2'

/**
 * A transaction that has written account 1 is one statement, {@link DEADLOCKING}, away from a deadlock: another
 * transaction has account 2 and waits for account 1. It has written fifty rows, so the other side is the cheaper one
 * to roll back, and the server chooses that one. `over` is settled when the other transaction is gone.
 */
export async function arrangeDeadlock(shop: MysqlShop): Promise<{ readonly over: Promise<void> }> {
  const holder = await openHolder(shop)
  const rows = Array.from({ length: 50 }, () => '(0, 0)').join(', ')
  await holder.run(`insert into ledger (order_id, amount) values ${rows}`)
  await holder.run('update accounts set balance = balance + 1000 where id = 2')
  const waiting = holder.run('update accounts set balance = balance + 1000 where id = 1')
  waiting.catch(() => {})
  await until('the other transaction waits', async () => (await waitingThreads(shop.run)).has(holder.threadId))
  const over = waiting.then(
    () => holder.rollback(),
    () => holder.rollback(),
  )
  return { over }
}
