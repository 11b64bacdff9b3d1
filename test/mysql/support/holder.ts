import type { PoolConnection, RowDataPacket } from 'mysql2/promise'
import type { MysqlShop } from '../../support/mysql-shop.ts'
import { waitingThreads } from '../../support/mysql-lock-waits.ts'
import { until } from './wait.ts'

/** Another connection with an open transaction: another shop process, or an impatient colleague. */
export interface Holder {
  readonly threadId: number
  run(sql: string, values?: readonly unknown[]): Promise<RowDataPacket[]>
  commit(): Promise<void>
  rollback(): Promise<void>
}

const open = new Set<PoolConnection>()

/** Ends what a failed test has left open, so that it does not fail the tests after it. */
export function closeHolders(): void {
  for (const connection of open) connection.destroy()
  open.clear()
}

export async function openHolder(shop: MysqlShop): Promise<Holder> {
  const connection: PoolConnection = await shop.pool.getConnection()
  open.add(connection)
  await connection.query('start transaction')
  const end = async (sql: string): Promise<void> => {
    await connection.query(sql)
    open.delete(connection)
    connection.release()
  }
  return {
    threadId: connection.threadId,
    run: async (sql, values = []) => (await connection.query<RowDataPacket[]>(sql, [...values]))[0],
    commit: () => end('commit'),
    rollback: () => end('rollback'),
  }
}

/** Holds the row lock of an order until `work` is over, whatever becomes of it. */
export async function whileHeld<T>(shop: MysqlShop, orderId: number, work: (holder: Holder) => Promise<T>): Promise<T> {
  const holder = await openHolder(shop)
  try {
    await holder.run('select status from orders where order_id = ? for update', [orderId])
    return await work(holder)
  } finally {
    await holder.rollback()
  }
}

/** Waits until a thread of this shop's database, other than `but`, waits for a row lock; gives the thread. */
export function lockWaiter(shop: MysqlShop, but?: number): Promise<number> {
  return until('a connection waits for a lock', async () => {
    const waiting = [...(await waitingThreads(shop.run))].filter((thread) => thread !== but)
    if (waiting.length === 0) return undefined
    const sql = 'select id from information_schema.processlist where db = database() and id in (?)'
    const [row] = await shop.run(sql, [waiting])
    return row === undefined ? undefined : Number(row['id'])
  })
}

/** Waits until the server has ended a thread. */
export async function threadGone(shop: MysqlShop, thread: number): Promise<void> {
  await until(`thread ${thread} is gone`, async () => {
    const rows = await shop.run('select id from information_schema.processlist where id = ?', [thread])
    return rows.length === 0
  })
}
