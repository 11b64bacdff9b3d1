import type { Row } from '../../../src/adapters/adapter.ts'
import type { EffectContext } from '../../../src/index.ts'
import type { Steps } from '../../../src/steps.ts'
import type { Rows, Sql, Value } from './driver.ts'

/** What an effect does, one statement at a time: run in one go where the way wants that, else with awaits between. */
export type Script<Answer = unknown> = Steps<Sql, Answer>

export type ScriptedEffect = (order: Row, context: EffectContext) => Script

/** One statement of a script, with the rows it answers. */
export function* ask(text: string, ...parameters: Value[]): Script<Rows> {
  return (yield [text, ...parameters]) as Rows
}

/** The same, with its error swallowed. `true`: it failed. */
export function* swallow(text: string, ...parameters: Value[]): Script<boolean> {
  try {
    yield* ask(text, ...parameters)
    return false
  } catch {
    return true
  }
}

/** The recharge: a balance, which shows every excess run, and an entry in a ledger without any unique key. */
export function* book(orderId: number | bigint, account = 1): Script<void> {
  yield* ask('update accounts set balance = balance + 42 where id = ?', account)
  yield* ask('insert into ledger (order_id, amount) values (?, 42)', orderId)
}
