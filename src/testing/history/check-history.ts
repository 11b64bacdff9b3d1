import { ofKind, UNKNOWN_ORDER } from './event.ts'
import type { HistoryEvent } from './event.ts'
import type { History } from './history.ts'
import { mergeHistories } from './lines.ts'
import { storyOf } from './order-story.ts'
import { brokenClaimRules } from './rules-of-claims.ts'
import { brokenLeaseRules } from './rules-of-leases.ts'
import { brokenPoolRules } from './rules-of-pools.ts'
import { explain } from './timeline.ts'
import type { Violation } from './violation.ts'

/** The settings of {@link checkHistory}. */
export interface CheckOptions {
  /**
   * Milliseconds by which the clocks of two processes may differ; within one process they do not. What happened closer
   * together than that is not judged by time. Default: 50
   */
  readonly clockSkewMs?: number
}

/**
 * Judges a history: at most one claim for each passage of an order through waiting, effects exactly once, no paid order
 * lost, no lease held by two, no pool item given twice. See {@link Rule} for each rule.
 *
 * Only what is certain is a violation: where calls overlap, or the outcome of one is unknown, every order of events is
 * allowed that could have been. What is recovered (`recovered: true`) is the claim that it recovers, and not another.
 *
 * @param history one history, or the events of several processes ({@link mergeHistories})
 * @returns what is wrong; empty where nothing is
 */
export function checkHistory(history: History | readonly HistoryEvent[], options: CheckOptions = {}): Violation[] {
  const { clockSkewMs: skewMs = 50 } = options
  if (!(skewMs >= 0)) throw new TypeError(`clockSkewMs is ${skewMs}. It is a number of milliseconds, 0 or more.`)
  const events = withOrders(mergeHistories(history))
  const effectsAreRecorded = ofKind(events, 'effect_committed').length > 0
  const stories = new Map([...byOrder(events)].map(([order, itsEvents]) => [order, storyOf(order, itsEvents)] as const))
  const found = [...stories.values()].flatMap((story) => [
    ...brokenClaimRules(story, { skewMs, effectsAreRecorded }),
    ...brokenLeaseRules(story, skewMs),
  ])
  return [...found, ...brokenPoolRules(events, stories)]
}

/** A history shows what must not be. The message explains each violation as a timeline. */
export class HistoryViolated extends Error {
  override readonly name = 'HistoryViolated'
  readonly violations: readonly Violation[]

  constructor(violations: readonly Violation[], events: number) {
    const count = violations.length === 1 ? 'A violation' : `${violations.length} violations`
    const shown = violations.slice(0, MOST_VIOLATIONS).map(explain)
    const rest = violations.length - shown.length
    const more = rest === 0 ? [] : [`… and ${rest} more; all are in the error's "violations".`]
    super([`${count} in a history of ${events} events.`, ...shown, ...more].join('\n\n'))
    this.violations = violations
  }
}

const MOST_VIOLATIONS = 10

/**
 * Fails a test whose history is wrong; takes what {@link checkHistory} takes.
 *
 * @throws {HistoryViolated} with a timeline for each violation
 */
export function assertHistory(history: History | readonly HistoryEvent[], options: CheckOptions = {}): void {
  const violations = checkHistory(history, options)
  if (violations.length > 0) throw new HistoryViolated(violations, mergeHistories(history).length)
}

/** What is resolved later is known by its claim: the order is that of the call which left it unknown. */
function withOrders(events: readonly HistoryEvent[]): HistoryEvent[] {
  const orders = new Map<string, string>()
  for (const event of ofKind(events, 'error')) {
    if (event.claim !== undefined && event.order !== UNKNOWN_ORDER) orders.set(event.claim, event.order)
  }
  const calls = new Map(ofKind(events, 'started').map((event) => [event.call, orders.get(event.claim ?? '')]))
  return events.map((event) => {
    if (event.order !== UNKNOWN_ORDER) return event
    const order = 'call' in event ? calls.get(event.call ?? '') : undefined
    return order === undefined ? event : { ...event, order }
  })
}

function byOrder(events: readonly HistoryEvent[]): Map<string, HistoryEvent[]> {
  const orders = new Map<string, HistoryEvent[]>()
  for (const event of events) {
    // Faults and notes that belong to no order are not a part of any one's timeline.
    if (event.order === undefined || event.order === UNKNOWN_ORDER) continue
    const its = orders.get(event.order)
    if (its === undefined) orders.set(event.order, [event])
    else its.push(event)
  }
  return orders
}
