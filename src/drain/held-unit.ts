import type { Session } from '../adapters/adapter.ts'
import type { CallBase, Need } from '../call.ts'
import { runEffect } from '../effect.ts'
import { bind } from '../sql.ts'
import type { SqlValue } from '../sql.ts'
import type { Shape } from '../statements.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import type { Table } from '../table.ts'
import type { Transition } from '../transitions.ts'
import { Unit } from '../unit.ts'
import { bindIds, foundOrder } from './drain-call.ts'
import type { FoundOrder, TakenOrder } from './drain-call.ts'
import type { DrainStatements } from './drain-statements.ts'

/** What became of a change of several orders by the worker who holds them. */
export type HeldTogether =
  | { readonly is: 'done'; readonly recovered: boolean }
  /** Only these are still his. Where there is an effect, nothing was changed, and `own` is empty. */
  | { readonly is: 'partly'; readonly changed: number; readonly own: ReadonlySet<string> }
  | { readonly is: 'busy' }

/** One change of several orders, bound to their table. */
export interface HeldCall extends CallBase<HeldTogether> {
  readonly table: Table
  readonly drain: DrainStatements
  readonly values: ReadonlyMap<string, SqlValue>
  readonly shape: Shape
  readonly transition: Transition
  readonly orders: readonly TakenOrder[]
}

/**
 * A change that only the holder of several orders may make: they are renewed, given back, or claimed by one effect.
 *
 * 1. The UPDATE, guarded by `status = processing` and the token. As many rows as orders: nobody has taken one of them over.
 * 2. Fewer: those that are still processing with the token are asked for. With an effect everything is rolled back, for it
 *    is given orders that are the worker's alone.
 * 3. With an effect: it runs in the same transaction, and COMMIT.
 */
export class HeldUnit extends Unit<HeldTogether> {
  readonly #call: HeldCall
  #value: HeldTogether = { is: 'done', recovered: false }

  constructor(call: HeldCall, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
  }

  *decide(): Steps<Need, Verdict<HeldTogether>> {
    const { drain, orders, shape, transition, values, effect, resolving } = this.#call
    yield* this.begin()
    const template = drain.change(transition, orders.length, shape, this.alone)
    const changed = yield* this.write(bind(template, bindIds(values, orders)), null)
    if (changed === orders.length) return CLAIMED
    if (effect === undefined) {
      // Some connections count a row that says already what was to be written as not changed. What has the token and is
      // not processing was moved on by other code, which knows of no token.
      const own = (yield* this.#own()).filter(({ leased }) => leased)
      this.#value = { is: 'partly', changed, own: new Set(own.map(({ key }) => key)) }
      return CLAIMED
    }
    if (resolving && changed === 0) {
      // A batch is committed as a whole, or not at all.
      const own = yield* this.#own()
      if (own.length > 0 && own.every(({ leased }) => !leased)) return { is: 'recovered', value: undefined }
    }
    // In this transaction what it has changed looks like what others have: it is asked for after the rollback.
    return { is: 'decided', result: { is: 'partly', changed: 0, own: new Set() } }
  }

  *finish(attempt: number): Steps<Need, HeldTogether> {
    const { effect, orders, shape } = this.#call
    if (effect === undefined) return this.#value
    const columns = new Map(orders.map((order) => [order.key, { ...order.columns }]))
    if (shape.read.length > 0) for (const order of yield* this.#own()) columns.set(order.key, order.columns)
    yield* runEffect(
      this.#call,
      this,
      orders.map(({ key }) => columns.get(key) ?? {}),
      attempt,
    )
    return this.#value
  }

  *#own(): Steps<Need, FoundOrder[]> {
    const { drain, orders, shape, table, values } = this.#call
    const rows = yield* this.ask(bind(drain.owned(orders.length, shape.read, 'update'), bindIds(values, orders)))
    return rows.map((row) => foundOrder(row, shape.read, table))
  }
}
