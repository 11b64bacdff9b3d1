import driver from 'mssql'
import type { ConnectionPool } from 'mssql'
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
