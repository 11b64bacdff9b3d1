import { Kysely } from 'kysely'
import type { DatabaseConnection } from 'kysely'
import type { ConnectionPool } from 'mssql'
import { Request } from 'tedious'
import type { Connection } from 'tedious'
import { mssqlDialectFrom } from '../../../src/adapters/kysely-mssql-dialect.ts'
import { TEDIOUS } from '../../../src/adapters/kysely-mssql.ts'
import { openMssqlPool } from '../../support/mssql-pool.ts'
import type { ShopTables } from '../../support/orders.ts'

export type Rows = readonly Readonly<Record<string, unknown>>[]

/** Runs a batch of its own on one connection: what it sets stays set, and what it begins stays open. */
export type RunBatch = (sql: string) => Promise<Rows>

/** Lends a connection of a pool. */
export type Lend = <T>(borrower: (run: RunBatch) => Promise<T>) => Promise<T>

export interface MssqlClient<Pool> {
  readonly pool: Pool
  readonly lend: Lend
  readonly close: () => Promise<void>
}

/** What of a ConnectionPool its types do not tell. */
interface Lender {
  acquire(borrower: object): Promise<Connection>
  release(connection: Connection): void
}

export async function openPool(url: string, max: number): Promise<MssqlClient<ConnectionPool>> {
  const pool = await openMssqlPool(url, max)
  const lender = pool as unknown as Lender
  return {
    pool,
    async lend(borrower) {
      const connection = await lender.acquire({})
      try {
        return await borrower((sql) => runBatch(connection, sql))
      } finally {
        lender.release(connection)
      }
    },
    close: () => pool.close(),
  }
}

export function openKysely(url: string, max: number): MssqlClient<Kysely<ShopTables>> {
  const db = new Kysely<ShopTables>({ dialect: mssqlDialectFrom(url, { max }) })
  return {
    pool: db,
    lend: (borrower) =>
      db
        .getExecutor()
        .provideConnection((connection: DatabaseConnection & { [TEDIOUS]?: { readonly connection: Connection } }) => {
          const tedious = connection[TEDIOUS]?.connection
          if (tedious === undefined) throw new TypeError('The connection does not carry the one of tedious.')
          return borrower((sql) => runBatch(tedious, sql))
        }),
    close: () => db.destroy(),
  }
}

function runBatch(connection: Connection, sql: string): Promise<Rows> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, unknown>[] = []
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)))
    request.on(
      'row',
      (columns: readonly { readonly metadata: { readonly colName: string }; readonly value: unknown }[]) => {
        rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])))
      },
    )
    connection.execSqlBatch(request)
  })
}
