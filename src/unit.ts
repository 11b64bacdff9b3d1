import type { Reply, Row, Session } from './adapters/adapter.ts'
import type { Call, Need, Phase } from './call.ts'
import type { CheckedStates } from './config.ts'
import type { Change, LockBound, ReadLock } from './dialects/dialect.ts'
import { ClaimError } from './errors.ts'
import { claimLost, leftOpen, NotCommitted, readOnly, StatementFailure, UnreadableAnswer } from './failure.ts'
import { judge } from './judge.ts'
import { askWhetherOpen } from './open-transaction.ts'
import type { Judgement } from './judge.ts'
import { bind } from './sql.ts'
import type { SqlValue, Statement, Template } from './sql.ts'
import { FIELDS, NAMES } from './names.ts'
import { TRANSITIONS } from './transitions.ts'
import type { Transition } from './transitions.ts'
import type { Steps } from './steps.ts'
import type { ClaimSteps } from './strategies/strategy.ts'

/** The steps of one attempt on one connection, and the state the connection is in. */
export class Unit implements ClaimSteps {
  readonly #call: Call
  readonly #session: Session<unknown>
  readonly #bound: LockBound
  readonly #waits: boolean
  #boundIsSet = false
  #inTransaction = false
  #claimed = false
  #updated = false
  #failedAlone = false
  #transactionId: string | null = null
  #destroyed = false

  constructor(call: Call, session: Session<unknown>, lockTimeoutMs: number | null) {
    this.#call = call
    this.#session = session
    this.#bound = call.adapter.dialect.lockBound(lockTimeoutMs, call.table.server)
    this.#waits = lockTimeoutMs !== 0
  }

  get states(): CheckedStates {
    return this.#call.config.states
  }

  get session(): Session<unknown> {
    return this.#session
  }

  /** The guarded UPDATE has changed the row. */
  get claimed(): boolean {
    return this.#claimed
  }

  /** By which the server knows the transaction, where it tells. */
  get transactionId(): string | null {
    return this.#transactionId
  }

  /** The connection is closed, because nobody knows what state it is in. */
  get destroyed(): boolean {
    return this.#destroyed
  }

  *begin(): Steps<Need, void> {
    const { effect, onlyReads, adapter, ownTransaction } = this.#call
    if (effect !== undefined || onlyReads || !adapter.tellsSession || ownTransaction) yield* this.beginForLock()
  }

  *beginForLock(): Steps<Need, void> {
    if (this.#call.joined || this.#inTransaction) return
    yield* this.#setBound()
    yield* this.send(this.#call.adapter.dialect.begin, 'before')
    this.#inTransaction = true
  }

  *look(): Steps<Need, Judgement> {
    if (this.#call.ownTransaction) yield* this.beginForLock()
    // In a transaction a shared lock, with the claim's exclusive one to follow, would invite a deadlock.
    return yield* this.#read(this.#call.joined || this.#call.ownTransaction ? 'update' : 'share')
  }

  *lock(): Steps<Need, Judgement> {
    return yield* this.#read(this.#waits ? 'update' : 'update nowait')
  }

  *update(): Steps<Need, boolean> {
    return yield* this.change(this.#call.transition)
  }

  *updateVersion(version: SqlValue): Steps<Need, boolean> {
    const { statements, transition, shape, values } = this.#call
    const template = statements.change(transition, shape, 'same version', this.#alone)
    return yield* this.#claim(template, new Map(values).set(NAMES.version, version))
  }

  *change(transition: Transition): Steps<Need, boolean> {
    const { statements, shape, values } = this.#call
    return yield* this.#claim(statements.change(transition, shape, 'any version', this.#alone), values)
  }

  /** Beside the claim, in its own transaction. No row: the order is not this call's any more. */
  *keepResult(text: string): Steps<Need, void> {
    const { statements, shape, values, adapter } = this.#call
    const template = statements.change(TRANSITIONS.keepResult, shape, 'any version', false)
    const reply = yield* this.send(bind(template, new Map(values).set(NAMES.result, text)), 'read')
    if (adapter.dialect.changed(reply).rows !== 1) throw claimLost('before its result was kept')
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
    if (!this.#boundIsSet || this.#bound.after === null) return
    this.#boundIsSet = false
    yield* this.#cleanUp(this.#bound.after)
  }

  *send(statement: Statement, phase: Phase): Steps<Need, Reply> {
    // Before it is sent: whatever interrupts the call here has not left anything unknown.
    if (phase !== 'cleanup') this.#call.deadline.check()
    try {
      return (yield { statement, phase }) as Reply
    } catch (error) {
      // Where the session does not commit by itself, a statement that failed has opened a transaction all the same.
      this.#failedAlone = this.#alone
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

  /** Outside of any transaction of ours or the caller's. */
  get #alone(): boolean {
    return !this.#inTransaction && !this.#call.joined
  }

  *#read(lock: ReadLock): Steps<Need, Judgement> {
    const { statements, shape, values, adapter, joined } = this.#call
    yield* this.#setBound()
    const look = bind(statements.look(shape, lock, this.#alone), values)
    const row = (yield* this.send(this.#bound.wrap(look), 'before')).rows[0]
    if (Number(row?.[FIELDS.readOnly]) === 1) throw readOnly()
    // Somebody else's transaction was open when ours was begun inside it: what is read here may never be committed.
    if (this.#inTransaction && Number(row?.[FIELDS.open]) > 1) throw leftOpen()
    const judgement = judge(row, { ...this.#call, provisional: joined })
    if (this.#alone && adapter.dialect.autocommit !== null) yield* this.#readAlone(row, judgement)
    return judgement
  }

  /**
   * A read outside of any transaction of ours rests on committed data, unless the session is not what it should be: it
   * does not commit by itself, and the read has opened a transaction; or somebody has left one open, and the read may
   * have seen what nobody has committed.
   */
  *#readAlone(row: Row | undefined, judgement: Judgement): Steps<Need, void> {
    const { rollback } = this.#call.adapter.dialect
    if (row === undefined) return yield* this.#cleanUp(rollback) // there is no row to tell
    if (Number(row[FIELDS.autocommit]) === 0) yield* this.#refuseUncommitted(false)
    if (judgement.is === 'claimable' || this.#updated) return // the UPDATE's answer tells
    const told = row[FIELDS.open]
    const isOpen = told === undefined ? yield* this.#isOpen() : Number(told) > 0
    if (isOpen) yield* this.#refuseUncommitted(true)
  }

  *#isOpen(): Steps<Need, boolean> {
    const { dialect } = this.#call.adapter
    const { isOpen, hasBegun } = yield* askWhetherOpen(dialect, (statement) => this.send(statement, 'before'))
    if (hasBegun) yield* this.#cleanUp(dialect.rollback)
    return isOpen
  }

  *#claim(template: Template, values: ReadonlyMap<string, SqlValue>): Steps<Need, boolean> {
    yield* this.#setBound()
    const reply = yield* this.send(this.#bound.wrap(bind(template, values)), 'claim')
    this.#updated = true
    const { rows, session, nested, transactionId } = this.#changed(reply)
    this.#transactionId = transactionId ?? null
    if (this.#alone && session?.inTransaction === true) yield* this.#refuseUncommitted(session.autocommit)
    if (this.#inTransaction && nested === true) throw leftOpen()
    if (rows > 1) throw new ClaimError('CLAIM_FAILED', `The claim changed ${rows} rows.`)
    this.#claimed = rows === 1
    return this.#claimed
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
      this.#call.ownTransaction = true
      throw new NotCommitted()
    }
    throw leftOpen()
  }

  *#setBound(): Steps<Need, void> {
    if (this.#boundIsSet || this.#bound.before === null) return
    this.#boundIsSet = true
    yield* this.send(this.#bound.before, 'before')
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
