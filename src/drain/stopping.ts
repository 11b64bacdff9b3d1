import { setImmediate as turn } from 'node:timers/promises'

/** Whether a run is to stop: by its caller's signal, or because it cannot go on. */
export class Stopping {
  readonly #signal: AbortSignal | undefined
  readonly #afterMs: number
  readonly #late = new AbortController()
  /** What ends a pause goes with its pause, so that a loop of years leaves nothing behind. */
  readonly #acts = new Set<() => void>()
  #isAsked = false
  #timer: NodeJS.Timeout | undefined

  constructor(signal: AbortSignal | undefined, afterMs: number) {
    this.#signal = signal
    this.#afterMs = afterMs
    if (signal?.aborted === true) this.#onAbort()
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Nothing new is begun. */
  get asked(): boolean {
    return this.#isAsked
  }

  /** Fires when what is under way has had its time. */
  get late(): AbortSignal {
    return this.#late.signal
  }

  /** The same, when timers and signals have had their turn. */
  async askedByNow(): Promise<boolean> {
    if (!this.#isAsked) await turn()
    return this.#isAsked
  }

  /** What is to be done at once when the run is to stop. */
  whenAsked(act: () => void): void {
    this.#acts.add(act)
  }

  ask(reason: unknown): void {
    if (this.#isAsked) return
    this.#isAsked = true
    for (const act of this.#acts) act()
    this.#timer = setTimeout(() => this.#late.abort(reason), this.#afterMs)
  }

  /** Waits, but no longer than until it is to stop. */
  async pause(ms: number): Promise<void> {
    if (this.#isAsked) return
    const { promise, resolve } = Promise.withResolvers<null>()
    const wake = (): void => resolve(null)
    const timer = setTimeout(wake, ms)
    this.#acts.add(wake)
    await promise
    clearTimeout(timer)
    this.#acts.delete(wake)
  }

  /** The run is over. */
  end(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => this.ask(this.#signal?.reason)
}
