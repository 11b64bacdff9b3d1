import assert from 'node:assert/strict'
import type { Subject } from './subject.ts'

export const credit = (account: number, amount: string): string =>
  `update accounts set balance = balance + ${amount} where id = ${account}`

/** The effect of most cases: 42 more on account 1. It gives `value`, at once where its handle answers at once. */
export function recharge<Value>({ through }: Subject, tx: unknown, value: Value): Value | Promise<Value> {
  const done = through(tx, credit(1, '42.00'))
  return done instanceof Promise ? done.then(() => value) : value
}

/** How much an account has more than at the start of the measure. */
export async function measure({ shop }: Subject, account = 1): Promise<() => Promise<number>> {
  const before = await shop.balanceOf(account)
  return async () => Math.round(((await shop.balanceOf(account)) - before) * 100) / 100
}

/** The order with all its columns, as the driver reads them. */
export async function rowOf({ query }: Subject, id: number): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await query(`select * from orders where order_id = ${id}`)
  assert(row !== undefined)
  return row
}
