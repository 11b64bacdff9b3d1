/**
 * What goes wrong with a statement.
 *
 * | fault | what happens | what is thrown |
 * |---|---|---|
 * | `deadlock` | the statement is not sent; the transaction it belongs to is rolled back | the server's error for a deadlock (on SQLite, which has none, `SQLITE_BUSY_SNAPSHOT`) |
 * | `lock timeout` | the statement is not sent; nothing else | the server's error for a lock that was not got in time |
 * | `lost before` | the connection is closed, and the statement is not sent | the driver's error for a connection that is gone |
 * | `lost after` | the statement is sent and answered, then the connection is closed: a COMMIT is committed | the same |
 * | `slow` | the statement is sent after `beforeMs`, and its answer handed on after `afterMs` | nothing |
 *
 * SQLite has no connection that could be lost: there it is a disk I/O error.
 */
export type FaultKind = 'deadlock' | 'lock timeout' | 'lost before' | 'lost after' | 'slow'

const FAULTS = ['deadlock', 'lock timeout', 'lost before', 'lost after', 'slow'] as const satisfies readonly FaultKind[]

/**
 * What a statement is for: those that begin and end the claim's transaction, the claiming `update`, what `read`s (the order,
 * and the catalog on first use), any `other` of the claim's own; and those of the `effect`.
 */
export type StatementKind = 'begin' | 'read' | 'update' | 'commit' | 'rollback' | 'other' | 'effect'

const KINDS = [
  'begin',
  'read',
  'update',
  'commit',
  'rollback',
  'other',
  'effect',
] as const satisfies readonly StatementKind[]

/** A statement on its way to the driver. */
export interface SeenStatement {
  readonly kind: StatementKind
  readonly sql: string
}

/** Which statements a fault strikes, and how often. Unknown keys are refused. */
export interface Fault {
  readonly fault: FaultKind
  /** Which statements. Default: all, those of effects too. */
  readonly on?: StatementKind | RegExp | ((statement: SeenStatement) => boolean)
  /** The first one that it strikes, counted among those of `on` from when the fault was armed. Default: 1. */
  readonly at?: number
  /** How many it strikes, one after the other; `Infinity` for all. Default: 1. */
  readonly times?: number
  /** For `slow`: milliseconds before the statement is sent. Default: 0. */
  readonly beforeMs?: number
  /** For `slow`: milliseconds between its answer and whoever waits for that. Default: 0. */
  readonly afterMs?: number
}

/** A fault that has struck. */
export interface FiredFault {
  readonly fault: FaultKind
  readonly statement: SeenStatement
  /** What was thrown; `null` for `slow`. */
  readonly error: Error | null
  /** For a log: `lost after: commit`. */
  readonly what: string
}

const KEYS = ['fault', 'on', 'at', 'times', 'beforeMs', 'afterMs']

/** A fault that can never strike, or strikes what was not meant, would make a test show nothing. */
export function checkFault(fault: Fault, synchronous: boolean): void {
  const unknown = Object.keys(fault).filter((key) => !KEYS.includes(key))
  if (unknown.length > 0) throw new TypeError(`A fault has no "${unknown.join('", "')}". It knows: ${KEYS.join(', ')}.`)
  const { fault: kind, on, at = 1, times = 1, beforeMs = 0, afterMs = 0 } = fault
  if (!FAULTS.includes(kind)) throw new TypeError(`fault is "${kind}". It is one of: ${FAULTS.join(', ')}.`)
  if (typeof on === 'string' && !KINDS.includes(on)) {
    throw new TypeError(`on is "${on}". It is one of: ${KINDS.join(', ')}; or a RegExp, or a function.`)
  }
  if (!isCount(at)) throw new TypeError(`at is ${at}. It is a whole number, 1 or more.`)
  if (times !== Infinity && !isCount(times)) throw new TypeError(`times is ${times}. It is a whole number, 1 or more.`)
  if (kind !== 'slow') {
    if (beforeMs !== 0 || afterMs !== 0) throw new TypeError(`beforeMs and afterMs are for "slow", not for "${kind}".`)
    return
  }
  if (!isDuration(beforeMs) || !isDuration(afterMs) || beforeMs + afterMs === 0) {
    throw new TypeError(`beforeMs is ${beforeMs}, afterMs ${afterMs}. One of them is a number of milliseconds above 0.`)
  }
  if (synchronous) {
    throw new TypeError(
      'This adapter answers every statement at once, and could be slow only by stopping the whole program. ' +
        'Use one with connections of its own: sqlite(() => new Database(file)).',
    )
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1

const isDuration = (value: number): boolean => Number.isFinite(value) && value >= 0
