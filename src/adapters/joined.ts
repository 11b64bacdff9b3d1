import type { Statement } from '../sql.ts'
import type { Reply, Session } from './adapter.ts'

/** In the caller's transaction: nothing is opened, watched, given back or closed. */
export function joinedSession<Tx>(send: (statement: Statement) => Promise<Reply>): Session<Tx> {
  return {
    send,
    handle() {
      throw new TypeError('An effect has no place in the transaction of the caller.')
    },
    release() {
      // The caller's.
    },
    destroy() {
      // The caller's.
    },
  }
}
