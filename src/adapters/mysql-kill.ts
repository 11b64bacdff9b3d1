import type { Statement } from '../sql.ts'

/** What anybody may send at any time says nothing of whose it is; and it is soon over. */
const ANYBODYS = /^(?:begin|start|commit|rollback|savepoint|release|set(?! statement))\b/i
/** Shorter ones are anybody's as well. */
const LEAST = 10

/**
 * Asks whether that thread runs what we have sent last, of which nobody knows what has become. Threads are numbered by
 * each server anew, from its start: behind a load balancer, and after a restart, the number may be somebody else's. A thread
 * that runs the same statement of claim-once's is one whose caller finds out what became of it, too.
 *
 * The text is compared up to its first parameter: of a prepared statement some servers show the values.
 * https://dev.mysql.com/doc/refman/9.0/en/information-schema-processlist-table.html
 *
 * @returns `null` where the text cannot tell
 */
export function whetherRunning(threadId: number, sql: string): Statement | null {
  const [head = ''] = sql.trim().split('?')
  if (head.length < LEAST || ANYBODYS.test(head)) return null
  return {
    sql: `select 1 as running from information_schema.processlist where id = ${threadId} and left(info, ${head.length}) = ?`,
    parameters: [head],
  }
}
