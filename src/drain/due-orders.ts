import type { Row } from '../adapters/adapter.ts'
import type { SelectLock } from '../dialects/dialect.ts'
import { asText } from '../dialects/values.ts'
import { ClaimError } from '../errors.ts'
import { FIELDS } from '../names.ts'
import { readingCall } from '../read-unit.ts'
import type { Template } from '../sql.ts'
import type { DrainRunner } from './drain-runner.ts'
import type { Source } from './drain-statements.ts'

/** What is due, asked without a lock and, where the session commits by itself, without a transaction. */
export class DueOrders {
  readonly #runner: DrainRunner
  readonly #sources: readonly Source[]

  constructor(runner: DrainRunner) {
    this.#runner = runner
    this.#sources = runner.described.table.dueAt === null ? ['over', 'waiting'] : ['due']
  }

  /**
   * Whether there are any; also those that somebody else has locked, where a read sees them without waiting. Where it
   * cannot be told in time: `true`.
   */
  async areThere(): Promise<boolean> {
    const { described, runner } = this.#runner
    const lock: SelectLock = runner.adapter.dialect.readsWait ? 'skip' : 'none'
    const templates = this.#sources.map((source) =>
      described.drain.pick({ source, limit: 1, read: [], lock, after: false }),
    )
    return (await this.#read(templates, (answers) => answers.some((rows) => rows.length > 0))) ?? true
  }

  /** Nothing could be taken: whether something is due all the same, and others have locked it. */
  async areLocked(): Promise<boolean> {
    const { described, runner } = this.#runner
    const { skipsLocked, readsWait } = runner.adapter.dialect
    // Without `columns.dueAt` what has failed in this run waits like everything else.
    if (described.table.dueAt === null || !skipsLocked(described.table.server) || readsWait) return false
    return await this.areThere()
  }

  /** How many there are, these moments. */
  async count(): Promise<number> {
    const templates = this.#sources.map((source) => this.#runner.described.drain.count(source))
    const counted = ([row]: readonly Row[]): number => Number(asText(row?.[FIELDS.found]) ?? 0)
    const due = await this.#read(templates, (answers) => answers.reduce((sum, rows) => sum + counted(rows), 0))
    if (due !== null) return due
    throw new ClaimError('CLAIM_TIMEOUT', 'timeoutMs passed before the orders were counted.')
  }

  /** `null`: it took too long. */
  async #read<Result>(
    templates: readonly Template[],
    result: (answers: readonly (readonly Row[])[]) => Result,
  ): Promise<Result | null> {
    const runner = this.#runner
    const call = readingCall(runner.base(), { templates, values: runner.values(null), result })
    const decided = await runner.runner.decide(call, runner.bounds, null, runner.progress(null))
    return decided.is === 'done' ? decided.result : null
  }
}
