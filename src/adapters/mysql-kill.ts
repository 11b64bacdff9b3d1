import { plain } from '../sql.ts'
import type { Row } from './adapter.ts'

/**
 * Asked before a thread is killed: threads are numbered anew when a server starts, so one of the same number on a
 * server that has been restarted is somebody else's.
 * https://dev.mysql.com/doc/refman/9.0/en/server-status-variables.html#statvar_Uptime
 */
export const UPTIME = plain("show global status like 'Uptime'")

/**
 * The server is the one that the connection was taken on: it has been up for longer than the connection was held, in
 * whole seconds as it counts them.
 *
 * @param heldMs since the connection was taken out of the pool
 */
export function isSameServer([row]: readonly Row[], heldMs: number): boolean {
  const seconds = Number(row?.['Value'])
  return seconds > heldMs / 1000 + 1
}
