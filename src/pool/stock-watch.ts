import type { LowStock, Stock } from './pool-config.ts'

/** How many free items there are; no more than so many are counted. */
export type CountFree = (of: Omit<Stock, 'free'>, most: number) => Promise<number>

interface Watched {
  /** When the stock may be looked at again, by the process' monotonic clock. */
  next: number
  isLow: boolean
  looking: boolean
}

/** How many scopes are watched before those that nobody draws from are forgotten. */
const MOST_KEPT = 1000

/**
 * Looks at what is left, after draws and beside them, and tells when it is low: once, until there is more again. A burst of
 * draws is followed by one look at its end, too.
 */
export class StockWatch {
  readonly #lowStock: Required<LowStock>
  readonly #free: CountFree
  /** By scope and `where`. */
  readonly #watched = new Map<string, Watched>()

  constructor(lowStock: Required<LowStock>, free: CountFree) {
    this.#lowStock = lowStock
    this.#free = free
  }

  /** Something was drawn. */
  drawn(key: string, of: Omit<Stock, 'free'>): void {
    const watched = this.#of(key)
    if (watched.looking) return
    watched.looking = true
    // A look that is still to come does not keep the process alive.
    setTimeout(() => void this.#look(watched, of), Math.max(0, watched.next - performance.now())).unref()
  }

  async #look(watched: Watched, of: Omit<Stock, 'free'>): Promise<void> {
    const { below, everyMs, notify } = this.#lowStock
    watched.looking = false
    watched.next = performance.now() + everyMs
    try {
      const free = await this.#free(of, below)
      const wasLow = watched.isLow
      watched.isLow = free < below
      if (watched.isLow && !wasLow) await notify({ ...of, free })
    } catch {
      // The next draw is followed by another look.
    }
  }

  /** Scopes come and go. One that is forgotten while it is low is told of once more. */
  #forgetIdle(): void {
    for (const [key, { looking }] of this.#watched) if (!looking) this.#watched.delete(key)
  }

  #of(key: string): Watched {
    const known = this.#watched.get(key)
    if (known !== undefined) return known
    if (this.#watched.size >= MOST_KEPT) this.#forgetIdle()
    const watched = { next: 0, isLow: false, looking: false }
    this.#watched.set(key, watched)
    return watched
  }
}
