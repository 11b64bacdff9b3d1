import type { Adapter, Reply, Session } from '../../src/adapters/adapter.ts'
import type { Statement } from '../../src/sql.ts'
import { driverError } from '../../src/testing/faults/driver-errors.ts'
import type { TransactionWatch } from '../../src/watch.ts'

type AnyAdapter = Adapter<unknown, object>

/** What becomes of a statement. In any case its connection is lost, and whoever sent it gets no answer. */
export type Fate =
  /** It never reaches the server. */
  | 'never sent'
  /** The server does it. */
  | 'done, not answered'
  /** It reaches the server when the test says so: the client has long given the connection up. */
  | 'on its way'

interface Armed {
  readonly pattern: RegExp
  readonly fate: Fate
  readonly meanwhile: () => unknown
}

export const COMMIT = /^commit/
/** The guarded UPDATE, of whichever change. */
export const UPDATE = /update (?:\[\w+\]\.)?["`[]orders/

/** A line to the database on which answers are lost. */
export class Line {
  /** The text of every statement that has left the client. */
  readonly sent: string[] = []
  #armed: Armed | null = null
  #late: (() => Promise<number>) | null = null

  /**
   * The next statement that matches meets its fate.
   *
   * @param meanwhile done when the connection is lost, and before its owner is told
   */
  arm(pattern: RegExp, fate: Fate, meanwhile: () => unknown = () => {}): void {
    this.#armed = { pattern, fate, meanwhile }
  }

  /** What is on its way reaches the server. Gives how many rows it has changed, where it is a guarded UPDATE. */
  async arrive(): Promise<number> {
    const late = this.#late
    if (late === null) throw new Error('Nothing is on its way.')
    this.#late = null
    return await late()
  }

  readonly adapter = (adapter: AnyAdapter): AnyAdapter => ({
    ...adapter,
    open: (waiting) => {
      const opened = adapter.open(waiting)
      const over = (session: Session<unknown>): Session<unknown> => new SessionOverLine(session, adapter, this)
      return opened instanceof Promise ? opened.then(over) : over(opened)
    },
  })

  /** What becomes of this statement; `null`: it is answered. */
  fateOf({ sql }: Statement): Armed | null {
    const armed = this.#armed
    const meets = armed?.pattern.test(sql) === true
    if (meets) this.#armed = null
    if (!meets || armed.fate !== 'never sent') this.sent.push(sql)
    return meets ? armed : null
  }

  holdBack(arrive: () => Promise<number>): void {
    this.#late = arrive
  }
}

class SessionOverLine implements Session<unknown> {
  readonly #session: Session<unknown>
  readonly #adapter: AnyAdapter
  readonly #line: Line
  #lost = false

  constructor(session: Session<unknown>, adapter: AnyAdapter, line: Line) {
    this.#session = session
    this.#adapter = adapter
    this.#line = line
  }

  send(statement: Statement): Reply | Promise<Reply> {
    const armed = this.#line.fateOf(statement)
    if (armed === null) return this.#session.send(statement)
    return this.#adapter.synchronous ? this.#loseAtOnce(statement, armed) : this.#lose(statement, armed)
  }

  handle(watch: TransactionWatch): unknown {
    return this.#session.handle(watch)
  }

  isOpen(): boolean | undefined {
    return this.#session.isOpen?.()
  }

  release(): void {
    if (!this.#lost) this.#session.release()
  }

  destroy(): void {
    if (this.#lost) return
    this.#lost = true
    this.#session.destroy()
  }

  #loseAtOnce(statement: Statement, { fate, meanwhile }: Armed): never {
    if (fate === 'done, not answered') void this.#session.send(statement)
    this.destroy()
    void meanwhile()
    throw this.#error()
  }

  async #lose(statement: Statement, { fate, meanwhile }: Armed): Promise<never> {
    if (fate === 'done, not answered') await this.#session.send(statement)
    if (fate === 'on its way') this.#holdBack(statement)
    else this.destroy()
    await meanwhile()
    throw this.#error()
  }

  #holdBack(statement: Statement): void {
    this.#lost = true
    this.#line.holdBack(async () => {
      const reply = await this.#session.send(statement)
      this.#session.destroy()
      return UPDATE.test(statement.sql) ? this.#adapter.dialect.changed(reply).rows : 0
    })
  }

  #error(): Error {
    return driverError(this.#adapter.dialect.name, 'lost')
  }
}
