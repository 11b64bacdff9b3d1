import type { DrainCounts } from './drain-options.ts'

/** Counts what a run does, as it does it. */
export class Tally {
  readonly #counts: Record<keyof DrainCounts, number> = {
    taken: 0,
    takenOver: 0,
    done: 0,
    failed: 0,
    dead: 0,
    lost: 0,
    left: 0,
    givenBack: 0,
  }

  get counts(): DrainCounts {
    return { ...this.#counts }
  }

  add(what: keyof DrainCounts, orders = 1): void {
    this.#counts[what] += orders
  }
}
