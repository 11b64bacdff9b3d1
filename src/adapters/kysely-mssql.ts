import { setTimeout } from 'node:timers/promises'
import type { DatabaseConnection, QueryExecutor, Transaction } from 'kysely'
import { mssqlErrorNumber } from '../dialects/mssql-errors.ts'
import { ClaimError } from '../errors.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'
import type { Reply, Row, Session } from './adapter.ts'
import { watchedTransaction } from './kysely-transaction.ts'
import { NOTHING, SessionLevel, unlessOver } from './mssql-transactions.ts'

/** Under this name a connection of `claim-once/kysely/mssql` carries the one of tedious. */
export const TEDIOUS = Symbol.for('claim-once.tedious')

/** kysely's connection to SQL Server: transactions are begun and ended by requests of their own, not by SQL. */
interface MssqlConnection extends DatabaseConnection {
  beginTransaction(settings: object): Promise<void>
  commitTransaction(): Promise<void>
  rollbackTransaction(): Promise<void>
  readonly [TEDIOUS]?: UnderKysely
}

/** What kysely keeps to itself, and `claim-once/kysely/mssql` knows. */
export interface UnderKysely {
  /** Sends a text as a batch, in which a `set` lasts; gives its rows. */
  batch(text: string): Promise<readonly Row[]>
  close(): void
}

type Run = (connection: DatabaseConnection, statement: Statement) => Promise<Reply>

/**
 * "New request is not allowed to start because it should come with valid transaction descriptor": the transaction has
 * ended, and tedious was not told.
 */
const OUT_OF_STEP = 3989

/** One claim's connection out of a pool of kysely's on SQL Server. */
export class KyselyMssqlSession<DB> implements Session<Transaction<DB>> {
  readonly #connection: MssqlConnection
  readonly #executor: QueryExecutor
  readonly #giveBack: () => void
  readonly #run: Run
  readonly #level = new SessionLevel()
  #inFlight: Promise<unknown> = Promise.resolve()

  constructor(connection: DatabaseConnection, executor: QueryExecutor, giveBack: () => void, run: Run) {
    if (!('beginTransaction' in connection && 'commitTransaction' in connection)) {
      giveBack()
      throw new ClaimError('CLAIM_CONFIG', "kysely() on SQL Server takes a Kysely on kysely's own MssqlDialect.")
    }
    this.#connection = connection as MssqlConnection
    this.#executor = executor
    this.#giveBack = giveBack
    this.#run = run
  }

  send(statement: Statement): Promise<Reply> {
    const answer = this.#answer(statement)
    this.#inFlight = answer.catch(() => {})
    return answer
  }

  handle(watch: TransactionWatch): Transaction<DB> {
    return watchedTransaction<DB>(this.#connection, this.#executor, watch)
  }

  release(): void {
    const under = this.#connection[TEDIOUS]
    const { toPutBack } = this.#level
    if (under === undefined || toPutBack === null) {
      this.#giveBack()
      return
    }
    void under
      .batch(toPutBack.sql)
      .catch(() => under.close())
      .then(() => this.#giveBack())
  }

  /**
   * kysely closes no connection for us. One whose state nobody knows is kept out of the pool until what it runs has
   * ended (it is asked to stop; after `cancelTimeout` tedious closes the connection itself) and is rolled back.
   */
  destroy(): void {
    const under = this.#connection[TEDIOUS]
    if (under === undefined) {
      void this.#putInOrder().finally(() => this.#giveBack())
      return
    }
    under.close()
    this.#giveBack()
  }

  async #putInOrder(): Promise<void> {
    await this.#connection.cancelQuery?.((consumer) => this.#executor.provideConnection(consumer)).catch(() => {})
    await this.#inFlight
    for (let pauseMs = 50; ; pauseMs = Math.min(5000, pauseMs * 2)) {
      try {
        await unlessOver(this.#connection.rollbackTransaction())
        return
      } catch (error) {
        // Closed, or out of step with the server: kysely's pool finds out when it is next asked for it, and drops it.
        if (mssqlErrorNumber(error) === OUT_OF_STEP) return
        if (error instanceof Error && error.message.includes('not the Final state')) return
      }
      await setTimeout(pauseMs, undefined, { ref: false })
    }
  }

  async #answer(statement: Statement): Promise<Reply> {
    const { control } = statement
    if (control === undefined) return await this.#run(this.#connection, statement)
    if (control === 'begin') await this.#begin(statement)
    else if (control === 'commit') await this.#connection.commitTransaction()
    else await unlessOver(this.#connection.rollbackTransaction())
    return NOTHING
  }

  async #begin({ sql }: Statement): Promise<void> {
    const under = this.#connection[TEDIOUS]
    if (under === undefined) {
      // Without an isolation level, for with one kysely makes up a name, and one in six of its names is refused.
      await this.#connection.beginTransaction({})
      return
    }
    this.#level.note(await under.batch(sql))
  }
}
