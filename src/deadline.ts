/** The call's time is up, or its caller gave up, while `race` waited. */
export class Interruption extends Error {
  readonly by: 'timer' | 'signal'

  constructor(by: 'timer' | 'signal', cause?: unknown) {
    super(by === 'timer' ? 'The time given to the call is over.' : 'The signal of the caller fired.', { cause })
    this.by = by
  }
}

/**
 * How long one call may take, and whether its caller still wants it. One timer a call; `stop` must be called at its
 * end. After `stop` nothing fires. What is seldom asked for (a signal) is made when it is asked for: this stands in
 * the way of every claim.
 */
export class Deadline {
  readonly #startedAt = performance.now()
  #timeoutMs: number
  readonly #callerSignal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #onAbort: (() => void) | undefined
  /** What is waited for now; a call waits for one thing at a time. */
  #giveUp: ((interruption: Interruption) => void) | undefined
  #controller: AbortController | undefined
  #interruption: Interruption | undefined

  /** @param timeoutMs milliseconds; `Infinity` for no bound but the caller's signal */
  constructor(timeoutMs: number, callerSignal: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs
    this.#callerSignal = callerSignal
    if (Number.isFinite(timeoutMs)) {
      this.#timer = setTimeout(() => this.#interrupt(new Interruption('timer')), timeoutMs)
    }
    if (callerSignal === undefined) return
    this.#onAbort = () => this.#interrupt(new Interruption('signal', callerSignal.reason))
    if (callerSignal.aborted) this.#onAbort()
    else callerSignal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Fires together with the timer or the caller's signal: what an effect is given. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#interruption !== undefined) this.#controller.abort(this.#interruption)
    return this.#controller.signal
  }

  get elapsedMs(): number {
    return performance.now() - this.#startedAt
  }

  get remainingMs(): number {
    return Math.max(0, this.#timeoutMs - this.elapsedMs)
  }

  /** The step between two statements: throws {@link Interruption} once it is over. */
  check(): void {
    if (this.#interruption === undefined && this.remainingMs === 0) this.#interrupt(new Interruption('timer'))
    if (this.#interruption !== undefined) throw this.#interruption
  }

  /** Waits for a promise, but no longer than the call may take. What the promise does later is nobody's concern. */
  race<T>(promise: Promise<T>): Promise<T> {
    if (this.#interruption !== undefined) {
      promise.catch(() => {})
      return Promise.reject(this.#interruption)
    }
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      promise.then(resolve, reject)
    })
  }

  /** There is so much time left, from now on, if there is less. */
  extend(ms: number): void {
    if (this.#interruption !== undefined || this.remainingMs >= ms) return
    this.#timeoutMs = this.elapsedMs + ms
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#interrupt(new Interruption('timer')), ms)
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
    if (this.#onAbort !== undefined) this.#callerSignal?.removeEventListener('abort', this.#onAbort)
  }

  #interrupt(interruption: Interruption): void {
    if (this.#interruption !== undefined) return
    this.#interruption = interruption
    this.#controller?.abort(interruption)
    this.#giveUp?.(interruption)
  }
}
