import type { Pool, RowDataPacket } from 'mysql2/promise'

/**
 * What was deleted from an index stands there until the server's purge has removed it, and everybody who reads there walks
 * over it. Each slice begins when the purge has caught up with the one before, or in two seconds.
 */
export async function purged(server: Pool): Promise<void> {
  const until = performance.now() + 2000
  while (performance.now() < until && (await historyLength(server)) > 64) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** How many transactions wait for the purge. https://mariadb.com/kb/en/innodb-purge/ */
async function historyLength(server: Pool): Promise<number> {
  const [rows] = await server.query<RowDataPacket[]>("show global status like 'Innodb_history_list_length'")
  return Number(rows[0]?.['Value'] ?? 0)
}
