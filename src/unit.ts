import type { Reply, Row, Session } from './adapters/adapter.ts'
import type { CallBase, Need, Phase } from './call.ts'
import type { Change } from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import { leftOpen, NotCommitted, readOnly, StatementFailure, UnreadableAnswer } from './failure.ts'
import { LockWait } from './lock-wait.ts'
import { FIELDS } from './names.ts'
import { askWhetherOpen } from './open-transaction.ts'
import type { Statement } from './sql.ts'
import type { Steps } from './steps.ts'
import type { Verdict } from './strategies/strategy.ts'

/** The steps of one attempt on one connection, and the state the connection is in. */
export abstract class Unit<Result> {
  readonly #call: CallBase<Result>
  readonly #session: Session<unknown>
  readonly #lockWait: LockWait
  #boundIsSet = false
  #inTransaction = false
  #claimed = false
  #updated = false
  #failedAlone = false
  #transactionId: string | null = null
  #destroyed = false

  constructor(call: CallBase<Result>, session: Session<unknown>, lockTimeoutMs: number | null) {
    this.#call = call
    this.#session = session
    this.#lockWait = new LockWait(call, lockTimeoutMs)
  }

  /** The algorithm. */
  abstract decide(): Steps<Need, Verdict<Result>>

  /** What follows the change, before COMMIT: the value of the call. */
  abstract finish(attempt: number): Steps<Need, unknown>

  get session(): Session<unknown> {
    return this.#session
  }

  /** The guarded UPDATE has changed what it should. */
  get claimed(): boolean {
    return this.#claimed
  }

  /** By which the server knows the transaction, where it tells. */
  get transactionId(): string | null {
    return this.#transactionId
  }

  /** The last statement that failed was outside of any transaction of ours or the caller's. */
  get failedAlone(): boolean {
    return this.#failedAlone
  }

  /** The connection is closed, because nobody knows what state it is in. */
  get destroyed(): boolean {
    return this.#destroyed
  }

  /** Outside of any transaction of ours or the caller's. */
  protected get alone(): boolean {
    return !this.#inTransaction && !this.#call.joined
  }

  /** A transaction of the call's own, if it needs one. */
  *begin(): Steps<Need, void> {
    const { needsTransaction, adapter, learned } = this.#call
    if (needsTransaction || !adapter.tellsSession || learned.ownTransaction) yield* this.beginForLock()
  }

  *beginForLock(): Steps<Need, void> {
    if (this.#call.joined || this.#inTransaction) return
    yield* this.#setBound()
    yield* this.send(this.#call.adapter.dialect.begin, 'before')
    this.#inTransaction = true
  }

  /**
   * A transaction of ours, in which each statement reads what is committed; and under REPEATABLE READ the locks would be on
   * the gaps between rows, too, and keep others from them.
   */
  protected *beginReadCommitted(): Steps<Need, void> {
    const { adapter, joined, learned } = this.#call
    const { readCommitted, rollback } = adapter.dialect
    if (!joined && readCommitted !== null) {
      // A session that does not commit by itself may still be in the transaction of what was read last.
      if (learned.ownTransaction) yield* this.send(rollback, 'before')
      yield* this.send(readCommitted, 'before')
    }
    yield* this.beginForLock()
  }

  /**
   * Into the caller's transaction. It must be open: one that was never begun, or that the server has rolled back, would
   * let the claim commit by itself. What it has read before may be old: the write lock makes what is read next current.
   */
  *join(): Steps<Need, void> {
    const { dialect } = this.#call.adapter
    if (!(yield* this.#isOpen())) {
      throw new ClaimError(
        'CLAIM_TRANSACTION_LOST',
        'The transaction that was given is not open: it was never begun, or the server has rolled it back. Begin anew.',
      )
    }
    const statement = dialect.takeWriteLock(this.#call.table.sql)
    if (statement !== null) yield* this.send(statement, 'before')
  }

  *commit(): Steps<Need, void> {
    if (!this.#inTransaction) return
    yield* this.send(this.#call.adapter.dialect.commit, 'commit')
    this.#inTransaction = false
  }

  /** Ends whatever was begun, unless it is committed: nothing of it stays. */
  *leave(): Steps<Need, void> {
    const mayBeOpen = this.#failedAlone && this.#call.adapter.dialect.autocommit !== null
    if (this.#inTransaction || mayBeOpen) {
      this.#inTransaction = false
      yield* this.#cleanUp(this.#call.adapter.dialect.rollback)
    }
    yield* this.clearLockBound()
  }

  *clearLockBound(): Steps<Need, void> {
    if (!this.#boundIsSet || this.#lockWait.after === null) return
    this.#boundIsSet = false
    yield* this.#cleanUp(this.#lockWait.after)
  }

  *send(statement: Statement, phase: Phase): Steps<Need, Reply> {
    // Before it is sent: whatever interrupts the call here has not left anything unknown.
    if (phase !== 'cleanup') this.#call.deadline.check()
    try {
      return (yield { statement, phase }) as Reply
    } catch (error) {
      // Where the session does not commit by itself, a statement that failed has opened a transaction all the same.
      this.#failedAlone = this.alone
      throw new StatementFailure(phase, error)
    }
  }

  /** Closes the connection; the server then rolls back what it had not committed. The caller's own is left to him. */
  destroy(): void {
    if (this.#call.joined || this.#destroyed) return
    this.#destroyed = true
    this.#session.destroy()
    this.#call.tell({ type: 'connection_destroyed' })
  }

  /** Reads, with the wait for locks bounded. The rows are those of a database that takes writes, and committed. */
  protected *ask(statement: Statement): Steps<Need, readonly Row[]> {
    yield* this.#setBound()
    const { rows } = yield* this.send(this.#lockWait.bound(statement), 'before')
    const [row] = rows
    if (Number(row?.[FIELDS.readOnly]) === 1) throw readOnly()
    // Somebody else's transaction was open when ours was begun inside it: what is read here may never be committed.
    if (this.#inTransaction && Number(row?.[FIELDS.open]) > 1) throw leftOpen()
    return rows
  }

  /**
   * A read outside of any transaction of ours rests on committed data, unless the session is not what it should be: it
   * does not commit by itself, and the read has opened a transaction; or somebody has left one open, and the read may
   * have seen what nobody has committed. Not asked where an UPDATE follows, whose answer tells.
   */
  protected *expectCommitted(row: Row | undefined, updateFollows: boolean): Steps<Need, void> {
    const { rollback, autocommit } = this.#call.adapter.dialect
    if (!this.alone || autocommit === null) return
    if (row === undefined) return yield* this.#cleanUp(rollback) // there is no row to tell
    if (Number(row[FIELDS.autocommit]) === 0) yield* this.#refuseUncommitted(false)
    if (updateFollows || this.#updated) return
    const told = row[FIELDS.open]
    const isOpen = told === undefined ? yield* this.#isOpen() : Number(told) > 0
    if (isOpen) yield* this.#refuseUncommitted(true)
  }

  /** Sends a guarded UPDATE of so many rows, or of any number; gives how many it has changed. All of them: it is claimed. */
  protected *write(statement: Statement, wanted: number | null): Steps<Need, number> {
    yield* this.#setBound()
    const reply = yield* this.send(this.#lockWait.bound(statement), 'claim')
    this.#updated = true
    const { rows, session, nested, transactionId } = this.#changed(reply)
    this.#transactionId = transactionId ?? null
    if (this.alone && session?.inTransaction === true) yield* this.#refuseUncommitted(session.autocommit)
    if (this.#inTransaction && nested === true) throw leftOpen()
    if (wanted !== null && rows > wanted)
      throw new ClaimError('CLAIM_FAILED', `The claim changed ${rows} rows, and not ${wanted}.`)
    this.#claimed = wanted === null ? rows > 0 : rows === wanted
    return rows
  }

  /** Sends a guarded UPDATE that gives nothing to anybody; gives how many rows it has changed. */
  protected *tidy(statement: Statement): Steps<Need, number> {
    yield* this.#setBound()
    return this.#changed(yield* this.send(this.#lockWait.bound(statement), 'before')).rows
  }

  *#isOpen(): Steps<Need, boolean> {
    const { dialect } = this.#call.adapter
    const { isOpen, hasBegun } = yield* askWhetherOpen(dialect, (statement) => this.send(statement, 'before'))
    if (hasBegun) yield* this.#cleanUp(dialect.rollback)
    return isOpen
  }

  /** An answer that cannot be read says nothing of what was done. */
  #changed(reply: Reply): Change {
    try {
      return this.#call.adapter.dialect.changed(reply)
    } catch (error) {
      throw new StatementFailure('claim', new UnreadableAnswer(error))
    }
  }

  /** A bare claim that turns out to be uncommitted is rolled back, and refused unless it can be made properly. */
  *#refuseUncommitted(autocommit: boolean): Steps<Need, never> {
    yield* this.#cleanUp(this.#call.adapter.dialect.rollback)
    if (!autocommit) {
      this.#call.learned.ownTransaction = true
      throw new NotCommitted()
    }
    throw leftOpen()
  }

  *#setBound(): Steps<Need, void> {
    if (this.#boundIsSet || this.#lockWait.before === null) return
    this.#boundIsSet = true
    yield* this.send(this.#lockWait.before, 'before')
  }

  /** A connection that cannot be put in order is closed. */
  *#cleanUp(statement: Statement): Steps<Need, void> {
    if (this.#destroyed) return
    try {
      yield* this.send(statement, 'cleanup')
    } catch {
      this.destroy()
    }
  }
}
