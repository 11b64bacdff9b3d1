import type { Pool } from 'mysql2'
import { Kysely, MysqlDialect } from 'kysely'
import { createClaims } from '../../../src/index.ts'
import type { EventHook } from '../../../src/index.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { mysql } from '../../../src/adapters/mysql2.ts'
import { ORDERS } from '../../support/orders.ts'
import type { ShopTables } from '../../support/orders.ts'
import type { Driver, Guard } from '../contest.ts'
import { creditByKysely } from './credit-by-kysely.ts'
import { rememberLookedVersions } from './looked-versions.ts'
import type { Claim } from './open-side.ts'
import { withoutGuards } from './without-guards.ts'

type ClaimBy = (pool: Pool, without: readonly Guard[], onEvent: EventHook) => Claim

const CREDIT = 'update accounts set balance = balance + ? where id = ?'
const ENTRY = 'insert into ledger (order_id, amount) values (?, ?)'

const byPromisePool: ClaimBy = (pool, without, onEvent) => {
  const { adapter, lookedAt } = rememberLookedVersions(withoutGuards(mysql(pool.promise()), without))
  const orders = createClaims({ ...ORDERS.config, database: adapter, onEvent })
  return (orderId, strategy, withEffect) =>
    withEffect
      ? orders.claimOnce(orderId, {
          strategy,
          read: ['amount', 'account_id', 'row_version'],
          async effect(tx, order) {
            const [looked, claimed] = [lookedAt(tx), Number(order['row_version'])]
            if (strategy === 'optimistic' && claimed !== Number(looked) + 1) {
              throw new Error(`version ${claimed - 1} was claimed, and version ${Number(looked)} had been looked at`)
            }
            await tx.query(CREDIT, [order['amount'], order['account_id']])
            await tx.query(ENTRY, [orderId, order['amount']])
          },
        })
      : orders.claimOnce(orderId, { strategy })
}

const byCallbackPool: ClaimBy = (pool, without, onEvent) => {
  const orders = createClaims({ ...ORDERS.config, database: withoutGuards(mysql(pool), without), onEvent })
  return (orderId, strategy, withEffect) =>
    withEffect
      ? orders.claimOnce(orderId, {
          strategy,
          read: ['amount', 'account_id'],
          async effect(tx, order) {
            const query = (text: string, values: unknown[]): Promise<void> =>
              new Promise((resolve, reject) => {
                tx.query(text, values, (error) => (error === null ? resolve() : reject(error)))
              })
            await query(CREDIT, [order['amount'], order['account_id']])
            await query(ENTRY, [orderId, order['amount']])
          },
        })
      : orders.claimOnce(orderId, { strategy })
}

const byKysely: ClaimBy = (pool, without, onEvent) => {
  const db = new Kysely<ShopTables>({ dialect: new MysqlDialect({ pool }) })
  const orders = createClaims({ ...ORDERS.config, database: withoutGuards(kysely(db), without), onEvent })
  return (orderId, strategy, withEffect) =>
    withEffect
      ? orders.claimOnce(orderId, {
          strategy,
          read: ['amount', 'account_id'],
          effect: (tx, order) => creditByKysely(tx, orderId, order),
        })
      : orders.claimOnce(orderId, { strategy })
}

export const CLAIM_BY: Readonly<Partial<Record<Driver, ClaimBy>>> = {
  'mysql2 promise pool': byPromisePool,
  'mysql2 callback pool': byCallbackPool,
  'kysely on mysql2': byKysely,
}
