import { checkHistory, createHistory, explain, mergeHistories } from '../../src/testing/index.ts'
import type { HistoryEvent } from '../../src/testing/index.ts'
import type { Answer } from './contest.ts'
import type { OrderPlan } from './plan/order-plan.ts'
import { Unknowns } from './unknowns.ts'

/** How many violations are told with the whole story of their order. */
const STORIES = 20

/** The clocks of all processes are those of one machine; what is meant is how exactly Node reads them at its start. */
const CLOCK_SKEW_MS = 20

/** The effect's own conflict, after the last try: thrown unchanged, and the order waits for the next callback. */
const OF_EFFECT = /^(?:Deadlock found|Lock wait timeout exceeded)/

/** What the gateway and the saboteur did and were told, for the verdict and for the report. */
export class Journal {
  readonly history = createHistory({ process: 'referee' })
  readonly unknown = { claims: new Unknowns(), leases: new Unknowns() } as const
  readonly outcomes = new Map<string, number>()
  readonly #violations: { readonly order: string; readonly what: string }[] = []
  readonly #winners = new Map<string, Set<number>>()
  readonly #receipts = new Map<string, string>()
  #slowestMs = 0
  #callbacks = 0
  #resolves = 0
  #unanswered = 0
  #retries = 0

  get callbacks(): number {
    return this.#callbacks
  }

  /** How often a worker was asked what became of an earlier call. */
  get resolves(): number {
    return this.#resolves
  }

  /** Callbacks whose worker was killed. */
  get unansweredCalls(): number {
    return this.#unanswered
  }

  get retries(): number {
    return this.#retries
  }

  get slowestMs(): number {
    return this.#slowestMs
  }

  /** How much is wrong so far. */
  get violations(): number {
    return this.#violations.length
  }

  /** The last of it. */
  get lastViolation(): string {
    const last = this.#violations.at(-1)
    return last === undefined ? '' : `: ${last.order} ${last.what}`
  }

  paid({ id, number }: OrderPlan): void {
    this.history.record({ kind: 'paid', order: id, payment: `pay-${number}` })
  }

  struck(order: string, what: string): void {
    this.history.record({ kind: 'fault', order, what })
  }

  called(order: string, call: number, worker: string, what: 'callback' | 'resolve'): void {
    if (what === 'callback') this.#callbacks += 1
    else this.#resolves += 1
    this.history.by(`call ${call}`).record({ kind: 'note', order, what: `${what} → ${worker}` })
  }

  unanswered(order: string, call: number): void {
    this.#unanswered += 1
    this.history.by(`call ${call}`).record({ kind: 'note', order, what: 'its worker was killed' })
  }

  /** @param asked others are asked what became of it */
  answered(order: OrderPlan, call: number, answer: Answer, asked: boolean): void {
    const { outcome, reply, recovered } = answer
    const named = recovered ? `${outcome}, recovered` : outcome
    this.outcomes.set(named, (this.outcomes.get(named) ?? 0) + 1)
    this.#unknownsOf(order).answered(order.id, answer, asked)
    this.history.by(`call ${call}`).record({ kind: 'answered', order: order.id, reply })
    this.#judge(order, call, answer)
  }

  /** Somebody has found out what became of a call, or has not. */
  resolved(order: OrderPlan, call: number, answer: Answer): void {
    this.#judge(order, call, answer)
  }

  /** All who were asked about a call have said what they found. */
  foundOut(order: OrderPlan, call: number, answers: readonly Answer[]): void {
    this.#unknownsOf(order).foundOut(answers)
    const now = answers.filter(({ outcome, recovered }) => outcome === 'claimed' && !recovered)
    if (now.length > 1) this.violation(order.id, `was claimed by ${now.length} who resolved call ${call}`)
  }

  violation(order: string, what: string): void {
    this.#violations.push({ order, what })
  }

  /** Everything that is wrong, by what was noticed and by the histories of all; some of it with its story. */
  judge(workers: readonly HistoryEvent[]): readonly string[] {
    const all = mergeHistories(this.history, workers)
    const broken = checkHistory(all, { clockSkewMs: CLOCK_SKEW_MS })
    return [
      ...broken.slice(0, STORIES).map(explain),
      ...broken.slice(STORIES).map(({ rule, message }) => `${rule}: ${message}`),
      ...this.#violations.map(({ order, what }, index) =>
        [`${order} ${what}`, ...(index < STORIES ? timeline(order, all) : [])].join('\n'),
      ),
    ]
  }

  #unknownsOf({ kind }: OrderPlan): Unknowns {
    return kind === 'lease' ? this.unknown.leases : this.unknown.claims
  }

  #judge(
    { id, kind }: OrderPlan,
    call: number,
    { outcome, reply, message, receipt, retries, elapsedMs }: Answer,
  ): void {
    this.#retries += retries
    this.#slowestMs = Math.max(this.#slowestMs, elapsedMs)
    if (outcome === 'claimed') this.#won(id, call)
    if (outcome === 'error' && !OF_EFFECT.test(message ?? '')) {
      this.violation(id, `threw what is no ClaimError: ${message ?? ''}`)
    }
    if (reply === 'review') this.violation(id, `(${kind}) is to be looked at by a person: ${outcome}. ${message ?? ''}`)
    const known = this.#receipts.get(id)
    if (receipt === null || known === receipt) return
    if (known === undefined) this.#receipts.set(id, receipt)
    else this.violation(id, `was told two receipts: ${known} and ${receipt}`)
  }

  /** A claim that is recovered, by whomever, is that of its own call. Two are too many, also where no table shows it. */
  #won(id: string, call: number): void {
    const winners = this.#winners.get(id) ?? new Set()
    winners.add(call)
    this.#winners.set(id, winners)
    if (winners.size > 1) this.violation(id, `was claimed by ${winners.size} calls`)
  }
}

function timeline(order: string, all: readonly HistoryEvent[]): string[] {
  const events = all.filter((event) => event.order === order)
  const told = explain({ rule: 'not_judged', subject: order, message: '', events, evidence: [] })
  return told.split('\n').slice(1)
}
