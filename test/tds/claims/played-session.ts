import type { TdsSession } from '../../support/tds/session.ts'

/** Settings of a session, of which a batch may have its own. */
export interface Settings {
  /** 1 read uncommitted, 2 read committed, 3 repeatable read, 4 serializable, 5 snapshot. */
  isolation: number
  /** Milliseconds; -1 waits without end. */
  lockTimeout: number
  noCount: boolean
  xactAbort: boolean
  implicit: boolean
}

const LEVELS = ['read uncommitted', 'read committed', 'repeatable read', 'serializable', 'snapshot']

const SET =
  /^set (?:lock_timeout (-?\d+)|nocount (on|off)|xact_abort (on|off)|implicit_transactions (on|off)|transaction isolation level ([a-z ]+)) *;?$/gim

/** Carries the `set` statements of a text out. */
export function applySets(sql: string, settings: Settings): void {
  for (const [, lockTimeout, noCount, xactAbort, implicit, level] of sql.matchAll(SET)) {
    if (lockTimeout !== undefined) settings.lockTimeout = Number(lockTimeout)
    if (noCount !== undefined) settings.noCount = noCount === 'on'
    if (xactAbort !== undefined) settings.xactAbort = xactAbort === 'on'
    if (implicit !== undefined) settings.implicit = implicit === 'on'
    if (level !== undefined) settings.isolation = LEVELS.indexOf(level) + 1
  }
}

let nextTransactionId = 4711n

/** What the played server knows of a connection, beside what the wire knows. */
export class PlayedSession {
  readonly session: TdsSession
  readonly settings: Settings
  /** @@trancount. */
  transactions = 0
  /** current_transaction_id(). */
  transactionId = 0n
  /** The wire has told the client of the transaction. */
  #told = false
  readonly #undo: (() => void)[] = []
  readonly #release = new Set<() => void>()

  constructor(session: TdsSession, noCount: boolean) {
    this.session = session
    this.settings = { isolation: 2, lockTimeout: -1, noCount, xactAbort: false, implicit: false }
  }

  begin(): void {
    this.transactions += 1
    if (this.transactions === 1) this.transactionId = nextTransactionId++
    setImmediate(() => (this.#told = this.transactions > 0))
  }

  /** Where the wire has ended the transaction, by an error in the place of an answer, it is undone here too. */
  catchUp(): void {
    if (this.#told && this.session.transaction === null) this.rollBack()
  }

  /** A change, with the way back. Outside a transaction it is committed at once. */
  change(apply: () => void, undo: () => void): void {
    apply()
    if (this.transactions > 0) this.#undo.push(undo)
  }

  /** A lock, kept to the end of the transaction. */
  keep(release: () => void): void {
    this.#release.add(release)
  }

  /** `false`: only the count was lowered. */
  commit(): boolean {
    this.transactions -= 1
    if (this.transactions > 0) return false
    this.#end()
    return true
  }

  rollBack(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.transactions = 0
    this.#end()
  }

  /** After a statement outside any transaction: its locks are gone. */
  statementEnds(): void {
    if (this.transactions === 0) this.#end()
  }

  #end(): void {
    this.#told = false
    this.#undo.length = 0
    for (const release of this.#release) release()
    this.#release.clear()
  }
}
