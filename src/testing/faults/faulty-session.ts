import { setTimeout as pause } from 'node:timers/promises'
import type { Reply, Session } from '../../adapters/adapter.ts'
import type { Dialect } from '../../dialects/dialect.ts'
import type { Statement } from '../../sql.ts'
import type { Steps } from '../../steps.ts'
import type { TransactionWatch } from '../../watch.ts'
import type { ArmedFaults } from './armed-faults.ts'
import { driverError } from './driver-errors.ts'
import type { Fault, SeenStatement } from './fault.ts'
import { faultyWatch } from './faulty-watch.ts'
import { runAsItAnswers } from './run-as-it-answers.ts'
import { kindOf } from './statement-kind.ts'

type Send = () => unknown

/** A session whose statements are struck by faults. Those that are not go straight to the driver. */
export class FaultySession<Tx> implements Session<Tx> {
  readonly #session: Session<Tx>
  readonly #dialect: Dialect
  readonly #faults: ArmedFaults
  /** The connection is the caller's, in his own transaction. */
  readonly #joined: boolean
  /** Closed, by a fault or by the claim; or given back. */
  #over = false

  constructor(session: Session<Tx>, dialect: Dialect, faults: ArmedFaults, joined: boolean) {
    this.#session = session
    this.#dialect = dialect
    this.#faults = faults
    this.#joined = joined
  }

  send(statement: Statement): Reply | Promise<Reply> {
    if (this.#over) throw this.#error('lost')
    const seen: SeenStatement = { kind: kindOf(statement, this.#dialect), sql: statement.sql }
    const fault = this.#faults.take(seen)
    if (fault === null) return this.#session.send(statement)
    return runAsItAnswers(this.#strike(fault, seen, () => this.#session.send(statement))) as Reply | Promise<Reply>
  }

  handle(watch: TransactionWatch): Tx {
    return this.#session.handle(
      faultyWatch(watch, (sql, send) => {
        const seen: SeenStatement = { kind: 'effect', sql }
        const fault = this.#faults.take(seen)
        return fault === null ? send() : runAsItAnswers(this.#strike(fault, seen, send))
      }),
    )
  }

  isOpen(): boolean | undefined {
    return this.#over ? false : this.#session.isOpen?.()
  }

  /** After a fault has closed the connection there is nothing to be given back, nor to be closed again. */
  release(): void {
    if (this.#over) return
    this.#over = !this.#joined
    this.#session.release()
  }

  destroy(): void {
    if (this.#over) return
    this.#over = true
    this.#session.destroy()
  }

  *#strike(fault: Fault, seen: SeenStatement, proceed: Send): Steps<Send, unknown> {
    switch (fault.fault) {
      case 'deadlock':
        yield* this.#rollBack()
        return this.#throw(fault, seen, this.#error('deadlock'))
      case 'lock timeout':
        return this.#throw(fault, seen, this.#error('lock timeout'))
      case 'lost before':
        yield* this.#lose()
        return this.#throw(fault, seen, this.#error('lost'))
      case 'lost after':
        yield proceed
        yield* this.#lose()
        return this.#throw(fault, seen, this.#error('lost'))
      case 'slow':
        this.#faults.note(fault, seen, null)
        return yield* this.#slowly(fault, proceed)
    }
  }

  *#slowly({ beforeMs = 0, afterMs = 0 }: Fault, proceed: Send): Steps<Send, unknown> {
    if (beforeMs > 0) yield () => pause(beforeMs)
    // Nobody waits any more: the connection may be another claim's by now.
    if (this.#over) throw this.#error('lost')
    const answer = yield proceed
    if (afterMs > 0) yield () => pause(afterMs)
    return answer
  }

  /** What the server does to the victim of a deadlock. Where no transaction is open, there is nothing to roll back. */
  *#rollBack(): Steps<Send, void> {
    try {
      yield () => this.#session.send(this.#dialect.rollback)
    } catch {
      // There was none; or the driver noticed that it ended under its hands, as it would have in earnest.
    }
  }

  /** The caller's connection is not ours to close: the server's part of the loss, the rollback, is played. */
  *#lose(): Steps<Send, void> {
    if (this.#joined) yield* this.#rollBack()
    else this.#session.destroy()
    this.#over = true
  }

  #error(failing: 'deadlock' | 'lock timeout' | 'lost'): Error {
    return driverError(this.#dialect.name, failing)
  }

  #throw(fault: Fault, seen: SeenStatement, error: Error): never {
    this.#faults.note(fault, seen, error)
    throw error
  }
}
