import type { Session } from '../adapters/adapter.ts'
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
