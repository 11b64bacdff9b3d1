import { createPool } from 'mysql2/promise'
import type { Pool, RowDataPacket } from 'mysql2/promise'
import { startServers } from '../../test/support/servers/index.ts'
import { openQueue } from './queue.ts'
import type { Queue } from './queue.ts'
import { IN_FLIGHT } from './settings.ts'
import type { Connections } from './way.ts'

/** A statement that takes longer is given up by the server, in seconds: without an index some would take minutes. */
const LONGEST = 4

/** The servers of the tests have little; a million cards with their keys need this much. In bytes. */
const BUFFER_POOL = 2 ** 29

export interface Server extends Connections {
  /** For everything but draws. */
  readonly aside: Pool
  /** Connections of the same kinds, one each. */
  readonly single: Connections
  /** A connection that can be left in a transaction. */
  readonly reader: Pool
  readonly queue: Queue
  readonly about: string
  readonly stop: () => Promise<void>
}

/** The MariaDB that DATABASE_URL names, or one that is started for it; and a Redis. */
export async function openServer(): Promise<Server> {
  const { url, stop, before } = await openDatabase()
  const pools: Pool[] = []
  const open = (connections: number, settings: readonly string[] = []): Pool => {
    const pool = createPool({ uri: url, connectionLimit: connections, maxIdle: connections })
    // In the order of the connection's queue: before anything that it is taken for.
    pool.pool.on('connection', (connection) => settings.forEach((sql) => connection.query(sql)))
    pools.push(pool)
    return pool
  }
  const bounded = [`set session max_statement_time = ${LONGEST}`]
  const readCommitted = [...bounded, 'set session transaction isolation level read committed']
  const closing = [stop]
  const close = async (): Promise<void> => {
    for (const pool of pools) await pool.end()
    for (const end of closing) await end()
  }
  try {
    const aside = open(1)
    for (const sql of before) await aside.query(sql)
    const queue = await openQueue()
    closing.push(queue.stop)
    return {
      aside,
      usual: open(IN_FLIGHT, bounded),
      readCommitted: open(IN_FLIGHT, readCommitted),
      single: { usual: open(1, bounded), readCommitted: open(1, readCommitted) },
      reader: open(1),
      queue,
      about: `${await describe(aside)}, and ${queue.about}`,
      stop: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface Database {
  readonly url: string
  readonly stop: () => Promise<void>
  /** What is sent to it first. */
  readonly before: readonly string[]
}

async function openDatabase(): Promise<Database> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined) return { url: given, stop: async () => {}, before: [] }
  const { lanes, stop } = await startServers(['mariadb-10.11'])
  const server = lanes[0]?.server
  if (server?.available !== true) throw new Error(server?.reason ?? 'There is no MariaDB.')
  return { url: server.url, stop, before: [`set global innodb_buffer_pool_size = ${BUFFER_POOL}`] }
}

async function describe(pool: Pool): Promise<string> {
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
