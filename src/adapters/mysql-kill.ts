import type { Statement } from '../sql.ts'

/** Shorter ones say too little of whose they are: `commit`, `begin`. */
const LEAST = 20

/**
 * Asks whether that thread runs what we have sent last, of which nobody knows what has become. Threads are numbered by
 * each server anew, from its start: behind a load balancer, and after a restart, the number may be somebody else's. A thread
 * that runs the same statement of claim-once's is one whose caller finds out what became of it, too.
 *
 * The text is compared up to its first parameter: of a prepared statement some servers show the values.
 * https://dev.mysql.com/doc/refman/9.0/en/information-schema-processlist-table.html
 *
 * @returns `null` where the text is too short to tell
 */
export function whetherRunning(threadId: number, sql: string): Statement | null {
  const [head = ''] = sql.trim().split('?')
  if (head.length < LEAST) return null
  return {
    sql: `select 1 as running from information_schema.processlist where id = ${threadId} and left(info, ${head.length}) = ?`,
    parameters: [head],
  }
}
