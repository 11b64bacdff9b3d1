import { setTimeout as pause } from 'node:timers/promises'
import type { Lottery } from './lottery.ts'
import { CAMPAIGN } from './stock-cards.ts'

/** However many draws find the queue empty, it is not filled more often than this. */
const REST_MS = 1000

/** What nobody asks for: reservations that are over become free, and the queue is filled from the table. */
export class Upkeep {
  readonly #lottery: Lottery
  readonly #timer: NodeJS.Timeout
  readonly #stopped = new AbortController()
  #expiring: Promise<void> = Promise.resolve()
  #refilling: Promise<void> | null = null
  #restsUntil = 0

  /** @param everyMs how often, in milliseconds */
  constructor(lottery: Lottery, everyMs: number) {
    this.#lottery = lottery
    this.#timer = setInterval(() => {
      this.#expiring = this.#expire()
      void this.refill()
    }, everyMs)
  }

  /**
   * At the start, when Redis is there again, and when a draw has found the queue empty or stale: at once, or when the last
   * time is a second ago. Those who ask meanwhile get the same one.
   */
  async refill(): Promise<void> {
    this.#refilling ??= this.#refillSoon().finally(() => (this.#refilling = null))
    await this.#refilling
  }

  /** Waits for what is running. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#stopped.abort()
    await Promise.all([this.#expiring, this.#refilling])
  }

  async #refillSoon(): Promise<void> {
    const { queue, cards, story } = this.#lottery
    const { signal } = this.#stopped
    if (queue === null) return
    // It ends early, by an AbortError, when the lottery closes.
    await pause(Math.max(0, this.#restsUntil - performance.now()), undefined, { signal }).catch(() => {})
    if (signal.aborted) return
    try {
      story.refilled(await cards.refill({ scope: CAMPAIGN }))
    } catch (error) {
      story.refilled({ error })
    }
    this.#restsUntil = performance.now() + REST_MS
  }

  async #expire(): Promise<void> {
    const { cards, story } = this.#lottery
    try {
      const { freed } = await cards.expire({ scope: CAMPAIGN })
      if (freed > 0) story.expired({ freed })
    } catch (error) {
      story.expired({ error })
    }
  }
}
