import { MssqlDialect } from 'kysely'
import type { MssqlDialectConfig } from 'kysely'
import type { config as MssqlConfig } from 'mssql'
import * as tarn from 'tarn'
import * as tedious from 'tedious'
import type { ConnectionConfiguration } from 'tedious'
import type { TdsServer } from './server.ts'
import { CREDENTIALS } from './server.ts'

const { user, password, database } = CREDENTIALS

export const tediousConfig = (
  { port }: TdsServer,
  options: ConnectionConfiguration['options'] = {},
): ConnectionConfiguration => ({
  server: '127.0.0.1',
  authentication: { type: 'default', options: { userName: user, password } },
  options: { port, database, encrypt: false, trustServerCertificate: true, ...options },
})

export const mssqlConfig = ({ port }: TdsServer, config: Partial<MssqlConfig> = {}): MssqlConfig => ({
  server: '127.0.0.1',
  port,
  user,
  password,
  database,
  ...config,
  options: { encrypt: false, trustServerCertificate: true, ...config.options },
})

export interface KyselySettings {
  /** Of the pool, over `{ min: 0, max: 10 }`. */
  readonly pool?: Partial<Omit<MssqlDialectConfig['tarn']['options'], 'create' | 'destroy' | 'validate'>>
  readonly resetConnectionsOnRelease?: boolean
  /** Of tedious. */
  readonly options?: ConnectionConfiguration['options']
}

export const kyselyDialect = (
  server: TdsServer,
  { pool = {}, resetConnectionsOnRelease = false, options = {} }: KyselySettings = {},
): MssqlDialect =>
  new MssqlDialect({
    tarn: { ...tarn, options: { min: 0, max: 10, ...pool } },
    tedious: { ...tedious, connectionFactory: () => new tedious.Connection(tediousConfig(server, options)) },
    resetConnectionsOnRelease,
  })
