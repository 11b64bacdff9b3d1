import type { PoolConnection } from 'mysql2/promise'
import { DELIVERED } from './order-table.ts'

/** The effect, by hand and by the package alike: one statement, for one order or for all of a batch. */
export async function deliverByHand(tx: PoolConnection, ids: readonly string[]): Promise<void> {
  await tx.execute(`insert into ${DELIVERED} (order_id) values ${ids.map(() => '(?)').join(', ')}`, [...ids])
}
