import { randomBytes } from 'node:crypto'
import { payOrder } from '../pay-order.ts'
import type { ShopDatabase } from '../shop/database.ts'
import { createOrder } from '../shop/orders.ts'
import type { CallbackReport, Story } from '../shop/shop.ts'
import type { ShopStrategy } from '../shop/strategy.ts'
import { startShop } from '../start-shop.ts'
import { measure } from './measurement.ts'
import type { Measurement } from './measurement.ts'

export interface Run {
  readonly database: ShopDatabase
  /** Orders paid one after the other. */
  readonly orders: number
  /** Callbacks at once for each order: the redirect, and for the rest notifications. */
  readonly callbacks: number
  readonly settled: Story['settled']
}

const AMOUNT_FEN = 4200

/** Has some orders paid, each to an account of its own, and counts what came of it. */
export async function runStrategy(strategy: ShopStrategy, run: Run): Promise<Measurement> {
  const callbacks: CallbackReport[] = []
  const story = { callback: (report: CallbackReport) => callbacks.push(report), settled: run.settled }
  // A callback that was told to call again gets two more chances; then the table should say what went wrong.
  const shop = await startShop({ database: run.database, story, maxPolls: 3 })
  try {
    const orderIds: number[] = []
    for (let n = 0; n < run.orders; n++) {
      // Never used before, also where earlier runs left their accounts in the database.
      const account = `demo-${randomBytes(8).toString('hex')}`
      const orderId = await createOrder(run.database.db, account, AMOUNT_FEN)
      orderIds.push(orderId)
      await payOrder(shop, orderId, { strategy, burst: run.callbacks - 1 })
    }
    return await measure(run.database.db, strategy, orderIds, callbacks)
  } finally {
    await shop.close()
  }
}
