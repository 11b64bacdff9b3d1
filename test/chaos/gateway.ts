import { setTimeout as pause } from 'node:timers/promises'
import type { Answer } from './contest.ts'
import type { Crew } from './crew.ts'
import type { Journal } from './journal.ts'
import type { OrderPlan } from './plan/order-plan.ts'
import { Prng } from './plan/prng.ts'
import type { ChaosSettings } from './settings.ts'

/** How long anybody waits for an answer of the shop: it is bounded by `timeoutMs` and `resolveTimeoutMs`. */
const PATIENCE_MS = 20_000

/** Tells the shop of a payment, again and again, several times at once, until it is handled. */
export class Gateway {
  readonly #crew: Crew
  readonly #journal: Journal
  readonly #seed: string
  readonly #orderLimitMs: number
  #calls = 0
  #questions = 0

  constructor(crew: Crew, journal: Journal, { seed, orderLimitMs }: Pick<ChaosSettings, 'seed' | 'orderLimitMs'>) {
    this.#crew = crew
    this.#journal = journal
    this.#seed = seed
    this.#orderLimitMs = orderLimitMs
  }

  /**
   * Calls until a callback is answered `handled`; resolves when no call is under way any more. `false`: it was not handled
   * while the gateway had patience.
   */
  async announce(order: OrderPlan): Promise<boolean> {
    const prng = new Prng(`${this.#seed}:gateway:${order.number}`)
    const end = performance.now() + this.#orderLimitMs
    const found: Promise<void>[] = []
    let handled = false
    const line = async (delayMs: number): Promise<void> => {
      await pause(delayMs)
      for (let again = 1; !handled; again += 1) {
        const answer = await this.#callback(order, prng, found)
        if (answer?.reply === 'handled') handled = true
        if (handled || answer?.reply === 'review' || performance.now() > end) return
        // Sooner than any real one, and later from time to time, as they do.
        await pause(prng.between(20, 100 * Math.min(again, 8)))
      }
    }
    let delayMs = 0
    await Promise.all(order.gapsMs.map((gapMs) => line((delayMs += gapMs))))
    await Promise.all(found)
    return handled
  }

  /** A callback that comes long after. It must be a duplicate. */
  async announceLate(order: OrderPlan): Promise<Answer | null> {
    return await this.#callback(order, new Prng(`${this.#seed}:late:${order.number}`), [])
  }

  async #callback(order: OrderPlan, prng: Prng, found: Promise<void>[]): Promise<Answer | null> {
    this.#calls += 1
    const call = this.#calls
    const answer = await this.#ask(order, call, null, prng)
    if (answer === null) return null
    const pending = order.withToken && order.resolvers > 0 ? answer.pending : null
    this.#journal.answered(order, call, answer, pending !== null)
    if (pending !== null) found.push(this.#findOut(order, call, pending, prng))
    return answer
  }

  /** As a shop does that keeps what is pending: other workers are asked what became of it, while callbacks go on. */
  async #findOut(order: OrderPlan, call: number, pending: string, prng: Prng): Promise<void> {
    const end = performance.now() + this.#orderLimitMs
    const askUntilAnswered = async (): Promise<Answer> => {
      for (;;) {
        await pause(prng.between(0, 150))
        const answer = await this.#ask(order, call, pending, prng)
        if (answer !== null) this.#journal.resolved(order, call, answer)
        if (answer !== null && (answer.reply === 'handled' || performance.now() > end)) return answer
      }
    }
    const answers = await Promise.all(Array.from({ length: order.resolvers }, askUntilAnswered))
    this.#journal.foundOut(order, call, answers)
  }

  /** `null`: there will be no answer. */
  async #ask(order: OrderPlan, call: number, pending: string | null, prng: Prng): Promise<Answer | null> {
    const worker = await this.#crew.pick(prng)
    this.#journal.called(order.id, call, worker.name, pending === null ? 'callback' : 'resolve')
    this.#questions += 1
    const limit = new AbortController()
    const late = pause(PATIENCE_MS, 'no answer' as const, { signal: limit.signal }).catch(() => 'no answer' as const)
    const answer = await Promise.race([worker.call(this.#questions, order, pending), late])
    limit.abort()
    if (answer === 'worker killed') this.#journal.unanswered(order.id, call)
    else if (answer === 'no answer') {
      this.#journal.violation(order.id, `call ${call} to ${worker.name} had no answer after ${PATIENCE_MS / 1000} s`)
    } else return answer
    return null
  }
}
