import driver from 'mssql'
import type { ConnectionPool, Transaction } from 'mssql'
import { mssqlDialect } from '../dialects/mssql.ts'
import { ClaimError } from '../errors.ts'
import type { Adapter, Session } from './adapter.ts'
import { joinedSession } from './joined.ts'
import { ask, Held } from './mssql-connection.ts'
import type { TediousConnection } from './mssql-connection.ts'
import { MssqlSession } from './mssql-session.ts'

/** What of a ConnectionPool its types do not tell. Requests and Transactions borrow by it. */
interface Lender {
  acquire(requester: object): Promise<TediousConnection>
  release(connection: TediousConnection): void
  connect(): Promise<unknown>
}

/**
 * Claims through a ConnectionPool of node-mssql (its default driver, tedious), on SQL Server or Azure SQL. The pool stays
 * the user's: its settings are left alone, and every connection goes back to it in the state it came in, or is closed.
 *
 * The effect gets an `mssql.Transaction` that is begun, and that it must not end. `transaction` takes one of the
 * caller's.
 *
 * @param pool connected by `pool.connect()`; one that is still connecting is waited for
 * @throws {ClaimError} `CLAIM_CONFIG` for anything else: a pool of the `msnodesqlv8` driver, or of another copy of mssql
 *
 * @example
 * const orders = createClaims({ database: mssql(pool), … })
 * await orders.claimOnce(id, { effect: (tx) => tx.request().input('id', id).query('update accounts …') })
 */
export function mssql(pool: ConnectionPool): Adapter<Transaction> {
  if (!(pool instanceof driver.ConnectionPool)) {
    throw new ClaimError(
      'CLAIM_CONFIG',
      'mssql() takes a ConnectionPool of node-mssql with its default driver, from the same copy of the package.',
    )
  }
  refuseRenaming(pool)
  const lender = pool as unknown as Lender
  const adapter: Adapter<Transaction> = {
    dialect: mssqlDialect,
    synchronous: false,
    tellsSession: true,
    escapesOnClient: false,
    pool,
    async open(): Promise<Session<Transaction>> {
      if (pool.connecting) await lender.connect()
      const connection = await lender.acquire({})
      return new MssqlSession(new Held(connection, pool, () => lender.release(connection)))
    },
    join(transaction: Transaction) {
      if (!(transaction instanceof driver.Transaction)) {
        throw new ClaimError('CLAIM_INPUT', 'transaction is no mssql.Transaction. Pass the one that was begun.')
      }
      return joinedSession<Transaction>((statement) => ask(new driver.Request(transaction), statement))
    },
  }
  return Object.freeze(adapter)
}

/** Columns are known by their names, in the claim's own reads as in what an effect asks for. */
function refuseRenaming(pool: ConnectionPool): void {
  const { options } = Reflect.get(pool, 'config') as { readonly options?: Readonly<Record<string, unknown>> }
  const renaming = ['camelCaseColumns', 'columnNameReplacer'].find((name) => Boolean(options?.[name]))
  if (renaming === undefined) return
  throw new ClaimError(
    'CLAIM_CONFIG',
    `The pool has the option ${renaming}, which renames the columns that claims read. Give claim-once a pool without it.`,
  )
}
