import { certainlyBefore } from './deed.ts'
import type { Deed } from './deed.ts'
import { ofKind } from './event.ts'
import type { EventOf } from './event.ts'
import type { OrderStory } from './order-story.ts'
import type { Violation } from './violation.ts'

/** A lease of one call, as far as the call can know of it. */
interface Lease extends Deed {
  readonly taken: EventOf<'lease_taken'>
  /** Until when (as `at`) it was held for certain: the database counts from the statement, which came later than `from`. */
  readonly until: number
}

/**
 * No lease is held by two, and none is completed that was taken over.
 *
 * Who holds a lease is decided by the database's clock, which is not seen here. So it is judged by what the database
 * itself has counted (two leases with one number; a higher number before the completion of a lower one), and by time
 * only where no clock can explain it: the second was taken, from the first to the last instant at which that may have
 * happened, while the first had been taken, could not have ended by itself yet, and was not given back.
 */
export function* brokenLeaseRules(story: OrderStory, skewMs: number): Generator<Violation> {
  const leases = leasesIn(story)
  if (leases.length === 0) return
  const putBack = [...story.resets, ...story.possibleResets]
  const seen = new Set<string>()
  for (const [index, first] of leases.entries()) {
    for (const second of leases.slice(index + 1)) {
      if (first.taken.call === second.taken.call && first.taken.call !== undefined) continue
      const pair = [first, second]
      const [earlier, later] = second.to < first.to ? [second, first] : [first, second]
      const between = putBack.some(
        (deed) => !certainlyBefore(deed, earlier, skewMs) && !certainlyBefore(later, deed, skewMs),
      )
      if (between) continue
      const number = first.taken.attempt
      if (number !== undefined && number === second.taken.attempt) {
        if (seen.has(`attempt ${number}`)) continue
        seen.add(`attempt ${number}`)
        yield shared(story, `attempt ${number} was leased to ${nameOf(first)} and to ${nameOf(second)}`, pair)
      } else if (isWithin(later, earlier, skewMs)) {
        yield shared(story, `leased to ${nameOf(later)} while ${nameOf(earlier)} had the lease`, pair)
      }
    }
  }
  if (putBack.length > 0) return
  for (const completed of ofKind(story.events, 'lease_completed')) {
    const over = leases.find(({ taken }) => (taken.attempt ?? 0) > (completed.attempt ?? Infinity))
    if (over === undefined) continue
    yield {
      rule: 'lease_overtaken',
      subject: story.order,
      message: `order ${story.order}: attempt ${completed.attempt} was completed, though attempt ${over.taken.attempt} was leased to ${nameOf(over)}`,
      events: story.events,
      evidence: [over.taken, completed],
    }
  }
}

function leasesIn(story: OrderStory): Lease[] {
  const starts = new Map(ofKind(story.events, 'started').map((event) => [event.call, event.at]))
  const earliest = (event: EventOf<'lease_taken'> | EventOf<'lease_renewed'>): number =>
    event.since ?? starts.get(event.call ?? '') ?? event.at
  const ends = [...ofKind(story.events, 'lease_completed'), ...ofKind(story.events, 'lease_given_back')]
  return ofKind(story.events, 'lease_taken').map((taken) => {
    const same = (event: { readonly call?: string; readonly attempt?: number }): boolean =>
      event.call === taken.call && event.attempt === taken.attempt
    const renewals = ofKind(story.events, 'lease_renewed').filter(same)
    const runsOut = renewals.map((renewed) => (renewed.since ?? renewed.at) + (renewed.leaseMs ?? taken.leaseMs ?? 0))
    const ended = ends.filter(same).map((event) => event.since ?? event.at)
    const from = earliest(taken)
    const until = Math.min(Math.max(from + (taken.leaseMs ?? 0), ...runsOut), ...ended)
    return { event: taken, taken, from, to: taken.at, until }
  })
}

const isWithin = (later: Lease, earlier: Lease, skewMs: number): boolean =>
  certainlyBefore(earlier, later, skewMs) && later.to + SLACK_MS + skewMs < earlier.until

/** The database's milliseconds are not this clock's: a lease is not expected to last to the last of them. */
const SLACK_MS = 20

const shared = (story: OrderStory, message: string, leases: readonly Lease[]): Violation => ({
  rule: 'lease_shared',
  subject: story.order,
  message: `order ${story.order}: ${message}`,
  events: story.events,
  evidence: leases.map(({ taken }) => taken),
})

const nameOf = ({ taken }: Lease): string => taken.call ?? taken.actor
