import { randomBytes } from 'node:crypto'
import type { Answer, Dialect, Frame } from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import type { Reply } from './adapters/adapter.ts'
import type { Statement } from './sql.ts'
import { runAtOnce, runLater } from './steps.ts'
import type { Steps } from './steps.ts'

/** A call of the driver: ours, or the effect's. */
type Send = () => unknown

/** What is known of the transaction without asking. */
export interface Known {
  /** Whether it is open, where the driver tells at no cost. */
  readonly isOpen?: () => boolean | undefined
  /** By which the server knows it, where it tells. */
  readonly transactionId?: string | null
}

/**
 * Watches what an effect sends, so that nothing of it survives a transaction that is gone.
 *
 * A server may roll a transaction back under a running effect, and says so by an error that the effect may swallow.
 * What the effect sends next would be committed statement by statement, and COMMIT would say OK. So the handle that
 * the effect gets sends everything through here, one statement at a time:
 *
 *  1. After an error that ends the transaction nothing more is sent, and the claim is not committed.
 *  2. After any other error the server is asked, once and before the next statement, whether the transaction is open.
 *  3. A statement that could end a transaction (DDL, COMMIT, CALL: whatever is not plain) is framed: by a savepoint of
 *     a random name, where savepoints can be released (they die with their transaction, so one that cannot be released
 *     tells the end of it), or by the question what became of the transaction. Where the driver tells that at no
 *     cost, the question is spared.
 *  4. When the effect is over, so is the handle. On SQL Server the question is asked once more, before COMMIT.
 *
 * Plain statements that succeed cost no round trip.
 */
export class TransactionWatch {
  readonly #dialect: Dialect
  readonly #send: (statement: Statement) => unknown
  readonly #isOpen: () => boolean | undefined
  readonly #transactionId: string | null
  #tail: Promise<unknown> = Promise.resolve()
  #inFlight = 0
  #current: string | null = null
  #closed = false
  /** The last error after which nobody has looked yet. */
  #suspect: { readonly error: unknown } | null = null
  /** The last statement that could have ended the transaction. */
  #risky: string | null = null
  #sent = false
  #lost: { readonly error: unknown } | null = null
  #misuse: ClaimError | null = null

  /** @param send sends a statement of ours, past the watch */
  constructor(dialect: Dialect, send: (statement: Statement) => unknown, known: Known = {}) {
    this.#dialect = dialect
    this.#send = send
    this.#isOpen = known.isOpen ?? (() => undefined)
    this.#transactionId = known.transactionId ?? null
  }

  /** The transaction was rolled back by the server, with this error; `null` while it stands. */
  get lost(): { readonly error: unknown } | null {
    return this.#lost
  }

  /** The effect ended the transaction itself. */
  get misuse(): ClaimError | null {
    return this.#misuse
  }

  /** A statement of the effect has not been answered yet. */
  get busy(): boolean {
    return this.#inFlight > 0
  }

  /** The text of the statement that has not been answered yet; `null` while there is none. */
  get current(): string | null {
    return this.#current
  }

  /** Lets one statement of the effect through, after the ones before it. */
  pass<T>(text: string, send: () => Promise<T>): Promise<T> {
    this.#inFlight += 1
    const turn = this.#tail
      .then(() => runLater(this.#turn(text, send), (call) => call()))
      .finally(() => (this.#inFlight -= 1))
    this.#tail = turn.catch(() => {})
    return turn as Promise<T>
  }

  /** The same over a driver that answers at once. */
  passAtOnce<T>(text: string, send: () => T): T {
    return runAtOnce(this.#turn(text, send), (call) => call()) as T
  }

  /** Waits for what the effect has started, ends the handle, and makes sure whether the transaction stands. */
  async settle(): Promise<void> {
    for (let tail: unknown; tail !== this.#tail;) {
      tail = this.#tail
      await this.#tail
    }
    this.close()
    await runLater(this.#lookAtTheEnd(), (call) => call())
  }

  /** The same over a driver that answers at once. */
  settleAtOnce(): void {
    this.close()
    runAtOnce(this.#lookAtTheEnd(), (call) => call())
  }

  /** The effect has called for what it must not do. It was refused, and may not be swallowed. */
  misused(error: ClaimError): void {
    this.#misuse ??= error
  }

  /** Refuses every statement from now on. */
  close(): void {
    this.#closed = true
  }

  *#turn(text: string, send: Send): Steps<Send, unknown> {
    this.#refuse()
    yield* this.#lookAfterError()
    this.#refuse()
    this.#sent = true
    if (this.#dialect.isPlain(text)) return yield* this.#noting(text, send)
    this.#risky = text
    return yield* this.#framed(text, send)
  }

  #refuse(): void {
    if (this.#misuse !== null) throw this.#misuse
    if (this.#lost !== null) {
      throw new ClaimError(
        'CLAIM_TRANSACTION_LOST',
        "The server has rolled the claim's transaction back; this statement was not sent. Let the first error pass.",
        this.#lost.error,
      )
    }
    if (this.#closed) throw transactionOver()
  }

  *#noting(text: string, send: Send): Steps<Send, unknown> {
    let reply: unknown
    this.#current = text
    try {
      reply = yield send
    } catch (error) {
      if (this.#dialect.endsTransaction(error) || this.#isOpen() === false) this.#lost = { error }
      else this.#suspect = { error }
      throw error
    } finally {
      // Not where nobody waits for the answer any more: then this is never come to.
      this.#current = null
    }
    if (this.#isOpen() === false) this.#misuse ??= ended(text)
    return reply
  }

  *#framed(text: string, send: Send): Steps<Send, unknown> {
    const { before, after } = this.#frame(`claim_once_${randomBytes(8).toString('hex')}`)
    if (before !== null) yield* this.#noting(before.sql, () => this.#send(before))
    try {
      return yield* this.#noting(text, send)
    } finally {
      const told = before === null && this.#isOpen() === true
      if (this.#lost === null && this.#misuse === null && !told) yield* this.#unframe(after, text)
    }
  }

  #frame(name: string): Frame {
    return this.#dialect.frame(name, this.#transactionId)
  }

  /** Asks what became of the transaction. */
  *#unframe(question: Statement, text: string): Steps<Send, void> {
    const answer = yield* this.#asked(question)
    switch (this.#dialect.survival(answer, this.#transactionId)) {
      case 'stands':
        this.#suspect = null
        return
      case 'ended':
        this.#misuse ??= ended(text, errorIn(answer))
        return
      case 'nested':
        this.#misuse ??= nested(text)
        return
      case 'unknown':
        this.#lost = { error: errorIn(answer) }
    }
  }

  *#asked(question: Statement): Steps<Send, Answer> {
    try {
      return { reply: (yield () => this.#send(question)) as Reply }
    } catch (error) {
      return { error }
    }
  }

  *#lookAtTheEnd(): Steps<Send, void> {
    yield* this.#lookAfterError()
    const mustAsk = this.#dialect.asksBeforeCommit && this.#sent && this.#lost === null && this.#misuse === null
    if (mustAsk) yield* this.#unframe(this.#frame('').after, this.#risky ?? 'a statement')
  }

  *#lookAfterError(): Steps<Send, void> {
    const suspect = this.#suspect
    if (suspect === null || this.#lost !== null || this.#misuse !== null) return
    this.#suspect = null
    const answer = yield* this.#asked(this.#dialect.probe)
    const isOpen = this.#dialect.isOpen(answer)
    if (isOpen === false) this.#lost = suspect
    if (isOpen === null) this.#lost = { error: errorIn(answer) }
  }
}

const errorIn = (answer: Answer): unknown => ('error' in answer ? answer.error : undefined)

function excerpt(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 57)}…` : line
}

const ended = (text: string, cause?: unknown): ClaimError =>
  new ClaimError(
    'CLAIM_EFFECT_MISUSE',
    `The effect sent "${excerpt(text)}", which ended the claim's transaction. Look at the order: it may be claimed without ` +
      'the rest of its effect. An effect may not commit, roll back or run DDL; it reads and writes through its handle.',
    cause,
  )

const nested = (text: string): ClaimError =>
  new ClaimError(
    'CLAIM_EFFECT_MISUSE',
    `The effect sent "${excerpt(text)}", and has begun a transaction inside the claim's without ending it; everything was ` +
      'rolled back, and the order waits. An effect may not begin, commit or roll back; it reads and writes through its handle.',
  )

/** To a statement that comes when its claim has ended, by whichever handle. */
export const transactionOver = (): ClaimError =>
  new ClaimError(
    'CLAIM_TRANSACTION_LOST',
    "The claim's transaction is over; this statement was not sent. Await in the effect what the effect starts.",
  )
