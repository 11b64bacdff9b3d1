import { PART, RETRY_PART } from '../lease/renewal.ts'
import type { TakenOrder } from './drain-call.ts'
import type { Batch, DrainRunner } from './drain-runner.ts'

/**
 * The orders of a batch whose turn has not come, or has to come once more. Their leases are renewed together, by one
 * statement, so that nobody takes over an order whose worker lives and is busy with the one before.
 */
export class WaitingOrders {
  readonly #runner: DrainRunner
  readonly #batch: Batch
  readonly #leaseMs: number
  #orders: Map<string, TakenOrder>
  readonly #lost: (order: TakenOrder) => void
  #leasedAt: number
  #timer: NodeJS.Timeout | undefined
  #renewing: Promise<void> | null = null
  #stopped = false

  /** @param lost is told of orders that somebody else has taken over */
  constructor(runner: DrainRunner, batch: Batch, leaseMs: number, lost: (order: TakenOrder) => void) {
    this.#runner = runner
    this.#batch = batch
    this.#leaseMs = leaseMs
    this.#orders = new Map(batch.orders.map((order) => [order.key, order]))
    this.#lost = lost
    this.#leasedAt = batch.takenAt
    this.#renewIn(Math.max(0, batch.takenAt + leaseMs * PART - performance.now()))
  }

  /**
   * The next ones, in the order in which they were due; from here on their leases are whoever's concern who takes them.
   * Gives, too, since when they are leased, by this process' monotonic clock.
   */
  async take(most: number): Promise<readonly [readonly TakenOrder[], number]> {
    // A renewal that is under way says in a moment which of them are lost.
    if (this.#renewing !== null) await this.#renewing
    const orders: TakenOrder[] = []
    for (const order of this.#orders.values()) {
      if (orders.length >= most) break
      orders.push(order)
    }
    for (const { key } of orders) this.#orders.delete(key)
    return [orders, this.#leasedAt]
  }

  get isEmpty(): boolean {
    return this.#orders.size === 0
  }

  /** Their turn is to come again, and they are the next: their leases are renewed as before. */
  add(orders: readonly TakenOrder[]): void {
    this.#orders = new Map([...orders.map((order): [string, TakenOrder] => [order.key, order]), ...this.#orders])
  }

  /** No more renewals. Gives what is left. */
  async stop(): Promise<readonly TakenOrder[]> {
    this.#stopped = true
    clearTimeout(this.#timer)
    return (await this.take(Infinity))[0]
  }

  #renewIn(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#renewing = this.#renew().finally(() => {
        this.#renewing = null
      })
    }, ms)
  }

  async #renew(): Promise<void> {
    const orders = [...this.#orders.values()]
    const askedAt = performance.now()
    let pause = PART
    try {
      if (orders.length > 0) {
        const renewed = await this.#runner.renew(this.#batch, orders)
        if (renewed.is === 'partly') this.#drop(orders.filter(({ key }) => !renewed.own.has(key)))
        if (renewed.is === 'busy') pause = RETRY_PART
      }
      if (pause === PART) this.#leasedAt = askedAt
    } catch (error) {
      pause = RETRY_PART
      this.#runner.tell({ type: 'renewal_failed', error })
    }
    if (!this.#stopped) this.#renewIn(this.#leaseMs * pause)
  }

  #drop(orders: readonly TakenOrder[]): void {
    for (const order of orders) if (this.#orders.delete(order.key)) this.#lost(order)
  }
}
