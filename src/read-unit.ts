import type { Row, Session } from './adapters/adapter.ts'
import type { CallBase, Need } from './call.ts'
import { bind } from './sql.ts'
import type { SqlValue, Template } from './sql.ts'
import type { Steps } from './steps.ts'
import type { Verdict } from './strategies/strategy.ts'
import { Unit } from './unit.ts'

/** What is asked, and what is made of the rows of each statement. */
export interface Reading<Result> {
  readonly templates: readonly Template[]
  readonly values: ReadonlyMap<string, SqlValue>
  readonly result: (answers: readonly (readonly Row[])[]) => Result
}

type Asked = 'effect' | 'needsTransaction' | 'busy' | 'won' | 'recovered' | 'newUnit' | 'inDoubt'

/** A call that reads without a lock, and changes nothing. `null`: it took too long. */
export const readingCall = <Result>(
  base: Omit<CallBase<Result | null>, Asked>,
  reading: Reading<Result>,
): CallBase<Result | null> => ({
  ...base,
  effect: undefined,
  needsTransaction: false,
  busy: null,
  won: () => null,
  recovered: null,
  newUnit(session, lockTimeoutMs) {
    return new ReadUnit<Result>(this, session, lockTimeoutMs, reading)
  },
  inDoubt: () => null,
})

class ReadUnit<Result> extends Unit<Result | null> {
  readonly #reading: Reading<Result>

  constructor(
    call: CallBase<Result | null>,
    session: Session<unknown>,
    lockTimeoutMs: number | null,
    reading: Reading<Result>,
  ) {
    super(call, session, call.adapter.dialect.readsWait ? lockTimeoutMs : null)
    this.#reading = reading
  }

  *decide(): Steps<Need, Verdict<Result | null>> {
    // Where the session does not commit by itself, a read would leave a transaction open, and show the same for ever.
    yield* this.begin()
    const { templates, values, result } = this.#reading
    const answers: (readonly Row[])[] = []
    for (const template of templates) answers.push(yield* this.ask(bind(template, values)))
    return { is: 'decided', result: result(answers) }
  }

  *finish(): Steps<Need, unknown> {
    return undefined
  }
}
