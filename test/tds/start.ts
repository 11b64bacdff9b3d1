import { Kysely } from 'kysely'
import mssql from 'mssql'
import type { Connection, ConnectionConfiguration } from 'tedious'
import { onTestFinished } from 'vitest'
import type { KyselySettings } from '../support/tds/clients.ts'
import { kyselyDialect, mssqlConfig } from '../support/tds/clients.ts'
import type { TdsServerOptions } from '../support/tds/server.ts'
import { TdsServer } from '../support/tds/server.ts'
import { openTedious } from '../support/tds/tedious-client.ts'

/** What ends with the test, in the reverse order of its beginning. */

export async function startServer(options: Partial<TdsServerOptions> = {}): Promise<TdsServer> {
  const server = await TdsServer.start({ answer: () => [], ...options })
  onTestFinished(() => server.stop())
  return server
}

export async function tediousOf(
  server: TdsServer,
  options: ConnectionConfiguration['options'] = {},
): Promise<Connection> {
  const connection = await openTedious(server, options)
  onTestFinished(() => connection.close())
  return connection
}

export async function mssqlOf(server: TdsServer, config: Partial<mssql.config> = {}): Promise<mssql.ConnectionPool> {
  const pool = await new mssql.ConnectionPool(mssqlConfig(server, config)).connect()
  onTestFinished(() => pool.close())
  return pool
}

export function kyselyOf(server: TdsServer, settings: KyselySettings = {}): Kysely<unknown> {
  const db = new Kysely<unknown>({ dialect: kyselyDialect(server, settings) })
  onTestFinished(() => db.destroy())
  return db
}

/** What a promise is rejected with, seen as any object. */
export const failure = (promise: Promise<unknown>): Promise<Record<string, unknown>> =>
  promise.then(
    () => {
      throw new Error('It was expected to fail, and succeeded.')
    },
    (error: unknown) => error as Record<string, unknown>,
  )
