import type { Row, Session } from '../adapters/adapter.ts'
import { callersTransactionLost } from '../attempt.ts'
import type { Need } from '../call.ts'
import type { SelectLock } from '../dialects/dialect.ts'
import { asText } from '../dialects/values.ts'
import { runEffect } from '../effect.ts'
import { StatementFailure } from '../failure.ts'
import { bind } from '../sql.ts'
import type { SqlValue, Template } from '../sql.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED, MOVED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import { Unit } from '../unit.ts'
import type { DrawAnswer, DrawCall } from './draw-call.ts'
import { heldBy, itemOf } from './held-items.ts'
import { POOL_FIELDS, POOL_NAMES } from './pool-statements.ts'
import type { Assignment } from './pool-statements.ts'

/** Of how many free items a candidate is chosen, so that those who draw at once do not all want the first. */
const CANDIDATES = 128
/** How often another candidate is tried before the call looks anew. */
const MISSES = 8
/** How often a unique key may refuse the items before that is a fault of the table. */
const COLLISIONS = 4

type Answers = readonly DrawAnswer[]

/**
 * One attempt of a draw.
 *
 * 1. What the owners have already is read. Who has items is given those, and no others.
 * 2. Free items are picked: locked, past what others have locked; or read, and one of them chosen at random.
 * 3. The guarded UPDATE: the items must be free in this very statement, for some servers take no lock without a word. Two
 *    requests of one owner that race both come here; the unique key over scope, owner and slot lets one of them through,
 *    and the other looks anew and finds what the first was given.
 * 4. COMMIT. Only then does anybody have anything.
 *
 * If the process dies before COMMIT: the items are free. After it: the owner asks again, and is given them.
 */
export class DrawUnit extends Unit<Answers> {
  readonly #call: DrawCall
  #answers: DrawAnswer[] = []
  #given: { readonly request: number; readonly items: readonly Row[] }[] = []

  constructor(call: DrawCall, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
  }

  *decide(): Steps<Need, Verdict<Answers>> {
    yield* this.#begin()
    const { requests } = this.#call
    const held = heldBy(yield* this.#held(), requests)
    this.#answers = held.map((answer) => answer ?? { is: 'missed' })
    const open = held.flatMap((answer, index) => (answer === null ? [index] : []))
    if (open.length === 0) return { is: 'decided', result: this.#answers }
    return this.#call.strategy === 'skip_locked' || requests.length > 1
      ? yield* this.#drawLocked(open)
      : yield* this.#drawCandidate()
  }

  /** The effect is for one owner's items. */
  *finish(attempt: number): Steps<Need, Answers> {
    const answers = [...this.#answers]
    for (const { request, items } of this.#given) {
      const value = yield* runEffect(this.#call, this, items, attempt)
      answers[request] = { is: 'given', items, value, recovered: false }
    }
    return answers
  }

  /** Each statement reads what is committed; and under REPEATABLE READ the locks would be on the gaps between items, too. */
  *#begin(): Steps<Need, void> {
    const { adapter, needsTransaction, joined } = this.#call
    const { readCommitted } = adapter.dialect
    if (needsTransaction && !joined && readCommitted !== null) yield* this.send(readCommitted, 'before')
    yield* this.begin()
  }

  /** Outside of a transaction of ours what is found may be old, or not committed: then it is read again, locked. */
  *#held(): Steps<Need, readonly Row[]> {
    const { statements, requests, shape, joined } = this.#call
    const read = (lock: SelectLock): Steps<Need, readonly Row[]> =>
      this.ask(this.#bound(statements.held(requests.length, shape, lock)))
    const rows = yield* read('none')
    return (this.alone || joined) && rows.length > 0 ? yield* read('update') : rows
  }

  *#drawLocked(open: readonly number[]): Steps<Need, Verdict<Answers>> {
    const { statements, requests, shape, strategy } = this.#call
    const wanted = open.reduce((sum, index) => sum + (requests[index]?.count ?? 0), 0)
    const locks = strategy === 'skip_locked'
    const limit = locks ? wanted : CANDIDATES + wanted
    const picked = yield* this.ask(this.#bound(statements.pick(limit, shape, locks ? 'skip' : 'none')))
    const items = locks ? [...picked] : shuffled(picked)
    const served: { readonly request: number; readonly items: readonly Row[] }[] = []
    const unserved: number[] = []
    for (const request of open) {
      const count = requests[request]?.count ?? 0
      if (items.length >= count) served.push({ request, items: items.splice(0, count) })
      else unserved.push(request)
    }
    // After what was picked is taken: it is not free any more, and what is left is somebody else's to take.
    const verdict = served.length === 0 ? null : yield* this.#take(served)
    if (unserved.length > 0 && verdict?.is !== 'moved') {
      for (const request of unserved) this.#answers[request] = yield* this.#whyNot(request)
    }
    return verdict ?? this.#nothingTaken()
  }

  /** One item, without a lock, and mostly without a transaction. */
  *#drawCandidate(): Steps<Need, Verdict<Answers>> {
    const { statements, shape, requests } = this.#call
    const count = requests[0]?.count ?? 1
    const candidates = shuffled(yield* this.ask(this.#bound(statements.pick(CANDIDATES + count - 1, shape, 'none'))))
    if (candidates.length < count) {
      this.#answers[0] = yield* this.#whyNot(0)
      return this.#nothingTaken()
    }
    for (let misses = 0; misses < MISSES && candidates.length >= count; misses += 1) {
      const { collisions } = this.#call.learned
      const verdict = yield* this.#take([{ request: 0, items: candidates.splice(0, count) }])
      const missed = verdict.is === 'moved' && count === 1 && this.#call.learned.collisions === collisions
      if (!missed) return verdict
    }
    return MOVED
  }

  *#take(
    served: readonly { readonly request: number; readonly items: readonly Row[] }[],
  ): Steps<Need, Verdict<Answers>> {
    const { statements, shape, joined } = this.#call
    const assignments: Assignment[] = served.flatMap(({ request, items }) =>
      items.map((_item, index) => ({ owner: request, slot: index + 1 })),
    )
    const ids = served.flatMap(({ items }) => items.map((item) => asText(item[POOL_FIELDS.id])))
    const values = new Map(this.#call.values)
    ids.forEach((id, index) => values.set(POOL_NAMES.item(index), id))
    const rows = yield* this.#write(statements.take(assignments, shape, this.alone), values, ids.length)
    if (rows === null) return MOVED
    if (rows === ids.length) {
      this.#given = served.map(({ request, items }) => ({
        request,
        items: items.map((item, index) => itemOf(item, index + 1)),
      }))
      return CLAIMED
    }
    // A lock was ignored, or somebody was faster.
    if (rows === 0) return MOVED
    if (joined) throw callersTransactionLost(new Error('some of the items were taken by somebody else'))
    return this.#call.requests.length > 1 ? yield* this.#someTaken() : MOVED
  }

  /** Of those who were drawn together some have their item, by the token; the others are drawn again. */
  *#someTaken(): Steps<Need, Verdict<Answers>> {
    const held = heldBy(yield* this.#held(), this.#call.requests)
    held.forEach((answer, request) => {
      if (answer !== null) this.#answers[request] = answer.is === 'given' ? { ...answer, recovered: false } : answer
    })
    return CLAIMED
  }

  /** `null`: a unique key refused it, as it does where another request of the owner was faster. */
  *#write(template: Template, values: ReadonlyMap<string, SqlValue>, wanted: number): Steps<Need, number | null> {
    try {
      return yield* this.write(bind(template, values), wanted)
    } catch (failure) {
      const { adapter, joined, learned } = this.#call
      const { isDuplicateKey, keepsTransactionAfterError } = adapter.dialect
      if (!(failure instanceof StatementFailure) || !isDuplicateKey(failure.error)) throw failure
      learned.collisions += 1
      if (learned.collisions > COLLISIONS || (joined && !keepsTransactionAfterError)) throw failure
      return null
    }
  }

  /** Whether there are as many free items as were asked for, which others are about to take, or not. */
  *#whyNot(request: number): Steps<Need, DrawAnswer> {
    const { statements, shape, requests } = this.#call
    const count = requests[request]?.count ?? 1
    const free = yield* this.ask(this.#bound(statements.free(count, shape)))
    if (free.length >= count) return { is: 'contended' }
    // The last one may have gone to another request of this owner, since it was asked what he has: it is committed now.
    const held = heldBy(yield* this.#held(), requests)[request]
    return held ?? { is: 'exhausted' }
  }

  /** Free items that others are about to take may become free again: they are waited for, within the time. */
  #nothingTaken(): Verdict<Answers> {
    const waits = this.#answers.some(({ is }) => is === 'contended')
    return waits ? MOVED : { is: 'decided', result: this.#answers }
  }

  #bound(template: Template) {
    return bind(template, this.#call.values)
  }
}

/** In random order. https://en.wikipedia.org/wiki/Fisher%E2%80%93Yates_shuffle */
function shuffled(rows: readonly Row[]): Row[] {
  const all = [...rows]
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    const row = all[last]
    const swapped = all[other]
    if (row === undefined || swapped === undefined) continue
    all[last] = swapped
    all[other] = row
  }
  return all
}
