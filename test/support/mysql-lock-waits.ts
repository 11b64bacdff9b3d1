type Rows = readonly Readonly<Record<string, unknown>>[]

/**
 * The threads that wait for row locks, on the whole server. `information_schema.innodb_trx` is a cache that is not
 * refreshed as long as somebody asks again within 100 ms, so it is of no use for waiting.
 */
export async function waitingThreads(run: (sql: string) => Promise<Rows>): Promise<Set<number>> {
  const [server] = await run('select version() as version')
  if (/mariadb/i.test(String(server?.['version']))) {
    const [status] = await run('show engine innodb status')
    // What stands before the first transaction is the report of the latest deadlock, and over.
    const transactions = String(status?.['Status']).split('---TRANSACTION').slice(1)
    const waiting = transactions.filter((transaction) => transaction.includes('LOCK WAIT'))
    return new Set(waiting.map((transaction) => Number(/thread id (\d+)/.exec(transaction)?.[1])))
  }
  const rows = await run(
    `select t.processlist_id as id
     from performance_schema.data_lock_waits w
     join performance_schema.threads t on t.thread_id = w.requesting_thread_id`,
  )
  return new Set(rows.map((row) => Number(row['id'])))
}
