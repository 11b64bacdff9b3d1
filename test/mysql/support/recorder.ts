import type { Adapter, Session } from '../../../src/adapters/adapter.ts'
import type { Statement } from '../../../src/sql.ts'

/** An adapter that writes down every statement of ours that it sends. */
export function recording(adapter: Adapter<unknown>): {
  readonly adapter: Adapter<unknown>
  readonly sent: Statement[]
} {
  const sent: Statement[] = []
  const recorded = (session: Session<unknown>): Session<unknown> => ({
    send(statement) {
      sent.push(statement)
      return session.send(statement)
    },
    handle: (watch) => session.handle(watch),
    release: () => session.release(),
    destroy: () => session.destroy(),
  })
  return {
    sent,
    adapter: {
      ...adapter,
      open: async (signal) => recorded(await adapter.open(signal)),
      join: (transaction) => recorded(adapter.join(transaction)),
    },
  }
}

export const isUpdate = ({ sql }: Statement): boolean => /(?:^|\n)update /.test(sql)
