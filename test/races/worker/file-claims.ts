import { setImmediate as nextTurn } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { createClaims } from '../../../src/index.ts'
import type { EventHook } from '../../../src/index.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { sqlite } from '../../../src/adapters/sqlite.ts'
import { ORDERS } from '../../support/orders.ts'
import type { ShopTables } from '../../support/orders.ts'
import type { Driver, Side } from '../contest.ts'
import { creditByKysely } from './credit-by-kysely.ts'
import type { Claim } from './open-side.ts'
import { withoutGuards } from './without-guards.ts'

interface FileClaims {
  readonly claim: Claim
  readonly close: () => Promise<void>
}
type ClaimInFileBy = (side: Side, onEvent: EventHook) => FileClaims
type Library = typeof Database | typeof DatabaseSync

const CREDIT = 'update accounts set balance = balance + ? where id = ?'
const ENTRY = 'insert into ledger (order_id, amount) values (?, ?)'
const read = ['amount', 'account_id'] as const

/** On the program's own handle the effect is synchronous. */
const byHandle =
  (Open: Library): ClaimInFileBy =>
  ({ database, without = [] }, onEvent) => {
    const db = new Open(database)
    const orders = createClaims({ ...ORDERS.config, database: withoutGuards(sqlite(db), without), onEvent })
    const claim: Claim = (orderId, strategy, withEffect) =>
      withEffect
        ? orders.claimOnce(orderId, {
            strategy,
            read,
            effect(tx, order) {
              tx.prepare(CREDIT).run(Number(order['amount']), Number(order['account_id']))
              tx.prepare(ENTRY).run(orderId, Number(order['amount']))
            },
          })
        : orders.claimOnce(orderId, { strategy })
    return { claim, close: async () => void db.close() }
  }

/** On a connection of ours it may wait between two statements. */
const byConnection =
  (Open: Library): ClaimInFileBy =>
  ({ database, without = [] }, onEvent) => {
    const adapter = sqlite(() => new Open(database))
    const orders = createClaims({ ...ORDERS.config, database: withoutGuards(adapter, without), onEvent })
    const claim: Claim = (orderId, strategy, withEffect) =>
      withEffect
        ? orders.claimOnce(orderId, {
            strategy,
            read,
            async effect(tx, order) {
              tx.prepare(CREDIT).run(Number(order['amount']), Number(order['account_id']))
              await nextTurn()
              tx.prepare(ENTRY).run(orderId, Number(order['amount']))
            },
          })
        : orders.claimOnce(orderId, { strategy })
    return { claim, close: async () => adapter.close() }
  }

const byKysely: ClaimInFileBy = ({ database, without = [] }, onEvent) => {
  const db = new Kysely<ShopTables>({ dialect: new SqliteDialect({ database: new Database(database) }) })
  const orders = createClaims({ ...ORDERS.config, database: withoutGuards(kysely(db), without), onEvent })
  const claim: Claim = (orderId, strategy, withEffect) =>
    withEffect
      ? orders.claimOnce(orderId, {
          strategy,
          read,
          effect: (tx, order) => creditByKysely(tx, orderId, order),
        })
      : orders.claimOnce(orderId, { strategy })
  return { claim, close: () => db.destroy() }
}

export const CLAIM_IN_FILE_BY: Readonly<Partial<Record<Driver, ClaimInFileBy>>> = {
  'better-sqlite3 handle': byHandle(Database),
  'better-sqlite3 connection': byConnection(Database),
  'node:sqlite handle': byHandle(DatabaseSync),
  'node:sqlite connection': byConnection(DatabaseSync),
  'kysely on better-sqlite3': byKysely,
}
