import type { Kysely } from 'kysely'
import type { ConnectionPool } from 'mssql'
import { createClaims } from '../../../src/index.ts'
import type { EventHook } from '../../../src/index.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { mssql } from '../../../src/adapters/mssql.ts'
import { ORDERS } from '../../support/orders.ts'
import type { ShopTables } from '../../support/orders.ts'
import type { Guard } from '../contest.ts'
import { creditByKysely } from './credit-by-kysely.ts'
import { rememberLookedVersions } from './looked-versions.ts'
import type { Claim } from './open-side.ts'
import { withoutGuards } from './without-guards.ts'

type ClaimBy<Pool> = (pool: Pool, without: readonly Guard[], onEvent: EventHook) => Claim

/** These races ask who wins. How soon is another question: the first statements of a session may be slow. */
const timeoutMs = 20_000

export const byMssqlPool: ClaimBy<ConnectionPool> = (pool, without, onEvent) => {
  const { adapter, lookedAt } = rememberLookedVersions(withoutGuards(mssql(pool), without))
  const orders = createClaims({ ...ORDERS.config, database: adapter, onEvent })
  return (orderId, strategy, withEffect) =>
    withEffect
      ? orders.claimOnce(orderId, {
          strategy,
          timeoutMs,
          read: ['amount', 'account_id', 'row_version'],
          async effect(tx, order) {
            const [looked, claimed] = [lookedAt(tx), order['row_version']]
            // A ROWVERSION is bytes: nobody knows which one is the next.
            if (strategy === 'optimistic' && typeof claimed === 'number' && claimed !== Number(looked) + 1) {
              throw new Error(`version ${claimed - 1} was claimed, and version ${Number(looked)} had been looked at`)
            }
            const { amount, account_id: account } = order
            const request = () => tx.request().input('amount', amount).input('account', account).input('order', orderId)
            await request().query('update accounts set balance = balance + @amount where id = @account')
            await request().query('insert into ledger (order_id, amount) values (@order, @amount)')
          },
        })
      : orders.claimOnce(orderId, { strategy, timeoutMs })
}

export const byKysely: ClaimBy<Kysely<ShopTables>> = (db, without, onEvent) => {
  const orders = createClaims({ ...ORDERS.config, database: withoutGuards(kysely(db), without), onEvent })
  return (orderId, strategy, withEffect) =>
    withEffect
      ? orders.claimOnce(orderId, {
          strategy,
          timeoutMs,
          read: ['amount', 'account_id'],
          effect: (tx, order) => creditByKysely(tx, orderId, order),
        })
      : orders.claimOnce(orderId, { strategy, timeoutMs })
}
