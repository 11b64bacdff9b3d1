import type { Adapter, Session } from '../../../src/adapters/adapter.ts'

/** The adapter, and something that happens before it sends each statement of ours that matches. */
export function beforeStatement(
  adapter: Adapter<unknown>,
  pattern: RegExp,
  happens: () => Promise<unknown>,
): Adapter<unknown> {
  const slowed = (session: Session<unknown>): Session<unknown> => ({
    send: (statement) =>
      pattern.test(statement.sql) ? happens().then(() => session.send(statement)) : session.send(statement),
    handle: (watch) => session.handle(watch),
    release: () => session.release(),
    destroy: () => session.destroy(),
  })
  return {
    ...adapter,
    open: async (deadline) => slowed(await adapter.open(deadline)),
    join: (transaction) => slowed(adapter.join(transaction)),
  }
}
