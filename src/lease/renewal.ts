import type { EventDetail } from '../events.ts'
import { leaseLost } from './lease-errors.ts'

export interface RenewalOptions {
  /** Its number. */
  readonly lease: number
  readonly leaseMs: number
  /** The lease lasts from then on, by this process' monotonic clock, and not longer: the database's began later. */
  readonly takenAt: number
  /** `false`: the order is somebody else's. */
  readonly renew: () => Promise<boolean>
  readonly tell: (what: EventDetail) => void
  /** The error of an order that is somebody else's. */
  readonly lost: () => Error
}

/** How much of a lease passes before it is renewed; a failure leaves room for as much again. */
export const PART = 1 / 3
/** The pause after a renewal that failed, as a part of the lease. */
export const RETRY_PART = 1 / 10

/**
 * Renews a lease as long as its work goes on, and fires a signal when it is lost: the order is somebody else's, or may
 * be, because its time has passed and it could not be renewed.
 */
export class Renewal {
  readonly #options: RenewalOptions
  readonly #controller = new AbortController()
  readonly #lost = Promise.withResolvers<never>()
  #next: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: RenewalOptions) {
    this.#options = options
    this.#lost.promise.catch(() => {})
    this.#lastsFrom(options.takenAt)
    this.#renewIn(Math.max(0, options.takenAt + options.leaseMs * PART - performance.now()))
  }

  /** What the work is given. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Rejects when the order is somebody else's for sure. Never resolves. */
  get lost(): Promise<never> {
    return this.#lost.promise
  }

  /** Fires the signal; the lease is still renewed, and the order still this worker's. */
  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** No more renewals. One that is under way does no harm: it is guarded by status and token. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#next)
    clearTimeout(this.#expiry)
  }

  #lastsFrom(start: number): void {
    clearTimeout(this.#expiry)
    const ms = start + this.#options.leaseMs - performance.now()
    this.#expiry = setTimeout(() => this.#controller.abort(leaseLost('before the work was done: its time is over')), ms)
  }

  #renewIn(ms: number): void {
    this.#next = setTimeout(() => void this.#renew(), ms)
  }

  async #renew(): Promise<void> {
    const { lease, leaseMs, renew, tell } = this.#options
    const askedAt = performance.now()
    try {
      const renewed = await renew()
      if (this.#stopped) return
      if (!renewed) {
        this.#lose()
        return
      }
      this.#lastsFrom(askedAt)
      tell({ type: 'lease_renewed', lease, leaseMs, tookMs: Math.ceil(performance.now() - askedAt) })
      this.#renewIn(leaseMs * PART)
    } catch (error) {
      if (this.#stopped) return
      tell({ type: 'renewal_failed', error })
      this.#renewIn(leaseMs * RETRY_PART)
    }
  }

  #lose(): void {
    this.stop()
    this.#options.tell({ type: 'lease_lost' })
    const error = this.#options.lost()
    this.#controller.abort(error)
    this.#lost.reject(error)
  }
}
