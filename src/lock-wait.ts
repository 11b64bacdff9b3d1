import type { CallBase } from './call.ts'
import type { LockBound } from './dialects/dialect.ts'
import { lockTimeoutOfLater } from './retry.ts'
import type { Statement } from './sql.ts'

/** How long the statements of an attempt wait for locks: each no longer than the call's time has room for. */
export class LockWait {
  readonly #call: Pick<CallBase, 'adapter' | 'table' | 'deadline'>
  readonly #lockTimeoutMs: number | null
  readonly #bound: LockBound

  /** @param lockTimeoutMs `null`: the server decides */
  constructor(call: Pick<CallBase, 'adapter' | 'table' | 'deadline'>, lockTimeoutMs: number | null) {
    this.#call = call
    this.#lockTimeoutMs = lockTimeoutMs
    this.#bound = this.#of(lockTimeoutMs)
  }

  /** Sent before the first statement that may wait. */
  get before(): Statement | null {
    return this.#bound.before
  }

  /** Sent when it is over, also after a failure. */
  get after(): Statement | null {
    return this.#bound.after
  }

  /** The statement as it is sent now. */
  bound(statement: Statement): Statement {
    const lockTimeoutMs = this.#lockTimeoutMs
    if (lockTimeoutMs === null) return statement
    const { adapter, table, deadline } = this.#call
    const stillMs = lockTimeoutOfLater({
      lockTimeoutMs,
      remainingMs: deadline.remainingMs,
      shortestMs: adapter.dialect.shortestLockWaitMs(table.server),
      stepMs: adapter.dialect.lockWaitStepMs,
    })
    return (stillMs === lockTimeoutMs ? this.#bound : this.#of(stillMs)).wrap(statement)
  }

  #of(lockTimeoutMs: number | null): LockBound {
    const { adapter, table } = this.#call
    return adapter.dialect.lockBound(lockTimeoutMs, table.server)
  }
}
