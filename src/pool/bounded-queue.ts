import { isClaimError } from '../errors.ts'
import type { CandidateQueue } from './candidate-queue.ts'

/** How long a queue that has failed is left alone, in milliseconds: no draw waits for it meanwhile. */
const REST_MS = 1000

/** What came of asking a queue for candidates. */
export type Popped =
  { readonly is: 'popped'; readonly ids: readonly string[] } | { readonly is: 'down'; readonly error: unknown }

/**
 * A queue that is never waited for longer than it may take. Clients keep what is sent while there is no connection, and send
 * it later: candidates that come too late are put back.
 */
export class BoundedQueue {
  readonly #queue: CandidateQueue
  readonly #timeoutMs: number
  #restsUntil = 0
  #error: unknown

  constructor(queue: CandidateQueue, timeoutMs: number) {
    this.#queue = queue
    this.#timeoutMs = timeoutMs
  }

  async pop(list: string, count: number): Promise<Popped> {
    if (performance.now() < this.#restsUntil) return { is: 'down', error: this.#error }
    const asked = settled(() => this.#queue.pop(list, count))
    try {
      const popped = await within(this.#timeoutMs, asked)
      if (!isListOfTexts(popped))
        throw new TypeError('The queue has answered pop() with something else than an array of ids.')
      // More than were asked for would be more than one statement takes.
      this.giveBack(list, popped.slice(count))
      return { is: 'popped', ids: popped.slice(0, count) }
    } catch (error) {
      // It will never work as it is: that is to be seen, and not to be slower for ever.
      if (isClaimError(error) && error.code === 'CLAIM_CONFIG') throw error
      this.#rest(error)
      if (error instanceof NoAnswer) {
        asked.then((late) => this.giveBack(list, late)).catch(() => {})
      }
      return { is: 'down', error }
    }
  }

  /** Not waited for: what is lost on the way is queued again by the next refill. */
  giveBack(list: string, ids: readonly string[]): void {
    if (ids.length > 0) settled(() => this.#queue.push(list, ids)).catch((error: unknown) => this.#rest(error))
  }

  /** Fails when the queue does not ask for the next page, or does not end, within `idleMs`. */
  async replace(list: string, pages: AsyncIterable<readonly string[]>, idleMs: number): Promise<number> {
    const idle = new IdleTimer(idleMs)
    async function* watched(): AsyncGenerator<readonly string[]> {
      idle.stop()
      for await (const page of pages) {
        idle.start()
        yield page
        idle.stop()
      }
      idle.start()
    }
    idle.start()
    try {
      return await Promise.race([settled(() => this.#queue.replace(list, watched())), idle.over])
    } finally {
      idle.stop()
    }
  }

  #rest(error: unknown): void {
    this.#error = error
    this.#restsUntil = performance.now() + REST_MS
  }
}

class NoAnswer extends Error {
  constructor(ms: number) {
    super(`The queue has not answered within ${ms} ms.`)
  }
}

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((id) => typeof id === 'string')

/** A queue of the user's own may throw at once. */
async function settled<Value>(ask: () => Promise<Value>): Promise<Value> {
  return await ask()
}

function within<Value>(ms: number, asked: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(ms)), ms)
    asked.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

class IdleTimer {
  readonly #ms: number
  readonly #over = Promise.withResolvers<never>()
  #timer: NodeJS.Timeout | undefined

  constructor(ms: number) {
    this.#ms = ms
    this.#over.promise.catch(() => {})
  }

  get over(): Promise<never> {
    return this.#over.promise
  }

  start(): void {
    this.stop()
    this.#timer = setTimeout(() => this.#over.reject(new NoAnswer(this.#ms)), this.#ms)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
