import type { DatabaseConnection, Kysely } from 'kysely'
import driver from 'mssql'
import type { ConnectionPool } from 'mssql'
import { Request } from 'tedious'
import type { Connection } from 'tedious'
import { TEDIOUS } from '../../src/adapters/kysely-mssql.ts'
import type { UnderKysely } from '../../src/adapters/kysely-mssql.ts'
import { parseMssqlConnection } from '../../src/adapters/mssql-connection-string.ts'

export interface Login {
  readonly userName?: string
  readonly password?: string
}

/** A pool of node-mssql, connected, from the kind of URL that also kysely's dialect is made from. */
export async function openMssqlPool(url: string, max = 10): Promise<ConnectionPool> {
  const { config } = parseMssqlConnection(url)
  // Tedious' own type says `any` of what each kind of login needs.
  const { userName, password } = (config.authentication?.options ?? {}) as Login
  const { port, database, ...options } = config.options ?? {}
  return await new driver.ConnectionPool({
    server: config.server,
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(userName === undefined ? {} : { user: userName }),
    ...(password === undefined ? {} : { password }),
    pool: { max, min: 0 },
    options: {
      encrypt: options.encrypt === true,
      trustServerCertificate: options.trustServerCertificate === true,
    },
  }).connect()
}

/** The same server, and another database. */
export function inDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

export type Rows = readonly Readonly<Record<string, unknown>>[]

/** Runs a batch of its own on one connection: what it sets stays set, and what it begins stays open. */
export type RunBatch = (sql: string) => Promise<Rows>

/** Lends a connection of a pool. */
export type Lend = <T>(borrower: (run: RunBatch) => Promise<T>) => Promise<T>

/** What of a ConnectionPool its types do not tell. */
interface Lender {
  acquire(borrower: object): Promise<Connection>
  release(connection: Connection): void
}

export function lendFromPool(pool: ConnectionPool): Lend {
  const lender = pool as unknown as Lender
  return async (borrower) => {
    const connection = await lender.acquire({})
    try {
      return await borrower((sql) => runBatch(connection, sql))
    } finally {
      lender.release(connection)
    }
  }
}

/** Of a Kysely on `mssqlDialectFrom()`. */
export function lendFromKysely<DB>(db: Kysely<DB>): Lend {
  return (borrower) =>
    db.getExecutor().provideConnection((connection: DatabaseConnection & { [TEDIOUS]?: UnderKysely }) => {
      const under = connection[TEDIOUS]
      if (under === undefined) throw new TypeError('The connection does not carry the one of tedious.')
      return borrower((sql) => under.batch(sql))
    })
}

function runBatch(connection: Connection, sql: string): Promise<Rows> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, unknown>[] = []
    const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)))
    request.on('row', (columns: readonly { metadata: { colName: string }; value: unknown }[]) => {
      rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])))
    })
    connection.execSqlBatch(request)
  })
}
