import type { Row, Session } from '../adapters/adapter.ts'
import { callersTransactionLost } from '../attempt.ts'
import type { Need } from '../call.ts'
import type { SelectLock } from '../dialects/dialect.ts'
import { runEffect } from '../effect.ts'
import { StatementFailure } from '../failure.ts'
import { bind } from '../sql.ts'
import type { SqlValue, Template } from '../sql.ts'
import type { Steps } from '../steps.ts'
import { CLAIMED, MOVED } from '../strategies/strategy.ts'
import type { Verdict } from '../strategies/strategy.ts'
import { Unit } from '../unit.ts'
import { padded, paddedSize } from '../padded.ts'
import type { DrawAnswer, DrawCall } from './draw-call.ts'
import { heldBy, idOf, itemOf, itemParameters } from './held-items.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { Assignment } from './pool-names.ts'
import { shuffled } from './shuffled.ts'

/** Of how many free items a candidate is chosen, so that those who draw at once do not all want the first. */
const CANDIDATES = 128
/** How often another candidate is tried before the call looks anew. */
const MISSES = 8
/** How often a unique key may refuse the items before that is a fault of the table. */
const COLLISIONS = 4

type Answers = readonly DrawAnswer[]

/** Items that are about to be one request's. */
interface Served {
  readonly request: number
  readonly items: readonly Row[]
}

/**
 * One attempt of a draw.
 *
 * 1. What the owners have already is read. Who has items is given those, and no others; what somebody had reserved, and did
 *    not confirm in time, is free.
 * 2. Free items are picked: locked, past what others have locked; or read, and one of them chosen at random; or those that
 *    the queue names, if they are free.
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
  #given: Served[] = []

  constructor(call: DrawCall, session: Session<unknown>, lockTimeoutMs: number | null) {
    super(call, session, lockTimeoutMs)
    this.#call = call
  }

  *decide(): Steps<Need, Verdict<Answers>> {
    const { requests, candidates, needsTransaction } = this.#call
    yield* needsTransaction ? this.beginReadCommitted() : this.begin()
    if (candidates !== null) candidates.left = candidates.ids
    const rows = yield* this.#held()
    const held = heldBy(rows, requests)
    const lapsed = held.flatMap((holding) => (holding?.is === 'lapsed' ? holding.ids : []))
    if (lapsed.length > 0 && !(yield* this.#expire(lapsed))) return MOVED
    this.#answers = held.map((holding) => (holding === null || holding.is === 'lapsed' ? MISSED : holding))
    const open = this.#answers.flatMap(({ is }, index) => (is === 'missed' ? [index] : []))
    if (open.length === 0) {
      yield* this.expectCommitted(rows[0], false)
      return { is: 'decided', result: this.#answers }
    }
    return this.#call.strategy === 'skip_locked' || requests.length > 1
      ? yield* this.#drawLocked(open)
      : yield* this.#drawCandidate()
  }

  /** The effect is for one owner's items. */
  *finish(attempt: number): Steps<Need, Answers> {
    const answers = [...this.#answers]
    for (const { request, items } of this.#given) {
      const value = yield* runEffect(this.#call, this, items, attempt)
      answers[request] = { is: 'given', items, value, recovered: false, expiresInMs: this.#call.reserveMs }
    }
    return answers
  }

  /**
   * Outside of a transaction of ours what is found may be old, or not committed: then it is read again, locked. The caller's
   * own may show what was long ago, and a unique key has refused what it does not show.
   */
  *#held(): Steps<Need, readonly Row[]> {
    const { reads, requests, shape, joined, learned } = this.#call
    const read = (lock: SelectLock): Steps<Need, readonly Row[]> =>
      this.ask(this.#bound(reads.held(paddedSize(requests.length), shape, lock)))
    if (joined && learned.collisions > 0) return yield* read('update')
    const rows = yield* read('none')
    return (this.alone || joined) && rows.length > 0 ? yield* read('update') : rows
  }

  /** Frees what these owners had reserved, so that they may be given items anew. In the draw's own transaction. */
  *#expire(ids: readonly string[]): Steps<Need, boolean> {
    yield* this.beginForLock()
    const freed = yield* this.tidy(
      bind(this.#call.changes.expire(paddedSize(ids.length), this.alone), this.#withItems(ids)),
    )
    return freed === ids.length
  }

  *#drawLocked(open: readonly number[]): Steps<Need, Verdict<Answers>> {
    const { reads, requests, shape, strategy } = this.#call
    const wanted = open.reduce((sum, index) => sum + (requests[index]?.count ?? 0), 0)
    const locks = strategy === 'skip_locked'
    const most = requests.length > 1 ? paddedSize(wanted) : wanted
    const limit = locks ? most : CANDIDATES + most
    const picked = yield* this.#pick(() => reads.pick(limit, shape, locks ? 'skip' : 'none'))
    const items = locks ? [...picked] : shuffled(picked)
    const served: Served[] = []
    const unserved: number[] = []
    for (const request of open) {
      const count = requests[request]?.count ?? 0
      if (items.length >= count) served.push({ request, items: items.splice(0, count) })
      else unserved.push(request)
    }
    // After what was picked is taken: it is not free any more, and what is left is somebody else's to take.
    const verdict = served.length === 0 ? null : yield* this.#take(served)
    if (unserved.length > 0 && verdict?.is !== 'moved') yield* this.#sayWhyNot(unserved)
    return verdict ?? this.#nothingTaken()
  }

  /** One item, without a lock, and mostly without a transaction. */
  *#drawCandidate(): Steps<Need, Verdict<Answers>> {
    const { reads, shape, requests } = this.#call
    const count = requests[0]?.count ?? 1
    const candidates = shuffled(yield* this.#pick(() => reads.pick(CANDIDATES + count - 1, shape, 'none')))
    if (candidates.length < count) {
      yield* this.#sayWhyNot([0])
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

  /** Free items of the table, or those candidates of the queue that are free. */
  *#pick(fromTable: () => Template): Steps<Need, readonly Row[]> {
    const { candidates, reads, shape } = this.#call
    if (candidates === null) return yield* this.ask(this.#bound(fromTable()))
    const { ids } = candidates
    const picked = yield* this.ask(bind(reads.candidates(paddedSize(ids.length), shape), this.#withItems(ids)))
    candidates.left = picked.map(idOf)
    return picked
  }

  *#take(served: readonly Served[]): Steps<Need, Verdict<Answers>> {
    const { changes, requests, shape, joined, reserveMs, candidates } = this.#call
    // By their place among those who are served: whoever else asks makes no other text of the statement.
    const assignments: Assignment[] = served.flatMap(({ items }, place) =>
      items.map((_item, index) => ({ owner: place, slot: index + 1 })),
    )
    const owners = served.map(
      ({ request }, place) => [POOL_NAMES.owner(place), requests[request]?.owner ?? null] as const,
    )
    const ids = served.flatMap(({ items }) => items.map(idOf))
    const to = reserveMs === null ? 'taken' : 'reserved'
    const statement = changes.take(padded(assignments), to, shape, this.alone)
    const values = new Map([...this.#withItems(ids), ...owners])
    const rows = yield* this.#write(statement, values, ids.length)
    if (rows === null) return MOVED
    if (candidates !== null) candidates.left = candidates.left.filter((id) => !ids.includes(id))
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
    return requests.length > 1 ? yield* this.#someTaken() : MOVED
  }

  /** Of those who were drawn together some have their item, by the token; the others are drawn again. */
  *#someTaken(): Steps<Need, Verdict<Answers>> {
    const held = heldBy(yield* this.#held(), this.#call.requests)
    held.forEach((holding, request) => {
      if (holding === null || holding.is === 'lapsed') return
      this.#answers[request] = holding.is === 'given' ? { ...holding, recovered: false } : holding
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
  *#sayWhyNot(unserved: readonly number[]): Steps<Need, void> {
    const { reads, shape, requests, candidates } = this.#call
    if (candidates !== null) return
    const countOf = (request: number): number => requests[request]?.count ?? 1
    const free = yield* this.ask(this.#bound(reads.someFree(Math.max(...unserved.map(countOf)), shape)))
    const without = unserved.filter((request) => countOf(request) > free.length)
    // The last one may have gone to another request of this owner, since it was asked what he has: it is committed now.
    const held = without.length === 0 ? [] : heldBy(yield* this.#held(), requests)
    for (const request of unserved) {
      const own = held[request] ?? null
      const none: DrawAnswer = own === null || own.is === 'lapsed' ? { is: 'exhausted' } : own
      this.#answers[request] = without.includes(request) ? none : { is: 'contended' }
    }
  }

  /** Free items that others are about to take may become free again: they are waited for, within the time. */
  #nothingTaken(): Verdict<Answers> {
    const waits = this.#answers.some(({ is }) => is === 'contended')
    return waits ? MOVED : { is: 'decided', result: this.#answers }
  }

  #bound(template: Template) {
    return bind(template, this.#call.values)
  }

  #withItems(ids: readonly string[]): ReadonlyMap<string, SqlValue> {
    const { values, table } = this.#call
    return new Map([...values, ...itemParameters(table.id, ids)])
  }
}

const MISSED = { is: 'missed' } as const satisfies DrawAnswer
