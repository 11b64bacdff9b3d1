import type { Pool, RowDataPacket } from 'mysql2/promise'
import { startServers } from '../test/support/servers/index.ts'

/** The servers of the tests have little; a million cards with their keys need this much. In bytes. */
const BUFFER_POOL = 2 ** 29

export interface Database {
  readonly url: string
  readonly stop: () => Promise<void>
  /** What is sent to it first. */
  readonly before: readonly string[]
}

/** The MariaDB that DATABASE_URL names, or one that is started for it. */
export async function openDatabase(): Promise<Database> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined) return { url: given, stop: async () => {}, before: [] }
  const { lanes, stop } = await startServers(['mariadb-10.11'])
  const server = lanes[0]?.server
  if (server?.available !== true) throw new Error(server?.reason ?? 'There is no MariaDB.')
  return { url: server.url, stop, before: [`set global innodb_buffer_pool_size = ${BUFFER_POOL}`] }
}

/** For the head of a report. */
export async function describeServer(pool: Pool): Promise<string> {
  const [[row]] = await pool.query<RowDataPacket[]>(
    `select version() as version, @@innodb_buffer_pool_size div 1048576 as buffer_pool,
            @@innodb_flush_log_at_trx_commit as flushes, @@log_bin as binary_log`,
  )
  const version = String(row?.['version'])
  if (!version.includes('MariaDB')) throw new Error(`The server is ${version}. This benchmark is written for MariaDB.`)
  return [
    version,
    `innodb_buffer_pool_size ${String(row?.['buffer_pool'])} MB`,
    `innodb_flush_log_at_trx_commit ${String(row?.['flushes'])}`,
    `${row?.['binary_log'] === 1 ? 'with' : 'without'} a binary log`,
  ].join(', ')
}
