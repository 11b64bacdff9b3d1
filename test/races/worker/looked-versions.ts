import type { Adapter } from '../../../src/adapters/adapter.ts'
import { FIELDS } from '../../../src/names.ts'

/**
 * Remembers which version of the order a claim has looked at before its UPDATE: what `optimistic` claims must be the
 * version it has seen.
 */
export function rememberLookedVersions<Tx extends object, Tables extends object>(
  adapter: Adapter<Tx, Tables>,
): { readonly adapter: Adapter<Tx, Tables>; readonly lookedAt: (tx: Tx) => number | undefined } {
  const looked = new WeakMap<Tx, number>()
  return {
    lookedAt: (tx) => looked.get(tx),
    adapter: {
      ...adapter,
      async open(waiting) {
        const session = await adapter.open(waiting)
        const { send, handle } = session
        let last: number | undefined
        session.send = async (statement) => {
          const reply = await send.call(session, statement)
          const version = reply.rows[0]?.[FIELDS.version]
          if (version !== undefined) last = Number(version)
          return reply
        }
        session.handle = (watch) => {
          const tx = handle.call(session, watch)
          if (last !== undefined) looked.set(tx, last)
          return tx
        }
        return session
      },
    },
  }
}
