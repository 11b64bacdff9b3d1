import type { Session } from '../adapters/adapter.ts'
import type { CallBase, Need } from '../call.ts'
import type { SelectLock } from '../dialects/dialect.ts'
import { NAMES } from '../names.ts'
import { bind } from '../sql.ts'
import type { SqlValue } from '../sql.ts'
import { PLAIN_SHAPE } from '../statements.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED, MOVED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import type { Table } from '../table.ts'
import { TRANSITIONS } from '../transitions.ts'
import { Unit } from '../unit.ts'
import { bindIds, foundOrder } from './drain-call.ts'
import type { FoundOrder, TakenOrder } from './drain-call.ts'
import type { DrainStatements, Source } from './drain-statements.ts'

/** How many times as many rows as are wanted are read where none can be locked, so that not all workers want the same. */
const CANDIDATES = 4

/** What a take has come to. */
export interface Taken {
  readonly orders: readonly TakenOrder[]
  /** Without `columns.dueAt`: the last row that was looked at, after which the next take goes on. */
  readonly last: readonly SqlValue[] | null
  /** Nothing stands of a take that nobody had answered: that says nothing of what is due. */
  readonly again?: boolean
}

/** One take, bound to its table. */
export interface TakeCall extends CallBase<Taken | null> {
  readonly table: Table
  readonly drain: DrainStatements
  readonly values: ReadonlyMap<string, SqlValue>
  readonly wanted: number
  readonly read: readonly string[]
  /** Rows can be locked past those that others have locked. */
  readonly skips: boolean
  readonly after: readonly SqlValue[] | null
  /** Orders that were taken over in this pass over the table, and are not to be taken again in it. */
  readonly takenOver: ReadonlySet<string>
  /** What the last attempt was about to take: by these ids and the token it is found out what became of it. */
  readonly remembered: { orders: readonly FoundOrder[]; last: readonly SqlValue[] | null }
}

/**
 * Takes orders for a worker: each is leased to him alone.
 *
 * 1. Rows that are due are read and locked, past those that others have locked; where the server cannot do that, they are
 *    read, and some of them chosen.
 * 2. The guarded UPDATE: each must wait and be due, or its lease be over, in this very statement. It writes token, deadline
 *    and one more attempt. Where fewer rows are changed than were read, those that were are known by the token.
 * 3. COMMIT. Only then are they worked for.
 *
 * If the process dies before COMMIT: nothing has happened. After it: their leases run out, and another worker takes over.
 */
export class TakeUnit extends Unit<Taken | null> {
  readonly #call: TakeCall
  #taken: Taken = { orders: [], last: null }

  constructor(call: TakeCall, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
  }

  *decide(): Steps<Need, Verdict<Taken | null>> {
    const { resolving, remembered } = this.#call
    yield* this.beginReadCommitted()
    if (resolving) {
      const orders = yield* this.#own(remembered.orders)
      this.#taken = { orders, last: remembered.last }
      return orders.length === 0 ? { is: 'decided', result: { orders, last: null, again: true } } : CLAIMED
    }
    const found = yield* this.#find()
    const { orders } = found
    if (orders.length === 0) return { is: 'decided', result: { orders: [], last: found.last } }
    remembered.orders = orders
    remembered.last = found.last
    const changed = yield* this.#lease(orders)
    if (changed === 0) return MOVED
    const whole = this.#call.skips && changed === orders.length
    this.#taken = { orders: whole ? orders.map(taken) : yield* this.#own(orders), last: found.last }
    return CLAIMED
  }

  *finish(): Steps<Need, Taken> {
    return this.#taken
  }

  *#find(): Steps<Need, { readonly orders: readonly FoundOrder[]; readonly last: readonly SqlValue[] | null }> {
    const { table, wanted } = this.#call
    if (table.dueAt !== null) return { orders: apart(yield* this.#pick('due', wanted, null)), last: null }
    let { after } = this.#call
    const orders = apart(yield* this.#pick('over', wanted, null))
    if (orders.length > 0) return { orders, last: after }
    while (orders.length < wanted) {
      const limit = wanted - orders.length
      const waiting = yield* this.#pick('waiting', limit, after)
      after = waiting.at(-1)?.ids ?? after
      orders.push(...waiting.filter(({ key }) => !this.#call.takenOver.has(key)))
      if (waiting.length < limit) break
    }
    return { orders, last: after }
  }

  *#pick(source: Source, wanted: number, after: readonly SqlValue[] | null): Steps<Need, FoundOrder[]> {
    const { drain, table, read, skips } = this.#call
    // In the order of the ids none may be left out.
    const chooses = !skips && source !== 'waiting'
    const limit = chooses ? wanted * CANDIDATES : wanted
    const lock: SelectLock = skips ? 'skip' : 'none'
    const values = new Map(this.#call.values)
    after?.forEach((value, index) => values.set(NAMES.after(index), value))
    const template = drain.pick({ source, limit, read, lock, after: after !== null })
    const rows = yield* this.ask(bind(template, values))
    const orders = rows.map((row) => foundOrder(row, read, table))
    if (!chooses || orders.length <= wanted) return orders
    const from = Math.floor(Math.random() * (orders.length - wanted + 1))
    return orders.slice(from, from + wanted)
  }

  *#lease(orders: readonly FoundOrder[]): Steps<Need, number> {
    const { drain, values } = this.#call
    let changed = 0
    for (const leased of [false, true]) {
      const some = orders.filter((order) => order.leased === leased)
      if (some.length === 0) continue
      const transition = leased ? TRANSITIONS.takeOver : TRANSITIONS.take
      const template = drain.change(transition, some.length, PLAIN_SHAPE, this.alone)
      changed += yield* this.write(bind(template, bindIds(values, some)), null)
    }
    return changed
  }

  /** Those that have the token of this call. */
  *#own(asked: readonly FoundOrder[]): Steps<Need, TakenOrder[]> {
    const { drain, table, read, values } = this.#call
    if (asked.length === 0) return []
    const before = new Map(asked.map((order) => [order.key, order]))
    const rows = yield* this.ask(bind(drain.owned(asked.length, read, 'update'), bindIds(values, asked)))
    return rows
      .map((row) => foundOrder(row, read, table))
      .filter(({ leased }) => leased)
      .map((order) => ({ ...order, wasLeased: before.get(order.key)?.leased === true }))
  }
}

/**
 * What somebody has left is taken alone. He may have died of it: those that were leased together with it would be counted
 * one more attempt each time, and be given up with it, though nobody had begun with them.
 */
function apart(orders: FoundOrder[]): FoundOrder[] {
  const left = orders.findIndex(({ leased }) => leased)
  return left === -1 ? orders : orders.slice(0, Math.max(1, left))
}

/** As it is since the UPDATE: its row was locked from the reading on. */
const taken = ({ leased, ...order }: FoundOrder): TakenOrder => ({
  ...order,
  attempts: order.attempts + 1,
  wasLeased: leased,
})
