import type { Kysely } from 'kysely'
import { findOrder } from '../shop/orders.ts'
import type { OrderStanding } from '../shop/orders.ts'
import type { CallbackReport } from '../shop/shop.ts'
import type { ShopStrategy } from '../shop/strategy.ts'
import type { ShopTables } from '../shop/tables.ts'

/** What became of the orders that one strategy decided. */
export interface Measurement {
  readonly strategy: ShopStrategy
  readonly orders: readonly OrderStanding[]
  readonly callbacks: number
  readonly winners: number
  /** What was thrown by callbacks that got no outcome. */
  readonly errors: readonly unknown[]
  readonly recharges: number
  readonly expectedFen: number
  readonly foundFen: number
}

/** Counts the recharges and the money in the database itself; only the callbacks are counted as they came. */
export async function measure(
  db: Kysely<ShopTables>,
  strategy: ShopStrategy,
  orderIds: readonly number[],
  callbacks: readonly CallbackReport[],
): Promise<Measurement> {
  const orders = await Promise.all(
    orderIds.map(async (orderId) => {
      const order = await findOrder(db, String(orderId))
      if (order === undefined) throw new Error(`Order ${orderId} is gone.`)
      return order
    }),
  )
  const sum = (value: (order: OrderStanding) => number): number => orders.reduce((total, o) => total + value(o), 0)
  return {
    strategy,
    orders,
    callbacks: callbacks.length,
    winners: callbacks.filter(({ outcome }) => outcome === 'claimed').length,
    errors: callbacks.filter(({ outcome }) => outcome === 'failed').map(({ error }) => error),
    recharges: sum((order) => order.recharges),
    expectedFen: sum((order) => order.amountFen),
    foundFen: sum((order) => order.balanceFen),
  }
}

/** Each order recharged exactly once, by one winner, and the account holds what was paid. */
export const isRight = ({ orders, winners }: Measurement): boolean =>
  winners === orders.length && orders.every((order) => order.recharges === 1 && order.balanceFen === order.amountFen)

/** The fault that the naive handler is here to show. */
export const rechargedTwice = ({ orders }: Measurement): boolean => orders.some((order) => order.recharges > 1)
