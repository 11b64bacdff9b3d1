/** The call's time is up, or its caller gave up, while `race` waited. */
export class Interruption extends Error {
  readonly by: 'timer' | 'signal'

  constructor(by: 'timer' | 'signal', cause?: unknown) {
    super(by === 'timer' ? 'The time given to the call is over.' : 'The signal of the caller fired.', { cause })
    this.by = by
  }
}

const nothing = (): void => {}

/**
 * How long one call may take, and whether its caller still wants it. One timer a call; `stop` must be called at its
 * end. After `stop` nothing fires.
 */
export class Deadline {
  readonly #startedAt = performance.now()
  readonly #timeoutMs: number
  readonly #callerSignal: AbortSignal | undefined
  readonly #timer: NodeJS.Timeout | undefined
  readonly #onAbort: () => void
  readonly #interrupted: Promise<never>
  readonly #controller = new AbortController()
  #reject: (interruption: Interruption) => void = nothing
  #interruption: Interruption | undefined

  constructor(timeoutMs: number, callerSignal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs
    this.#callerSignal = callerSignal
    this.#interrupted = new Promise((_resolve, reject) => {
      this.#reject = reject
    })
    this.#interrupted.catch(nothing)
    this.#timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => this.#interrupt(new Interruption('timer')), timeoutMs)
      : undefined
    this.#onAbort = () => this.#interrupt(new Interruption('signal', callerSignal?.reason))
    if (callerSignal?.aborted === true) this.#onAbort()
    else callerSignal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Fires together with the timer or the caller's signal: what an effect is given. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get elapsedMs(): number {
    return Math.round(performance.now() - this.#startedAt)
  }

  get remainingMs(): number {
    return Math.max(0, this.#timeoutMs - (performance.now() - this.#startedAt))
  }

  /** The step between two statements: throws {@link Interruption} once it is over. */
  check(): void {
    if (this.#interruption === undefined && this.remainingMs === 0) this.#interrupt(new Interruption('timer'))
    if (this.#interruption !== undefined) throw this.#interruption
  }

  /** Waits for a promise, but no longer than the call may take. What the promise does later is nobody's concern. */
  async race<T>(promise: Promise<T>): Promise<T> {
    promise.catch(nothing)
    return await Promise.race([promise, this.#interrupted])
  }

  /** Waits; throws {@link Interruption} when it is over before. */
  async pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    try {
      await this.race(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))))
    } finally {
      clearTimeout(timer)
    }
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#callerSignal?.removeEventListener('abort', this.#onAbort)
  }

  #interrupt(interruption: Interruption): void {
    if (this.#interruption !== undefined) return
    this.#interruption = interruption
    this.#controller.abort(interruption)
    this.#reject(interruption)
  }
}
