import type { ClaimEvent } from 'claim-once'
import type { Lottery } from '../lottery.ts'
import { deliverPrizes } from './deliver.ts'
import { createPrizeWins } from './prize-wins.ts'

/** The server delivers by itself: the same as `npm run deliver`, which may run beside it. */
export class DeliveryTimer {
  readonly #stopped = new AbortController()
  readonly #running: Promise<void>

  /** @param everyMs how often it looks whether something is due, in milliseconds */
  constructor({ db, cards, story }: Lottery, everyMs: number) {
    const onEvent = (event: ClaimEvent): void => {
      const winner = String(event.orderId)
      if (event.type === 'order_done') story.delivery({ winner, outcome: 'sent' })
      if (event.type === 'work_failed') {
        story.delivery({ winner, outcome: event.final ? 'dead' : 'failed', error: event.error })
      }
      if (event.type === 'waits') story.delivery({ winner: null, outcome: 'waits', error: event.error })
    }
    const options = { poll: { intervalMs: everyMs }, signal: this.#stopped.signal }
    this.#running = deliverPrizes(createPrizeWins(db, onEvent), cards, options).then(
      () => {},
      (error: unknown) => story.delivery({ winner: null, outcome: 'ended', error }),
    )
  }

  /** Waits for what is being sent. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }
}
