import type { PoolConnection, RowDataPacket } from 'mysql2/promise'
import type { MysqlShop } from '../../support/mysql-shop.ts'
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
    const waiting = [...(await waitingTransactions(shop))].filter((thread) => thread !== but)
    if (waiting.length === 0) return undefined
    const sql = 'select id from information_schema.processlist where db = database() and id in (?)'
    const [row] = await shop.run(sql, [waiting])
    return row === undefined ? undefined : Number(row['id'])
  })
}

/**
 * The threads that wait for row locks, on the whole server. `information_schema.innodb_trx` is a cache that is not
 * refreshed as long as somebody asks again within 100 ms, so it is of no use for waiting.
 */
export async function waitingTransactions(shop: MysqlShop): Promise<Set<number>> {
  const [server] = await shop.run('select version() as version')
  if (/mariadb/i.test(String(server?.['version']))) {
    const [status] = await shop.run('show engine innodb status')
    // What stands before the first transaction is the report of the latest deadlock, and over.
    const transactions = String(status?.['Status']).split('---TRANSACTION').slice(1)
    const waiting = transactions.filter((transaction) => transaction.includes('LOCK WAIT'))
    return new Set(waiting.map((transaction) => Number(/thread id (\d+)/.exec(transaction)?.[1])))
  }
  const rows = await shop.run(
    `select t.processlist_id as id
     from performance_schema.data_lock_waits w
     join performance_schema.threads t on t.thread_id = w.requesting_thread_id`,
  )
  return new Set(rows.map((row) => Number(row['id'])))
}

/** Waits until the server has ended a thread. */
export async function threadGone(shop: MysqlShop, thread: number): Promise<void> {
  await until(`thread ${thread} is gone`, async () => {
    const rows = await shop.run('select id from information_schema.processlist where id = ?', [thread])
    return rows.length === 0
  })
}
