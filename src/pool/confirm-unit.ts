import type { Row, Session } from '../adapters/adapter.ts'
import type { CallBase, Need } from '../call.ts'
import { runEffect } from '../effect.ts'
import { bind } from '../sql.ts'
import type { SqlValue } from '../sql.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED, MOVED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import { Unit } from '../unit.ts'
import { paddedSize } from '../padded.ts'
import type { DrawRequest } from './draw-call.ts'
import { heldBy, itemParameters } from './held-items.ts'
import type { PoolChanges } from './pool-changes.ts'
import type { PoolShape } from './pool-names.ts'
import type { PoolReads } from './pool-reads.ts'
import type { PoolTable } from './pool-table.ts'

/** What a confirmation comes to. */
export type Confirmation =
  | { readonly is: 'confirmed'; readonly items: readonly Row[]; readonly value: unknown; readonly recovered: boolean }
  | { readonly is: 'taken'; readonly items: readonly Row[] }
  | { readonly is: 'expired' }
  | { readonly is: 'nothing' }
  | { readonly is: 'busy' }

export interface ConfirmCall extends CallBase<Confirmation> {
  readonly table: PoolTable
  readonly reads: PoolReads
  readonly changes: PoolChanges
  readonly request: DrawRequest
  readonly shape: PoolShape
  readonly values: ReadonlyMap<string, SqlValue>
}

/**
 * One attempt to make a reservation last.
 *
 * 1. What the owner has is read: his already, or reserved and in time, or neither.
 * 2. The guarded UPDATE of those: reserved, his, and by the database's clock not over in this very statement.
 * 3. The effect, and COMMIT.
 *
 * If the process dies before COMMIT: the items are reserved as before, until their time is over.
 */
export class ConfirmUnit extends Unit<Confirmation> {
  readonly #call: ConfirmCall
  #items: readonly Row[] = []

  constructor(call: ConfirmCall, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
  }

  *decide(): Steps<Need, Verdict<Confirmation>> {
    const { table, reads, changes, request, shape, values, joined } = this.#call
    yield* this.begin()
    const lock = this.alone || joined ? 'update' : 'none'
    const rows = yield* this.ask(bind(reads.held(1, shape, lock), values))
    const [holding = null] = heldBy(rows, [request])
    const isReserved = holding !== null && holding.is !== 'lapsed' && holding.expiresInMs !== null
    if (!isReserved) yield* this.expectCommitted(rows[0], false)
    if (holding === null) return { is: 'decided', result: { is: 'nothing' } }
    if (holding.is === 'lapsed') return { is: 'decided', result: { is: 'expired' } }
    const { ids, items } = holding
    if (!isReserved) {
      const own = holding.is === 'given'
      const result: Confirmation = own
        ? { is: 'confirmed', items, value: undefined, recovered: true }
        : { is: 'taken', items }
      return { is: 'decided', result }
    }
    const named = new Map([...values, ...itemParameters(table.id, ids)])
    const statement = bind(changes.confirm(paddedSize(ids.length), this.alone), named)
    const changed = yield* this.write(statement, items.length)
    this.#items = items
    return changed === items.length ? CLAIMED : MOVED
  }

  *finish(attempt: number): Steps<Need, Confirmation> {
    const value = yield* runEffect(this.#call, this, this.#items, attempt)
    return { is: 'confirmed', items: this.#items, value, recovered: false }
  }
}
