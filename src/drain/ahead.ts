import type { BatchWork } from './batch-work.ts'
import type { Stopping } from './stopping.ts'

/**
 * Batches that were taken, and that no lane has begun with. When the run is to stop they are given back at once: the effects
 * that are under way may take long, and nobody needs to wait for them.
 */
export class Ahead {
  readonly #stopping: Stopping
  readonly #batches: BatchWork[] = []
  readonly #givenBack: Promise<void>[] = []

  constructor(stopping: Stopping) {
    this.#stopping = stopping
    stopping.whenAsked(() => this.#giveBack())
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0
  }

  next(): BatchWork | undefined {
    return this.#batches.shift()
  }

  add(batch: BatchWork): void {
    this.#batches.push(batch)
    if (this.#stopping.asked) this.#giveBack()
  }

  /** When all that was given back is. */
  async end(): Promise<void> {
    await Promise.all(this.#givenBack)
  }

  #giveBack(): void {
    for (const batch of this.#batches.splice(0)) this.#givenBack.push(batch.giveBack())
  }
}
