import { createClaims } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import type { Pool } from 'mysql2/promise'
import { EFFECTS, READ } from './effects.ts'
import { CONFIG } from './order-table.ts'
import type { Size, Way } from './way.ts'

export function byPackage(pool: Pool, { workers, batch, together, effect: name }: Size): Way {
  const orders = createClaims({ database: mysql(pool), ...CONFIG })
  const read = READ[name]
  const effect = EFFECTS[name]
  return {
    async run(signal) {
      const options = { concurrency: workers, batchSize: batch, signal }
      const result = together
        ? await orders.drain({ read, batch: effect }, options)
        : await orders.drain({ read, effect: (tx, order) => effect(tx, [order]) }, options)
      return result.done
    },
  }
}
