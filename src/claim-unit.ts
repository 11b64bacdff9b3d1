import type { Row, Session } from './adapters/adapter.ts'
import type { Call, Need } from './call.ts'
import type { CheckedStates } from './config.ts'
import type { ReadLock } from './dialects/dialect.ts'
import { runEffect } from './effect.ts'
import { ClaimError } from './errors.ts'
import { judge } from './judge.ts'
import type { Judgement } from './judge.ts'
import { NAMES } from './names.ts'
import { keptResult } from './result.ts'
import { bind } from './sql.ts'
import type { SqlValue, Template } from './sql.ts'
import type { Steps } from './steps.ts'
import type { ClaimSteps, Verdict } from './strategies/strategy.ts'
import type { Table } from './table.ts'
import { TRANSITIONS } from './transitions.ts'
import type { Transition } from './transitions.ts'
import { Unit } from './unit.ts'

/** What one attempt does with an order. */
export class ClaimUnit<Result> extends Unit<Result> implements ClaimSteps {
  readonly #call: Call<Result>
  readonly #waits: boolean

  constructor(call: Call<Result>, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
    this.#waits = lockTimeoutMs !== 0
  }

  get states(): CheckedStates {
    return this.#call.config.states
  }

  decide(): Steps<Need, Verdict<Result>> {
    return this.#call.decide(this)
  }

  *finish(attempt: number): Steps<Need, unknown> {
    const { effect, onlyReads } = this.#call
    if (effect === undefined && !onlyReads) return undefined
    const order = yield* this.#order()
    if (onlyReads) return order
    const value = yield* runEffect(this.#call, this, order, attempt)
    const kept = keptResult(value, this.#call)
    if (kept !== null) yield* this.#keepResult(kept)
    return value
  }

  *look(): Steps<Need, Judgement> {
    const { joined, learned } = this.#call
    const { ownTransaction } = learned
    if (ownTransaction) yield* this.beginForLock()
    // In a transaction a shared lock, with the claim's exclusive one to follow, would invite a deadlock.
    return yield* this.#read(joined || ownTransaction ? 'update' : 'share')
  }

  *lock(): Steps<Need, Judgement> {
    return yield* this.#read(this.#waits ? 'update' : 'update nowait')
  }

  *update(): Steps<Need, boolean> {
    return yield* this.change(this.#call.transition)
  }

  *updateVersion(version: SqlValue): Steps<Need, boolean> {
    const { statements, transition, shape, values } = this.#call
    const template = statements.change(transition, shape, 'same version', this.alone)
    return yield* this.#change(template, new Map(values).set(NAMES.version, version))
  }

  *change(transition: Transition): Steps<Need, boolean> {
    const { statements, shape, values } = this.#call
    return yield* this.#change(statements.change(transition, shape, 'any version', this.alone), values)
  }

  *#change(template: Template, values: ReadonlyMap<string, SqlValue>): Steps<Need, boolean> {
    return (yield* this.write(bind(template, values), 1)) === 1
  }

  *#read(lock: ReadLock): Steps<Need, Judgement> {
    const { statements, shape, values, joined } = this.#call
    const [row] = yield* this.ask(bind(statements.look(shape, lock, this.alone), values))
    const judgement = judge(row, { ...this.#call, provisional: joined })
    yield* this.expectCommitted(row, judgement.is === 'claimable')
    return judgement
  }

  /** In the claim's own transaction, which has the row locked. That it cannot be kept does not undo the claim. */
  *#keepResult(text: string): Steps<Need, void> {
    const { statements, shape, values, adapter, tell } = this.#call
    const template = statements.change(TRANSITIONS.keepResult, shape, 'any version', false)
    const reply = yield* this.send(bind(template, new Map(values).set(NAMES.result, text)), 'read')
    if (adapter.dialect.changed(reply).rows !== 1) {
      tell({ type: 'result_not_kept', why: 'the effect has taken the token off the order, or it is kept already' })
    }
  }

  /** The columns that were asked for, of the order that has just been changed, under the claim's own row lock. */
  *#order(): Steps<Need, Row> {
    const { shape, statements, values, onlyReads } = this.#call
    if (shape.read.length === 0 && !onlyReads) return {}
    const [order] = (yield* this.send(bind(statements.readForEffect(shape, onlyReads), values), 'read')).rows
    if (order === undefined) throw new ClaimError('CLAIM_FAILED', 'The claimed order could not be read again.')
    refuseRounded(order, shape.read, this.#call.table)
    return order
  }
}

/** A driver that is set to give every integer as a number has given the effect another order's id. */
export function refuseRounded(order: Row, read: readonly string[], table: Pick<Table, 'comparable'>): void {
  const rounded = read.find((name) => {
    const value = order[name]
    return typeof value === 'number' && !Number.isSafeInteger(value) && table.comparable(name)?.codec.kind === 'integer'
  })
  if (rounded === undefined) return
  throw new ClaimError(
    'CLAIM_CONFIG',
    `The column "${rounded}" holds an integer beyond 2^53, which the driver has rounded. Have it read exactly: ` +
      'supportBigNumbers in mysql2, defaultSafeIntegers() in better-sqlite3.',
  )
}
