import type { Adapter, Session } from '../../src/adapters/adapter.ts'
import type { Subject } from '../contract/subject.ts'

/**
 * Others do this before the first UPDATE of the pool goes out: the worst instant for whoever has just looked. On SQLite
 * that is before its transaction, which keeps everybody else out.
 */
export function beforeTheUpdate(
  { query }: Pick<Subject, 'query'>,
  ...statements: readonly string[]
): (adapter: Adapter<unknown, object>) => Adapter<unknown, object> {
  let done = false
  return (adapter) => {
    const changed = (session: Session<unknown>): Session<unknown> => {
      const { send } = session
      session.send = (statement) => {
        if (done || !/update (?:\[\w+\]\.)?["`[]cards|begin immediate/.test(statement.sql)) {
          return send.call(session, statement)
        }
        done = true
        // Between two statements of a session that answers at once only what answers at once, too, gets in.
        if (adapter.synchronous) {
          for (const text of statements) void query(text)
          return send.call(session, statement)
        }
        return inOrder(query, statements).then(() => send.call(session, statement))
      }
      return session
    }
    return {
      ...adapter,
      open(waiting) {
        const opened = adapter.open(waiting)
        return opened instanceof Promise ? opened.then(changed) : changed(opened)
      },
    }
  }
}

async function inOrder(query: Subject['query'], statements: readonly string[]): Promise<void> {
  for (const text of statements) await query(text)
}

/** A server that ignores the lock of a read without a word, as some do. */
export const ignoringLocks = (adapter: Adapter<unknown, object>): Adapter<unknown, object> => ({
  ...adapter,
  dialect: { ...adapter.dialect, select: (clauses) => adapter.dialect.select(clauses, 'none') },
})

/** Notes the text of every statement. */
export const noting =
  (sent: string[]) =>
  (adapter: Adapter<unknown, object>): Adapter<unknown, object> => {
    const changed = (session: Session<unknown>): Session<unknown> => {
      const { send } = session
      session.send = (statement) => {
        sent.push(statement.sql)
        return send.call(session, statement)
      }
      return session
    }
    return {
      ...adapter,
      open(waiting) {
        const opened = adapter.open(waiting)
        return opened instanceof Promise ? opened.then(changed) : changed(opened)
      },
    }
  }
