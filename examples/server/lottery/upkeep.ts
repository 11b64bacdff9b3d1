import type { Lottery } from './lottery.ts'
import { CAMPAIGN } from './stock-cards.ts'

const EVERY_MS = 30_000
/** However many draws find the queue empty or stale, it is not refilled more often than this. */
const REST_MS = 1000

/** What nobody asks for: reservations that are over become free, and the queue is filled from the table. */
export class Upkeep {
  readonly #lottery: Lottery
  readonly #timer: NodeJS.Timeout
  #expiring: Promise<void> = Promise.resolve()
  #refilling: Promise<void> | null = null
  #restsUntil = 0

  constructor(lottery: Lottery) {
    this.#lottery = lottery
    this.#timer = setInterval(() => {
      this.#expiring = this.#expire()
      void this.refill()
    }, EVERY_MS)
  }

  /** At the start, when Redis is there again, and when a draw has found the queue empty or stale. */
  async refill(): Promise<void> {
    const { queue, cards, story } = this.#lottery
    if (queue === null || performance.now() < this.#restsUntil) return
    this.#refilling ??= cards
      .refill({ scope: CAMPAIGN })
      .then(
        (refilled) => story.refilled(refilled),
        (error: unknown) => story.refilled({ error }),
      )
      .finally(() => {
        this.#refilling = null
        this.#restsUntil = performance.now() + REST_MS
      })
    await this.#refilling
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([this.#expiring, this.#refilling])
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
