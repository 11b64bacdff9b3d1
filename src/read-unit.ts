import type { Row, Session } from './adapters/adapter.ts'
import type { CallBase, Need } from './call.ts'
import { bind } from './sql.ts'
import type { SqlValue, Template } from './sql.ts'
import type { Steps } from './steps.ts'
import type { Verdict } from './strategies/strategy.ts'
import { Unit } from './unit.ts'

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
    // Where the session does not commit by itself, a read would leave a transaction open, and show the same for ever.
    yield* this.begin()
    const answers: (readonly Row[])[] = []
    for (const template of this.#templates) answers.push(yield* this.ask(bind(template, this.#values)))
    return { is: 'decided', result: this.#result(answers) }
  }

  *finish(): Steps<Need, unknown> {
    return undefined
  }
}
