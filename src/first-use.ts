import type { Adapter, Reply, Session } from './adapters/adapter.ts'
import type { CheckedConfig } from './config.ts'
import { Deadline, Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import type { Statement } from './sql.ts'
import { Statements } from './statements.ts'
import { fitTable, realTableName, stateQuestions } from './table.ts'
import type { Table } from './table.ts'

/** The user's table, described and found to fit, with its statements. */
export interface DescribedTable {
  readonly table: Table
  readonly statements: Statements
}

/** How long a description may take, in milliseconds, before it has failed: a connection may hang. */
const DESCRIBE_MS = 10_000

/**
 * Describes the table on first use, once for all who wait for it. A failure is not remembered: a database that is
 * back, or a column that has been added, is seen by the next call.
 */
export class TableOnFirstUse<Tx> {
  readonly #config: CheckedConfig
  readonly #adapter: Adapter<Tx, object>
  #described: DescribedTable | null = null
  #describing: Promise<DescribedTable> | null = null

  constructor(config: CheckedConfig, adapter: Adapter<Tx, object>) {
    this.#config = config
    this.#adapter = adapter
  }

  /** What is known already, without waiting. */
  get known(): DescribedTable | null {
    return this.#described
  }

  /** The table does not look as described any more. */
  forget(): void {
    this.#described = null
  }

  /** On a connection of ours. */
  async describe(): Promise<DescribedTable> {
    this.#describing ??= this.#describeOnOwnConnection().finally(() => (this.#describing = null))
    return await this.#describing
  }

  /** In the caller's transaction: waiting for another connection, while he holds one, could be waiting for ever. */
  async describeOn(session: Session<Tx>): Promise<DescribedTable> {
    this.#described = await this.#ask(session)
    return this.#described
  }

  async #describeOnOwnConnection(): Promise<DescribedTable> {
    const limit = new Deadline(DESCRIBE_MS, undefined)
    let session: Session<Tx> | undefined
    try {
      session = await this.#open(limit)
      const described = await limit.race(this.describeOn(session))
      session.release()
      return described
    } catch (error) {
      // After an answer the connection is as it was; a connection that does not answer is not waited for.
      if (error instanceof Interruption) session?.destroy()
      else session?.release()
      throw error instanceof ClaimError ? error : this.#failed(error)
    } finally {
      limit.stop()
    }
  }

  async #open(limit: Deadline): Promise<Session<Tx>> {
    const opening = Promise.resolve(this.#adapter.open(limit.signal))
    try {
      return await limit.race(opening)
    } catch (error) {
      if (error instanceof Interruption) opening.then((late) => late.release()).catch(() => {})
      throw error
    }
  }

  async #ask(session: Session<Tx>): Promise<DescribedTable> {
    const { dialect, resolveNames, escapesOnClient } = this.#adapter
    const send = async (statement: Statement): Promise<Reply> => {
      try {
        return await session.send(statement)
      } catch (error) {
        throw this.#failed(error)
      }
    }
    const description = await answer(dialect.describe(realTableName(this.#config, resolveNames)), send)
    if (description === null) {
      throw new ClaimError(
        'CLAIM_CONFIG',
        `There is no table "${this.#config.table}" in the database. Check its name and schema.`,
      )
    }
    const { unfitSession } = description.server
    if (unfitSession !== null)
      throw new ClaimError('CLAIM_CONFIG', `Claims cannot be made on this pool: ${unfitSession}.`)
    if (escapesOnClient && description.server.noBackslashEscapes) {
      throw new ClaimError(
        'CLAIM_CONFIG',
        'sql_mode has NO_BACKSLASH_ESCAPES, under which values that the client writes into the SQL text can break out ' +
          'of it. Take it out of sql_mode, or use the adapter of claim-once/mysql, which sends values apart.',
      )
    }
    const table = fitTable(this.#config, description, dialect, resolveNames)
    await answer(stateQuestions(this.#config, table, dialect), async (question) => {
      const same = (await send(question)).rows[0]?.['same']
      return Number(same) === 1
    })
    return { table, statements: new Statements(table, dialect) }
  }

  #failed(error: unknown): ClaimError {
    const message = error instanceof Error ? error.message : String(error)
    const failure = this.#adapter.dialect.classify(error)
    return failure === 'misuse'
      ? new ClaimError('CLAIM_CONFIG', `Table "${this.#config.table}" cannot be described: ${message}`, error)
      : new ClaimError('CLAIM_UNAVAILABLE', `Table "${this.#config.table}" cannot be described now: ${message}`, error)
  }
}

async function answer<Asked, Result, Answer>(
  questions: Generator<Asked, Result, Answer>,
  ask: (question: Asked) => Promise<Answer>,
): Promise<Result> {
  let step = questions.next()
  while (step.done !== true) step = questions.next(await ask(step.value))
  return step.value
}
