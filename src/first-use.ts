import type { Adapter, Reply, Session } from './adapters/adapter.ts'
import { aborted } from './attempt.ts'
import type { TableDescription } from './dialects/dialect.ts'
import { Deadline, Interruption } from './deadline.ts'
import { ClaimError, messageOf } from './errors.ts'
import type { Statement } from './sql.ts'
import { runAtOnce, runLater } from './steps.ts'
import type { Steps } from './steps.ts'
import { realTableName } from './table.ts'

/** Brings what the user says of a table together with its description, or throws `CLAIM_CONFIG` with what does not fit. */
export type Fit<Described> = (description: TableDescription) => Generator<Statement, Described, Reply>

/** How long a description may take, in milliseconds, before it has failed: a connection may hang. */
const DESCRIBE_MS = 10_000

/**
 * Describes the table on first use, once for all who wait for it. A failure is not remembered: a database that is
 * back, or a column that has been added, is seen by the next call.
 */
export class TableOnFirstUse<Tx, Described> {
  readonly #table: string
  readonly #adapter: Adapter<Tx, object>
  readonly #fit: Fit<Described>
  #described: Described | null = null
  #describing: Promise<Described> | null = null

  /** @param table as the configuration names it */
  constructor(table: string, adapter: Adapter<Tx, object>, fit: Fit<Described>) {
    this.#table = table
    this.#adapter = adapter
    this.#fit = fit
  }

  /** What is known already, without waiting. */
  get known(): Described | null {
    return this.#described
  }

  /** The table does not look as described any more. */
  forget(): void {
    this.#described = null
  }

  /** A caller who gives up does not wait for the description, which others may wait for. */
  async describeFor(joined: Session<Tx> | null, signal: AbortSignal | undefined): Promise<Described> {
    if (joined !== null) return await this.describeOn(joined)
    const describing = this.describe()
    if (signal === undefined) return await describing
    const waiting = new Deadline(Infinity, signal)
    try {
      return await waiting.race(describing)
    } catch (error) {
      if (error instanceof Interruption) throw aborted(error)
      throw error
    } finally {
      waiting.stop()
    }
  }

  /** On a connection of ours. */
  async describe(): Promise<Described> {
    this.#describing ??= this.#describeOnOwnConnection().finally(() => (this.#describing = null))
    return await this.#describing
  }

  /** In the caller's transaction: waiting for another connection, while he holds one, could be waiting for ever. */
  async describeOn(session: Session<Tx>): Promise<Described> {
    this.#described = await this.#ask(session)
    return this.#described
  }

  async #describeOnOwnConnection(): Promise<Described> {
    const limit = new Deadline(DESCRIBE_MS, undefined)
    try {
      while (true) {
        try {
          return await this.#describeWithin(limit)
        } catch (error) {
          // Where the server does not wait for a lock, we do.
          if (this.#adapter.dialect.waitsForLocks || !this.#isHeld(error)) throw error
        }
        await limit.pause(Math.random() * 50)
      }
    } catch (error) {
      throw this.#failed(error)
    } finally {
      limit.stop()
    }
  }

  async #describeWithin(limit: Deadline): Promise<Described> {
    if (this.#adapter.synchronous) return this.#describeAtOnce(limit)
    const session = await this.#open(limit)
    try {
      const described = await limit.race(this.describeOn(session))
      session.release()
      return described
    } catch (error) {
      // After an answer the connection is as it was; a connection that does not answer is not waited for.
      if (error instanceof Interruption) session.destroy()
      else session.release()
      throw error
    }
  }

  #isHeld(error: unknown): boolean {
    return error instanceof ClaimError && this.#adapter.dialect.classify(error.cause) === 'held'
  }

  async #open(limit: Deadline): Promise<Session<Tx>> {
    const opening = Promise.resolve(this.#adapter.open(limit))
    try {
      return await limit.race(opening)
    } catch (error) {
      if (error instanceof Interruption) opening.then((late) => late.release()).catch(() => {})
      throw error
    }
  }

  /** Opened, asked and given back in one go: meanwhile the handle is not set as the program knows it. */
  #describeAtOnce(limit: Deadline): Described {
    const session = this.#adapter.open(limit)
    if (session instanceof Promise) throw new TypeError('A synchronous adapter opens its sessions at once.')
    try {
      this.#described = runAtOnce(this.#questions(), (statement) => session.send(statement))
      return this.#described
    } catch (error) {
      throw this.#failed(error)
    } finally {
      session.release()
    }
  }

  async #ask(session: Session<Tx>): Promise<Described> {
    try {
      return await runLater(this.#questions(), (statement) => session.send(statement))
    } catch (error) {
      throw this.#failed(error)
    }
  }

  *#questions(): Steps<Statement, Described> {
    const { dialect, resolveNames, escapesOnClient } = this.#adapter
    const description = yield* asked(dialect.describe(realTableName(this.#table, dialect, resolveNames)))
    if (description === null) {
      throw config(`There is no table "${this.#table}" in the database. Check its name and schema.`)
    }
    const { unfitSession, noBackslashEscapes } = description.server
    if (unfitSession !== null) throw config(`Claims cannot be made on this pool: ${unfitSession}.`)
    if (escapesOnClient && noBackslashEscapes) {
      throw config(
        'sql_mode has NO_BACKSLASH_ESCAPES, under which values that the client writes into the SQL text can break out ' +
          'of it. Take it out of sql_mode, or use the adapter of claim-once/mysql, which sends values apart.',
      )
    }
    return yield* asked(this.#fit(description))
  }

  #failed(error: unknown): ClaimError {
    if (error instanceof ClaimError) return error
    const message = messageOf(error)
    const failure = this.#adapter.dialect.classify(error)
    return failure === 'misuse'
      ? new ClaimError('CLAIM_CONFIG', `Table "${this.#table}" cannot be described: ${message}`, error)
      : new ClaimError('CLAIM_UNAVAILABLE', `Table "${this.#table}" cannot be described now: ${message}`, error)
  }
}

/** A dialect's questions, as steps. */
function* asked<Result>(questions: Generator<Statement, Result, Reply>): Steps<Statement, Result> {
  let step = questions.next()
  while (step.done !== true) step = questions.next((yield step.value) as Reply)
  return step.value
}

const config = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)
