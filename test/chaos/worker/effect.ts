import { randomUUID } from 'node:crypto'
import type { OrderPlan } from '../plan/order-plan.ts'

/** Sends a statement within the transaction of a claim, whatever the library. */
export type Run = (sql: string, values: readonly unknown[]) => Promise<unknown>

const CREDIT = 'update accounts set balance = balance + ? where id = ?'
const ENTRY = 'insert into ledger (order_id, account_id, amount) values (?, ?, ?)'

/** The recharge: the customer's balance, the shop's revenue, and an entry for each. In both orders, so that claims deadlock. Returns a receipt. */
export async function recharge(run: Run, order: OrderPlan): Promise<string> {
  const { id, amount, account, revenue, revenueFirst } = order
  const accounts = revenueFirst ? [revenue, account] : [account, revenue]
  for (const each of accounts) await run(CREDIT, [amount, each])
  for (const each of accounts) await run(ENTRY, [id, each, amount])
  // Another one for each run: what later callbacks are told must be that of the run that was committed.
  return `${id} ${randomUUID()}`
}
