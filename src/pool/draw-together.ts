import { ClaimError } from '../errors.ts'
import type { SqlValue } from '../sql.ts'
import type { DrawAnswer, DrawRequest } from './draw-call.ts'

/** Draws for all of them in one transaction; the answers stand in the order of the requests. */
export type DrawAll = (requests: readonly DrawRequest[]) => Promise<readonly DrawAnswer[]>

interface Waiting {
  readonly request: DrawRequest
  readonly resolve: (answer: DrawAnswer) => void
  readonly reject: (error: unknown) => void
  readonly since: number
}

/**
 * Requests of one kind that meet in this process are drawn together: while one transaction is under way, those that come
 * wait for the next. Each goes to its own winner, under the same guards; whoever comes alone is drawn alone.
 */
export class DrawTogether {
  readonly #drawAll: DrawAll
  readonly #most: number
  readonly #timeoutMs: number
  readonly #idle: () => void
  #waiting: Waiting[] = []
  #busy = false

  /**
   * @param most how many requests at once
   * @param timeoutMs how long a request that others beat to its item is drawn again
   * @param idle is called when nobody waits any more
   */
  constructor(drawAll: DrawAll, most: number, timeoutMs: number, idle: () => void) {
    this.#drawAll = drawAll
    this.#most = most
    this.#timeoutMs = timeoutMs
    this.#idle = idle
  }

  draw(request: DrawRequest): Promise<DrawAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject, since: performance.now() })
      if (this.#busy) return
      this.#busy = true
      // Those that are made in the same turn of the event loop are in it.
      setImmediate(() => void this.#drawUntilNobodyWaits())
    })
  }

  async #drawUntilNobodyWaits(): Promise<void> {
    while (this.#waiting.length > 0) await this.#drawNext()
    this.#busy = false
    this.#idle()
  }

  async #drawNext(): Promise<void> {
    this.#dismissLate()
    const together = this.#take()
    if (together.length === 0) return
    try {
      const answers = await this.#drawAll(together.map(({ request }) => request))
      together.forEach((waiting, index) => this.#answer(waiting, answers[index]))
    } catch (error) {
      // One of them may be what the database refuses: then each is on its own.
      const apart = error instanceof ClaimError && APART.includes(error.code) && together.length > 1
      if (apart) await this.#drawApart(together)
      else for (const { reject } of together) reject(error)
    }
  }

  /** Whoever has waited for the draws of others until his time was over: nothing has been sent for him. */
  #dismissLate(): void {
    const late = this.#waiting.filter((waiting) => this.#isLate(waiting))
    this.#waiting = this.#waiting.filter((waiting) => !late.includes(waiting))
    for (const { resolve } of late) resolve({ is: 'contended' })
  }

  #isLate({ since }: Waiting): boolean {
    return performance.now() - since >= this.#timeoutMs
  }

  /** Each owner once: a second request of his is answered with what the first was given. */
  #take(): Waiting[] {
    const owners = new Set<SqlValue>()
    const taken: Waiting[] = []
    const left: Waiting[] = []
    for (const waiting of this.#waiting) {
      const owner = keyOf(waiting.request.owner)
      const fits = taken.length < this.#most && !owners.has(owner)
      owners.add(owner)
      if (fits) taken.push(waiting)
      else left.push(waiting)
    }
    this.#waiting = left
    return taken
  }

  #answer(waiting: Waiting, answer: DrawAnswer = { is: 'missed' }): void {
    if (answer.is !== 'missed' && answer.is !== 'contended') waiting.resolve(answer)
    else if (this.#isLate(waiting)) waiting.resolve({ is: 'contended' })
    else this.#waiting.push(waiting)
  }

  async #drawApart(together: readonly Waiting[]): Promise<void> {
    for (const waiting of together) {
      try {
        this.#answer(waiting, (await this.#drawAll([waiting.request]))[0])
      } catch (error) {
        waiting.reject(error)
      }
    }
  }
}

const APART: readonly string[] = ['CLAIM_REJECTED', 'CLAIM_FAILED']

const keyOf = (owner: SqlValue): SqlValue => (owner instanceof Uint8Array ? Buffer.from(owner).toString('hex') : owner)
