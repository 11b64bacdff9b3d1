import { randomUUID } from 'node:crypto'
import type { BoundOptions } from '../bind.ts'
import type { CallBase, Progress } from '../call.ts'
import type { CallRunner } from '../call-runner.ts'
import { Deadline } from '../deadline.ts'
import type { DescribedTable } from '../described-orders.ts'
import type { EventDetail } from '../events.ts'
import { HeldOrder } from '../lease/held-order.ts'
import { RAN_OUT } from '../lease/lease-kinds.ts'
import { NAMES } from '../names.ts'
import { errorText } from '../note-failure.ts'
import type { EffectContext } from '../options.ts'
import { mostRows } from '../padded.ts'
import { noResult } from '../result.ts'
import type { SqlValue } from '../sql.ts'
import { asksOwn } from '../statements.ts'
import { columnOf } from '../table.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { CallBounds } from '../tries.ts'
import { orderIdOf } from './drain-call.ts'
import type { TakenOrder } from './drain-call.ts'
import { takenByNobody, unknownChange, unknownTake } from './drain-errors.ts'
import type { DrainTerms } from './drain-terms.ts'
import { HeldUnit } from './held-unit.ts'
import type { HeldCall, HeldTogether } from './held-unit.ts'
import { TakeUnit } from './take-unit.ts'
import type { TakeCall, Taken } from './take-unit.ts'
import { Takes } from './takes.ts'

/** Orders that were taken together, by one token. */
export interface Batch {
  readonly token: string
  readonly orders: readonly TakenOrder[]
  /** As many were found as were wanted: there may be more that are due. */
  readonly more: boolean
  /** By this process' monotonic clock, before the database's set their leases. */
  readonly takenAt: number
}

type BatchEffect = (tx: unknown, orders: unknown, context: EffectContext) => unknown

/** What a worker asks of the database. */
export class DrainRunner {
  readonly runner: CallRunner
  readonly described: DescribedTable
  /** What the handler says of columns: which the transaction of the effect reads, and writes beside. */
  readonly bound: BoundOptions
  /** The effect is given nothing but the id: what has been taken need not be read again. */
  readonly knowsAll: boolean
  readonly bounds: CallBounds
  readonly #terms: DrainTerms
  readonly #startedAt = performance.now()
  /** Without `columns.dueAt`: how far the table has been gone through, and what was taken over on the way. */
  #after: readonly SqlValue[] | null = null
  readonly #takenOver = new Set<string>()
  #pass = 0
  readonly #takes: Takes

  /** Throws `CLAIM_INPUT` where the handler names columns that the table does not have. */
  constructor(runner: CallRunner, described: DescribedTable, terms: DrainTerms) {
    this.runner = runner
    this.described = described
    this.#terms = terms
    this.bounds = terms.bounds
    const most = mostRows(described.table.id.length)
    this.#takes = new Takes((wanted) => this.#take(wanted), terms.batchSize, most)
    // What the table does not have is said before anything is taken.
    const { read = [], set } = terms.handler
    const options = { read, ...(set && { set }) }
    this.bound = runner.bindOptions(options, described)
    const ids = described.table.id.map(({ description }) => description.name)
    this.knowsAll = read.every((name) => ids.includes(columnOf(described.table, name).description.name))
    if (this.knowsAll) this.bound = runner.bindOptions({ ...options, read: [] }, described)
  }

  /** Orders that are due, leased to whoever asks; none where there are none, or where the run is to stop. */
  take(isOver: () => boolean): Promise<Batch> {
    return this.#takes.next(isOver)
  }

  /** The table is gone through from its beginning. */
  newPass(): void {
    this.#pass += 1
    this.#after = null
    this.#takenOver.clear()
  }

  held({ token }: Batch, order: TakenOrder): HeldOrder {
    const orderId = orderIdOf(order, this.described.table)
    return new HeldOrder(this.runner, this.described, orderId, token, this.bounds, this.progress(orderId))
  }

  async renew(batch: Batch, orders: readonly TakenOrder[]): Promise<HeldTogether> {
    return await this.#together(TRANSITIONS.renew, batch, orders)
  }

  /** As if they had not been taken. Gives how many of them were still this worker's. */
  async putBack(batch: Batch, orders: readonly TakenOrder[]): Promise<number> {
    let changed = 0
    for (const left of [false, true]) {
      const some = orders.filter(({ wasLeased }) => wasLeased === left)
      if (some.length === 0) continue
      const held = await this.#together(left ? TRANSITIONS.leaveAgain : TRANSITIONS.putBack, batch, some)
      if (held.is === 'busy') throw new Error('The orders were locked by somebody else. Their leases run out.')
      changed += held.is === 'done' ? some.length : held.changed
    }
    return changed
  }

  /** All of them are claimed, and the effect runs in that transaction; or nothing was done, and it is told whose they are. */
  async complete(batch: Batch, orders: readonly TakenOrder[], effect: BatchEffect): Promise<HeldTogether> {
    const held = await this.#together(TRANSITIONS.complete, batch, orders, effect)
    if (held.is !== 'partly') return held
    const renewed = await this.renew(batch, orders)
    if (renewed.is !== 'done') return renewed
    return { is: 'partly', changed: 0, own: new Set(orders.map(({ key }) => key)) }
  }

  progress(orderId: unknown): Progress {
    return { operation: 'drain', orderId, strategy: 'conditional', startedAt: this.#startedAt, attempt: 1 }
  }

  tell(what: EventDetail, orderId: unknown = null): void {
    this.runner.tell(this.progress(orderId), what)
  }

  /** What the statements of a worker have in common. */
  base(): Pick<CallBase, 'adapter' | 'table' | 'joined' | 'resolving' | 'deadline' | 'learned' | 'tell' | 'gaveUp'> {
    const { table } = this.described
    return {
      adapter: this.runner.adapter,
      table,
      joined: false,
      resolving: false,
      deadline: new Deadline(this.bounds.timeoutMs, undefined),
      learned: { ownTransaction: !table.server.autocommit, effectRan: false, collisions: 0 },
      tell: (what) => this.tell(what),
      gaveUp: () => undefined,
    }
  }

  /** What they may bind. */
  values(token: string | null): Map<string, SqlValue> {
    const { table } = this.described
    const values = this.runner.ownValues(this.described, token)
    return values
      .set(NAMES.leaseMs, String(this.#terms.leaseMs))
      .set(NAMES.error, errorText(RAN_OUT, table))
      .set(NAMES.result, noResult(table))
  }

  async #take(wanted: number): Promise<Batch> {
    const { described, runner } = this
    const { handler } = this.#terms
    const token = randomUUID()
    const takenAt = performance.now()
    const pass = this.#pass
    const call: TakeCall = {
      ...this.base(),
      ...described,
      values: this.values(token),
      wanted,
      // What is done in the database reads its columns there, under the lock of its own transaction.
      read: handler.work === undefined && !this.knowsAll ? [] : (handler.read ?? []),
      skips: runner.adapter.dialect.skipsLocked(described.table.server),
      after: this.#after,
      takenOver: this.#takenOver,
      remembered: { orders: [], last: null },
      effect: undefined,
      needsTransaction: true,
      busy: null,
      won: (value) => value as Taken,
      recovered: null,
      newUnit(this: TakeCall, session, lockTimeoutMs) {
        return new TakeUnit(this, session, lockTimeoutMs)
      },
      inDoubt(this: TakeCall) {
        return { ...this, resolving: true }
      },
    }
    const decided = await runner.decide(call, this.bounds, null, this.progress(null))
    if (decided.is === 'unknown') throw unknownTake(decided)
    if (decided.result === null) throw takenByNobody()
    const { orders, last, again } = decided.result
    if (again === true) return await this.#take(wanted)
    if (last !== null && pass === this.#pass) this.#after = last
    // Where they fail they wait again, perhaps further on; nothing says when they are due.
    if (described.table.dueAt === null) {
      for (const { key, wasLeased } of orders) if (wasLeased) this.#takenOver.add(key)
    }
    return { token, orders, takenAt, more: orders.length >= wanted }
  }

  async #together(
    transition: HeldCall['transition'],
    { token }: Batch,
    orders: readonly TakenOrder[],
    effect?: BatchEffect,
  ): Promise<HeldTogether> {
    const { described, runner } = this
    const bound = effect === undefined ? runner.bindOptions({}, described) : this.bound
    const call: HeldCall = {
      ...this.base(),
      ...described,
      values: new Map([...this.values(token), ...bound.values]),
      shape: asksOwn(bound.shape),
      transition,
      orders,
      effect,
      needsTransaction: effect !== undefined,
      busy: { is: 'busy' },
      won: (value) => value as HeldTogether,
      recovered: () => ({ is: 'done', recovered: true }),
      newUnit(this: HeldCall, session, lockTimeoutMs) {
        return new HeldUnit(this, session, lockTimeoutMs)
      },
      inDoubt(this: HeldCall) {
        return effect === undefined ? null : { ...this, resolving: true }
      },
    }
    const decided = await runner.decide(call, this.bounds, null, this.progress(null))
    if (decided.is === 'done') return decided.result
    throw unknownChange(decided, transition.name)
  }
}
