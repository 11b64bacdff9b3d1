import driver from 'mssql'
import type { ConnectionPool, Transaction } from 'mssql'
import { mssqlErrorNumber, NOTHING_TO_ROLL_BACK } from '../dialects/mssql-errors.ts'
import { ClaimError } from '../errors.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'
import type { Reply, Session } from './adapter.ts'
import { ask } from './mssql-connection.ts'
import type { Held, MakeRequest, TediousConnection, TediousRequest } from './mssql-connection.ts'

/**
 * "No change" of the session's isolation level, which would stay changed after the transaction. Every statement of a
 * claim sets its own.
 * https://learn.microsoft.com/openspecs/windows_protocols/ms-tds (TM_BEGIN_XACT)
 */
const NO_CHANGE = 0

/** Ending the transaction is the claim's. */
const FORBIDDEN = ['begin', 'commit', 'rollback'] as const

/** One claim's connection. Its transaction is an `mssql.Transaction`, so that an effect can be given it. */
export class MssqlSession implements Session<Transaction> {
  readonly #held: Held
  #transaction: Transaction | null = null
  /** By which the server knows the transaction; `null` while there is none. */
  #descriptor: unknown = null
  #unwatch: () => void = () => {}

  constructor(held: Held) {
    this.#held = held
  }

  send(statement: Statement): Promise<Reply> {
    const { control } = statement
    if (control === undefined) return ask(new driver.Request(this.#held as unknown as ConnectionPool), statement)
    const done = control === 'begin' ? this.#begin() : control === 'commit' ? this.#commit() : this.#rollback()
    return done.then(() => NOTHING)
  }

  /** tedious learns it from the server's replies, where the server tells. */
  isOpen(): boolean | undefined {
    if (this.#descriptor === null) return undefined
    const { connection } = this.#held
    return connection.inTransaction && connection.currentTransactionDescriptor() === this.#descriptor
  }

  handle(watch: TransactionWatch): Transaction {
    const transaction = this.#transaction
    if (transaction === null) throw new TypeError('An effect runs in a transaction that was begun.')
    const { unwatched, end } = watchConnection(this.#held.connection, watch)
    this.#held.unwatched = unwatched
    for (const method of FORBIDDEN) Object.defineProperty(transaction, method, { value: forbidden(method) })
    this.#unwatch = () => {
      end()
      // Requests borrow the connection by it, which is somebody else's from now on.
      Object.defineProperty(transaction, 'acquire', { value: refuseToLend })
    }
    return transaction
  }

  release(): void {
    this.#unwatch()
    this.#held.giveBack()
  }

  /** What the server runs for a connection that is gone, it cancels and rolls back. The pool drops it when it is next asked. */
  destroy(): void {
    this.#unwatch()
    this.#held.connection.close()
    this.#held.giveBack()
  }

  /**
   * Begun by mssql, so that the effect's requests find their connection; ended by tedious. mssql's own `commit()` brings
   * the process down where the server answers with a rollback: its listener for that takes the connection away first.
   */
  async #begin(): Promise<void> {
    const { connection } = this.#held
    const before = connection.listeners(ROLLED_BACK)
    const transaction = new driver.Transaction(this.#held as unknown as ConnectionPool)
    transaction.isolationLevel = NO_CHANGE
    await transaction.begin()
    for (const listener of connection.listeners(ROLLED_BACK)) {
      if (!before.includes(listener)) connection.removeListener(ROLLED_BACK, listener as () => void)
    }
    this.#transaction = transaction
    this.#descriptor = connection.inTransaction ? connection.currentTransactionDescriptor() : null
  }

  #commit(): Promise<void> {
    this.#unwatch()
    return ended((done) => this.#held.connection.commitTransaction(done))
  }

  /** Of a transaction that somebody has left open not every server tells tedious: Babelfish does not. */
  async #rollback(): Promise<void> {
    this.#unwatch()
    const { connection } = this.#held
    if (!connection.inTransaction && this.#descriptor !== null) return
    try {
      await ended((done) => connection.rollbackTransaction(done))
    } catch (error) {
      if (mssqlErrorNumber(error) !== NOTHING_TO_ROLL_BACK) throw error
    }
  }
}

/** tedious' event. */
const ROLLED_BACK = 'rollbackTransaction'

const ended = (end: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => end((error) => (error ? reject(error) : resolve())))

function refuseToLend(_borrower: unknown, callback: (error: Error) => void): void {
  setImmediate(
    callback,
    new ClaimError(
      'CLAIM_TRANSACTION_LOST',
      "The claim's transaction is over; this statement was not sent. Await in the effect what the effect starts.",
    ),
  )
}

const NOTHING: Reply = { rows: [], affectedRows: 0 }

const forbidden =
  (method: string) =>
  (...given: readonly unknown[]): unknown => {
    const error = new ClaimError(
      'CLAIM_EFFECT_MISUSE',
      `The effect called ${method}() on the claim's own transaction, which was not done. The claim ends its transaction.`,
    )
    const callback = given.at(-1)
    if (typeof callback !== 'function') return Promise.reject(error)
    setImmediate(() => void Reflect.apply(callback, undefined, [error]))
    return undefined
  }

interface WatchedConnection {
  readonly unwatched: (send: () => void) => void
  readonly end: () => void
}

/** Lays the watch over the connection: every request of the effect, by whichever of mssql's classes, passes it. */
function watchConnection(connection: TediousConnection, watch: TransactionWatch): WatchedConnection {
  const { makeRequest } = connection
  let ours = false
  const overlay: MakeRequest = (request, type, payload) => {
    const forward = (): void => makeRequest.call(connection, request, type, payload)
    if (ours) {
      forward()
      return
    }
    let sent = false
    const send = (): Promise<void> => {
      sent = true
      return answered(request, forward)
    }
    // What was sent has told its failure to the effect already, by its own callback.
    watch.pass(textOf(request), send).catch((error: unknown) => sent || request.callback(error))
  }
  connection.makeRequest = overlay
  return {
    unwatched(send) {
      ours = true
      try {
        send()
      } finally {
        ours = false
      }
    },
    end() {
      if (connection.makeRequest === overlay) Reflect.deleteProperty(connection, 'makeRequest')
    },
  }
}

/** Forwards a request; settled when it is answered. */
function answered(request: TediousRequest, forward: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const { callback } = request
    request.callback = (error, ...results) => {
      request.callback = callback
      if (error === null || error === undefined) resolve()
      else reject(asError(error))
      callback.call(request, error, ...results)
    }
    forward()
  })
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

const textOf = ({ sqlTextOrProcedure: text }: TediousRequest): string =>
  typeof text === 'string' ? text : 'a request to the transaction manager'
