import { createClaims } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import type { Pool } from 'mysql2/promise'
import { deliverByHand } from './effects.ts'
import { CONFIG } from './order-table.ts'
import type { Size, Way } from './way.ts'

/** What the effect is given of an order. */
const READ = ['order_id'] as const

export function byPackage(pool: Pool, { workers, batch, together }: Size): Way {
  const orders = createClaims({ database: mysql(pool), ...CONFIG })
  const handler = together
    ? { read: READ, batch: deliverAll }
    : { read: READ, effect: (tx: Parameters<typeof deliverAll>[0], order: Order) => deliverAll(tx, [order]) }
  return {
    run: async (signal) => (await orders.drain(handler, { concurrency: workers, batchSize: batch, signal })).done,
  }
}

interface Order {
  readonly order_id: unknown
}

const deliverAll = (tx: Parameters<typeof deliverByHand>[0], orders: readonly Order[]): Promise<void> =>
  deliverByHand(
    tx,
    orders.map((order) => String(order.order_id)),
  )
