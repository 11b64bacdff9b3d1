import driver from 'mssql'
import type { ConnectionPool, Transaction } from 'mssql'
import { ClaimError } from '../errors.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'
import type { Reply, Session } from './adapter.ts'
import { ask } from './mssql-connection.ts'
import type { Held } from './mssql-connection.ts'
import { lend, watchConnection } from './mssql-lending.ts'
import type { Lent } from './mssql-lending.ts'
import { NOTHING, SessionLevel, unlessOver } from './mssql-transactions.ts'

/** Ending the transaction is the claim's. */
const FORBIDDEN = ['begin', 'commit', 'rollback'] as const

/** One claim's connection. Its transaction is an `mssql.Transaction`, so that an effect can be given it. */
export class MssqlSession implements Session<Transaction> {
  readonly #held: Held
  readonly #ours: ConnectionPool
  #unwatched: (send: () => void) => void = (send) => send()
  /** What the transaction has: it is taken away when the claim is over. */
  #lent: Lent | null = null
  #transaction: Transaction | null = null
  /** By which the server knows the transaction; `null` while there is none. */
  #descriptor: unknown = null
  readonly #level = new SessionLevel()
  #unwatch: () => void = () => {}

  constructor(held: Held) {
    this.#held = held
    this.#ours = held.parent(held.connection, (give) => this.#unwatched(give))
  }

  send(statement: Statement): Promise<Reply> {
    switch (statement.control ?? 'none') {
      case 'none':
        return ask(new driver.Request(this.#ours), statement)
      case 'begin':
        return this.#begin(statement).then(() => NOTHING)
      case 'commit':
        return this.#commit().then(() => NOTHING)
      case 'rollback':
        return this.#rollback().then(() => NOTHING)
    }
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
    this.#unwatched = unwatched
    this.#unwatch = end
    for (const method of FORBIDDEN) {
      Object.defineProperty(transaction, method, { value: forbidden(method, watch) })
    }
    return transaction
  }

  release(): void {
    this.#end()
    const { toPutBack } = this.#level
    if (toPutBack === null) {
      this.#held.giveBack()
      return
    }
    void ask(new driver.Request(this.#ours), toPutBack, 'batch')
      .catch(() => this.#held.connection.close())
      .then(() => this.#held.giveBack())
  }

  /** What the server runs for a connection that is gone, it cancels and rolls back. The pool drops it when it is next asked. */
  destroy(): void {
    this.#end()
    this.#held.connection.close()
    this.#held.giveBack()
  }

  /**
   * By a batch of our own, under an mssql.Transaction that believes to have begun it. Ended by tedious: mssql's `commit()`
   * brings the process down where the server answers it with a rollback, since its listener for that has taken the
   * connection away by then.
   */
  async #begin(statement: Statement): Promise<void> {
    const { connection } = this.#held
    const begin = async (): Promise<void> => {
      const { rows } = await ask(new driver.Request(this.#ours), statement, 'batch')
      this.#level.note(rows)
    }
    this.#lent = lend(connection, begin)
    const transaction = new driver.Transaction(this.#held.parent(this.#lent.connection))
    await transaction.begin()
    this.#transaction = transaction
    this.#descriptor = connection.inTransaction ? connection.currentTransactionDescriptor() : null
  }

  #commit(): Promise<void> {
    this.#end()
    return ended((done) => this.#held.connection.commitTransaction(done))
  }

  async #rollback(): Promise<void> {
    this.#end()
    const { connection } = this.#held
    // Where the server tells, it has told that it is over.
    if (this.#descriptor !== null && !connection.inTransaction) return
    await unlessOver(ended((done) => connection.rollbackTransaction(done)))
  }

  #end(): void {
    this.#unwatch()
    this.#lent?.takeBack()
  }
}

const ended = (end: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => end((error) => (error ? reject(error) : resolve())))

const forbidden =
  (method: string, watch: TransactionWatch) =>
  (...given: readonly unknown[]): unknown => {
    const error = new ClaimError(
      'CLAIM_EFFECT_MISUSE',
      `The effect called ${method}() on the claim's own transaction. Everything was rolled back, and the order waits: ` +
        'throw from the effect to have that. The claim ends its transaction.',
    )
    // An effect that swallows it has still meant to end the transaction.
    watch.misused(error)
    const callback = given.at(-1)
    if (typeof callback !== 'function') return Promise.reject(error)
    setImmediate(() => void Reflect.apply(callback, undefined, [error]))
    return undefined
  }
