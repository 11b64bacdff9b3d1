import type { Row, Session } from '../adapters/adapter.ts'
import type { CallBase, Need } from '../call.ts'
import { bind } from '../sql.ts'
import type { SqlValue, Template } from '../sql.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import { Unit } from '../unit.ts'

/** Gives back, by one guarded UPDATE, whatever an owner has. The value is how many items that were. */
export class ReleaseUnit<Result> extends Unit<Result> {
  readonly #template: (alone: boolean) => Template
  readonly #values: ReadonlyMap<string, SqlValue>
  readonly #nothing: Result
  #rows = 0

  constructor(
    call: CallBase<Result>,
    session: Session<unknown>,
    lockTimeoutMs: number | null,
    template: (alone: boolean) => Template,
    values: ReadonlyMap<string, SqlValue>,
    nothing: Result,
  ) {
    super(call, session, lockTimeoutMs)
    this.#template = template
    this.#values = values
    this.#nothing = nothing
  }

  *decide(): Steps<Need, Verdict<Result>> {
    yield* this.begin()
    this.#rows = yield* this.write(bind(this.#template(this.alone), this.#values), null)
    return this.#rows > 0 ? CLAIMED : { is: 'decided', result: this.#nothing }
  }

  *finish(): Steps<Need, unknown> {
    return this.#rows
  }
}

/** Reads, and changes nothing. The value is the rows of each statement. */
export class ReadUnit<Result> extends Unit<Result> {
  readonly #templates: readonly Template[]
  readonly #values: ReadonlyMap<string, SqlValue>
  readonly #result: (rows: readonly (readonly Row[])[]) => Result

  constructor(
    call: CallBase<Result>,
    session: Session<unknown>,
    lockTimeoutMs: number | null,
    templates: readonly Template[],
    values: ReadonlyMap<string, SqlValue>,
    result: (rows: readonly (readonly Row[])[]) => Result,
  ) {
    super(call, session, lockTimeoutMs)
    this.#templates = templates
    this.#values = values
    this.#result = result
  }

  *decide(): Steps<Need, Verdict<Result>> {
    const answers: (readonly Row[])[] = []
    for (const template of this.#templates) answers.push(yield* this.ask(bind(template, this.#values)))
    return { is: 'decided', result: this.#result(answers) }
  }

  *finish(): Steps<Need, unknown> {
    return undefined
  }
}
