import { createPool } from 'mysql2/promise'
import type { Pool } from 'mysql2/promise'
import { describeServer, openDatabase } from '../maria-db.ts'
import { openQueue } from './queue.ts'
import type { Queue } from './queue.ts'
import { IN_FLIGHT } from './settings.ts'
import type { Connections } from './way.ts'

/** A statement that takes longer is given up by the server, in seconds: without an index some would take minutes. */
const LONGEST = 4

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
      about: `${await describeServer(aside)}, and ${queue.about}`,
      stop: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
