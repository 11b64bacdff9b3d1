import { createPool } from 'mysql2/promise'
import type { Pool } from 'mysql2/promise'
import { describeServer, openDatabase } from '../maria-db.ts'

/** The most workers, and one. */
const CONNECTIONS = 17

export interface Server {
  readonly url: string
  /** For everything but the work. */
  readonly aside: Pool
  /** As the server opens them: REPEATABLE READ. */
  readonly usual: Pool
  /** Set to READ COMMITTED when they are opened, once. */
  readonly readCommitted: Pool
  /** One connection, whose counters can be read. */
  readonly single: Pool
  readonly about: string
  readonly stop: () => Promise<void>
}

/** The MariaDB that DATABASE_URL names, or one that is started. */
export async function openServer(): Promise<Server> {
  const { url, stop, before } = await openDatabase()
  try {
    const server = await connect(url)
    for (const sql of before) await server.aside.query(sql)
    const close = async (): Promise<void> => {
      await server.stop()
      await stop()
    }
    return { ...server, about: await describeServer(server.aside), stop: close }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Connections to it. */
export async function connect(url: string): Promise<Server> {
  const pools: Pool[] = []
  const open = (connections: number, settings: readonly string[] = []): Pool => {
    const pool = createPool({ uri: url, connectionLimit: connections, maxIdle: connections })
    pool.pool.on('connection', (connection) => settings.forEach((sql) => connection.query(sql)))
    pools.push(pool)
    return pool
  }
  const close = async (): Promise<void> => {
    for (const pool of pools) await pool.end()
  }
  try {
    const aside = open(1)
    return {
      url,
      aside,
      usual: open(CONNECTIONS),
      readCommitted: open(CONNECTIONS, ['set session transaction isolation level read committed']),
      single: open(1),
      about: await describeServer(aside),
      stop: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
