import { ClaimError } from '../errors.ts'
import type { HeldOrder } from '../lease/held-order.ts'
import { completionHeld } from '../lease/lease-errors.ts'
import { NAMES } from '../names.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { TakenOrder } from './drain-call.ts'
import { orderIdOf } from './drain-call.ts'
import type { Batch, DrainRunner } from './drain-runner.ts'
import { pauseAfter } from './drain-terms.ts'
import type { DrainTerms } from './drain-terms.ts'
import { HandlerErrors, Trouble } from './handler-errors.ts'
import { completeOrder } from './order-work.ts'
import type { Stopping } from './stopping.ts'
import type { Tally } from './tally.ts'
import { WaitingOrders } from './waiting-orders.ts'

/**
 * Works off the orders that were taken together: one after the other, or all by one effect. Those whose turn has not come
 * are renewed meanwhile, and given back where it does not come any more.
 */
export class BatchWork {
  readonly #runner: DrainRunner
  readonly #terms: DrainTerms
  readonly #batch: Batch
  readonly #stopping: Stopping
  readonly #tally: Tally
  readonly #waiting: WaitingOrders

  constructor(runner: DrainRunner, terms: DrainTerms, batch: Batch, stopping: Stopping, tally: Tally) {
    this.#runner = runner
    this.#terms = terms
    this.#batch = batch
    this.#stopping = stopping
    this.#tally = tally
    this.#waiting = new WaitingOrders(runner, batch, terms.leaseMs, (order) => this.#isLost(order))
  }

  /**
   * Throws {@link Trouble}.
   *
   * @param takeNext is called when the last of them is begun with, perhaps more than once; not where the next ones are
   *   better left until then
   */
  async run(takeNext: () => void): Promise<void> {
    const { batch } = this.#terms.handler
    const begins = (): void => {
      if (this.#waiting.isEmpty && !this.#leavesNext()) takeNext()
    }
    try {
      if (batch === undefined) await this.#oneByOne(begins)
      else await this.#together(batch, begins)
    } finally {
      await this.giveBack()
    }
  }

  /** Those that it has not begun with, as if they had not been taken. */
  async giveBack(): Promise<void> {
    await this.#putBack(await this.#waiting.stop())
  }

  async #oneByOne(begins: () => void): Promise<void> {
    while (!(await this.#stopsHere())) {
      const [orders, leasedAt] = await this.#waiting.take(1)
      const [order] = orders
      if (order === undefined) return
      begins()
      await (this.#isHopeless(order) ? this.#giveUp(order) : this.#one(order, leasedAt))
    }
  }

  async #one(order: TakenOrder, leasedAt: number): Promise<void> {
    const held = this.#runner.held(this.#batch, order)
    const errors = new HandlerErrors()
    const begun = { work: false }
    try {
      const { recovered } = await completeOrder(held, order, leasedAt, this.#terms, this.#runner, {
        stop: this.#stopping.late,
        errors,
        begun,
      })
      this.#isDone(order, recovered)
    } catch (error) {
      if (held.isKept(error)) {
        this.#isOver(order, error)
        return
      }
      const trouble = errors.isTrouble(error)
      const stopped = this.#stopping.late.aborted && begun.work && errors.has(error)
      // As if it had not been taken, unless something may have been done outside.
      if ((trouble && !begun.work) || stopped) this.#waiting.add([order])
      else await this.#hasFailed(order, held, error)
      if (trouble) throw new Trouble(error)
    }
  }

  /** One effect for all. Where it throws, half as many are tried, until the order that it throws for is alone. */
  async #together(batch: NonNullable<DrainTerms['handler']['batch']>, begins: () => void): Promise<void> {
    const { batchSize } = this.#terms
    let most = batchSize
    while (!(await this.#stopsHere())) {
      const [taken] = await this.#waiting.take(most)
      if (taken.length === 0) return
      for (const order of taken) if (this.#isHopeless(order)) await this.#giveUp(order)
      const orders = taken.filter((order) => !this.#isHopeless(order))
      if (orders.length === 0) continue
      begins()
      const done = await this.#allOf(orders, batch)
      most = done ? Math.min(batchSize, most * 2) : Math.max(1, Math.floor(orders.length / 2))
    }
  }

  /** `false`: the effect has thrown for one of them, or one of them is locked; unless it was alone, they are to be tried again. */
  async #allOf(orders: readonly TakenOrder[], batch: NonNullable<DrainTerms['handler']['batch']>): Promise<boolean> {
    const errors = new HandlerErrors()
    try {
      const held = await this.#runner.complete(this.#batch, orders, errors.watch(batch))
      if (held.is === 'busy' && orders.length > 1) return this.#again(orders)
      if (held.is === 'busy') for (const order of orders) this.#isOver(order, completionHeld())
      if (held.is === 'done') for (const order of orders) this.#isDone(order, held.recovered)
      if (held.is === 'partly') {
        for (const order of orders) if (!held.own.has(order.key)) this.#isLost(order)
        this.#waiting.add(orders.filter(({ key }) => held.own.has(key)))
      }
      return true
    } catch (error) {
      if (!errors.has(error) && error instanceof ClaimError && error.code === 'CLAIM_UNKNOWN') {
        for (const order of orders) this.#isOver(order, error)
        return true
      }
      const [first] = orders
      const trouble = errors.isTrouble(error)
      if (trouble || orders.length > 1 || first === undefined) this.#again(orders)
      else await this.#hasFailed(first, this.#runner.held(this.#batch, first), error)
      if (trouble) throw new Trouble(error)
      return false
    }
  }

  #again(orders: readonly TakenOrder[]): false {
    this.#waiting.add(orders)
    return false
  }

  /**
   * Whether the next batch is left until this one is done with. Work outside may take long, and `batchSize: 1` says that
   * nothing is to be held that could be somebody else's meanwhile. A lane that dies of what somebody has left takes
   * nothing else of its own with it. And SQLite does one thing at a time.
   */
  #leavesNext(): boolean {
    const { batchSize, handler } = this.#terms
    const { orders, more } = this.#batch
    return (
      !more ||
      handler.work !== undefined ||
      batchSize === 1 ||
      orders.some(({ wasLeased }) => wasLeased) ||
      this.#isSqlite
    )
  }

  /**
   * Where a server is waited for, timers and signals have their turn meanwhile. SQLite answers within the call: from order to
   * order nothing would be waited for, and no signal, no renewal, no other request of this process would be heard of before
   * the last one.
   */
  #stopsHere(): boolean | Promise<boolean> {
    return this.#isSqlite ? this.#stopping.askedByNow() : this.#stopping.asked
  }

  get #isSqlite(): boolean {
    return this.#runner.runner.adapter.dialect.name === 'sqlite'
  }

  /** It was taken over from somebody who has had the last attempt that there may be. */
  #isHopeless({ attempts, wasLeased }: TakenOrder): boolean {
    return wasLeased && attempts > this.#terms.maxAttempts
  }

  async #giveUp(order: TakenOrder): Promise<void> {
    const error = new Error(`The order was leased ${order.attempts - 1} times, and nobody was done with it.`)
    await this.#hasFailed(order, this.#runner.held(this.#batch, order), error)
  }

  /** Back to *waiting*, for later, or to *failed*. */
  async #hasFailed(order: TakenOrder, held: HeldOrder, error: unknown): Promise<void> {
    const { attempts } = order
    const final = this.#isFinal(error, attempts)
    held.tell({ type: 'work_failed', lease: attempts, error, final })
    const pauseMs = pauseAfter(attempts, this.#terms.backoff)
    try {
      const transition = final ? TRANSITIONS.fail : TRANSITIONS.retryLater
      const { outcome } = await held.end(transition, error, [[NAMES.pauseMs, String(pauseMs)]])
      if (outcome === 'busy') throw new Error('The order was locked by somebody else. Its lease runs out.')
      if (outcome === 'lost') this.#isLost(order)
      else this.#tally.add(final ? 'dead' : 'failed')
    } catch (failure) {
      held.tell({ type: 'failure_not_noted', error: failure })
      this.#tally.add('left')
    }
  }

  /** Where nobody can say whether it may pass, it may. */
  #isFinal(error: unknown, attempts: number): boolean {
    const { maxAttempts, isRetryable } = this.#terms
    if (this.#runner.runner.config.states.failed === null) return false
    try {
      return attempts >= maxAttempts || !isRetryable(error)
    } catch {
      return false
    }
  }

  async #putBack(orders: readonly TakenOrder[]): Promise<void> {
    if (orders.length === 0) return
    try {
      const givenBack = await this.#runner.putBack(this.#batch, orders)
      this.#tally.add('givenBack', givenBack)
      this.#tally.add('lost', orders.length - givenBack)
      this.#runner.tell({ type: 'given_back', orders: givenBack })
    } catch (error) {
      this.#tally.add('left', orders.length)
      this.#runner.tell({ type: 'failure_not_noted', error })
    }
  }

  #isDone(order: TakenOrder, recovered: boolean): void {
    this.#tally.add('done')
    this.#tell(order, { type: 'order_done', lease: order.attempts, recovered })
  }

  #isLost(order: TakenOrder): void {
    this.#tally.add('lost')
    this.#tell(order, { type: 'lease_lost' })
  }

  /** It is somebody else's, or its lease runs out: nothing of it is written by this worker. */
  #isOver(order: TakenOrder, error: unknown): void {
    const lost = error instanceof ClaimError && error.code === 'CLAIM_LOST'
    this.#tally.add(lost ? 'lost' : 'left')
    this.#tell(order, { type: 'failed', error })
  }

  #tell(order: TakenOrder, what: Parameters<DrainRunner['tell']>[0]): void {
    this.#runner.tell(what, orderIdOf(order, this.#runner.described.table))
  }
}
