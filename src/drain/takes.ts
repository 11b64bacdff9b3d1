import { sizeWithin } from '../padded.ts'
import type { Batch } from './drain-runner.ts'

const NOTHING: Batch = { token: '', orders: [], more: false, takenAt: 0 }

/**
 * The takes of a run, one after the other. Lanes that wait for orders meanwhile are given them by one take together: fewer
 * transactions, and none that passes over what another lane of the process has locked just now.
 */
export class Takes {
  readonly #take: (wanted: number) => Promise<Batch>
  readonly #batchSize: number
  readonly #most: number
  readonly #waiting: PromiseWithResolvers<Batch>[] = []
  #isTaking = false

  /** @param most how many orders one transaction takes at most */
  constructor(take: (wanted: number) => Promise<Batch>, batchSize: number, most: number) {
    this.#take = take
    this.#batchSize = batchSize
    this.#most = most
  }

  /**
   * Orders for one lane. None: a take that was begun since then has found none, or nothing is to be taken any more.
   *
   * @param isOver the run is to stop
   */
  next(isOver: () => boolean): Promise<Batch> {
    const lane = Promise.withResolvers<Batch>()
    this.#waiting.push(lane)
    if (!this.#isTaking) void this.#goOn(isOver)
    return lane.promise
  }

  async #goOn(isOver: () => boolean): Promise<void> {
    this.#isTaking = true
    while (this.#waiting.length > 0 && !isOver()) await this.#takeForAll(this.#waiting.length)
    this.#isTaking = false
    for (const lane of this.#waiting.splice(0)) lane.resolve(NOTHING)
  }

  async #takeForAll(lanes: number): Promise<void> {
    const size = this.#batchSize
    try {
      const batch = await this.#take(
        lanes === 1 ? size : Math.max(size, sizeWithin(Math.min(lanes * size, this.#most))),
      )
      const { orders } = batch
      if (orders.length === 0) for (const lane of this.#waiting.splice(0, lanes)) lane.resolve(batch)
      // Who gets none of them is the first of the next take: there may be more.
      for (let from = 0; from < orders.length; from += size) {
        this.#waiting.shift()?.resolve({ ...batch, orders: orders.slice(from, from + size) })
      }
    } catch (error) {
      for (const lane of this.#waiting.splice(0, lanes)) lane.reject(error)
    }
  }
}
