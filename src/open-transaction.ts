import type { Reply } from './adapters/adapter.ts'
import type { Need } from './call.ts'
import type { Answer, Dialect } from './dialects/dialect.ts'
import { StatementFailure } from './failure.ts'
import type { Statement } from './sql.ts'
import type { Steps } from './steps.ts'

/** Asks whether a transaction is open. `hasBegun`: SQLite's way to ask has begun one. */
export function* askWhetherOpen(
  dialect: Dialect,
  send: (statement: Statement) => Steps<Need, Reply>,
): Steps<Need, { readonly isOpen: boolean; readonly hasBegun: boolean }> {
  let answer: Answer
  try {
    answer = { reply: yield* send(dialect.probe) }
  } catch (failure) {
    if (!(failure instanceof StatementFailure)) throw failure
    const isOpen = dialect.isOpen({ error: failure.error })
    if (isOpen === null) throw failure
    return { isOpen, hasBegun: false }
  }
  return { isOpen: dialect.isOpen(answer) ?? false, hasBegun: dialect.probe.sql === 'begin' }
}
