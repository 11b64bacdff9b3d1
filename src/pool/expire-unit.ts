import type { Session } from '../adapters/adapter.ts'
import type { CallBase, Need } from '../call.ts'
import { bind } from '../sql.ts'
import type { SqlValue } from '../sql.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import { Unit } from '../unit.ts'
import { paddedSize } from '../padded.ts'
import { idOf, itemParameters } from './held-items.ts'
import type { PoolChanges } from './pool-changes.ts'
import type { PoolReads } from './pool-reads.ts'
import type { PoolTable } from './pool-table.ts'

/** How many are freed in one transaction: nobody who draws meanwhile waits long. */
export const EXPIRED_AT_ONCE = 100

/** What one sweep came to. */
export interface Sweep {
  /** How many were over. Fewer than {@link EXPIRED_AT_ONCE}: those were all. */
  readonly found: number
  readonly freed: number
}

export interface ExpireCall extends CallBase<Sweep | null> {
  readonly table: PoolTable
  readonly reads: PoolReads
  readonly changes: PoolChanges
  readonly values: ReadonlyMap<string, SqlValue>
}

/**
 * Frees some reservations whose time is over.
 *
 * 1. They are read by their index.
 * 2. The guarded UPDATE: reserved, and by the database's clock over in this very statement. It waits for whoever has the
 *    row; what was confirmed, or freed by somebody else, meanwhile is left alone.
 */
export class ExpireUnit extends Unit<Sweep | null> {
  readonly #call: ExpireCall
  #found = 0
  #freed = 0

  constructor(call: ExpireCall, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
  }

  *decide(): Steps<Need, Verdict<Sweep | null>> {
    const { table, reads, changes, values } = this.#call
    yield* this.begin()
    const ids = (yield* this.ask(bind(reads.expired(EXPIRED_AT_ONCE), values))).map(idOf)
    this.#found = ids.length
    if (ids.length > 0) {
      const items = new Map([...values, ...itemParameters(table.id, ids)])
      const statement = bind(changes.expire(paddedSize(ids.length), this.alone), items)
      this.#freed = yield* this.write(statement, null)
    }
    return this.#freed > 0 ? CLAIMED : { is: 'decided', result: this.#sweep() }
  }

  *finish(): Steps<Need, unknown> {
    return this.#sweep()
  }

  #sweep(): Sweep {
    return { found: this.#found, freed: this.#freed }
  }
}
