import type { Deed } from './deed.ts'
import { ofKind } from './event.ts'
import type { EventOf, HistoryEvent } from './event.ts'
import type { OrderStory } from './order-story.ts'
import { canHaveHappened } from './passages.ts'
import type { Rule, Violation } from './violation.ts'

/** What the effects of an order are counted by. */
export interface Counting {
  readonly skewMs: number
  /** The history has `effect_committed` events, so that an order without any has no effect. */
  readonly effectsAreRecorded: boolean
}

/** At most one claim for each passage through waiting; what is claimed stays claimed; its effect is there once. */
export function* brokenClaimRules(story: OrderStory, counting: Counting): Generator<Violation> {
  const { claims, moves, resets, possibleResets } = story
  if (!canHaveHappened(story, counting.skewMs)) {
    const moved = moves.length === 0 ? '' : ` and moved on ${times(moves.length)}`
    const doubt = possibleResets.length === 0 ? '' : ` (perhaps ${possibleResets.length} more)`
    const all = resets.length + possibleResets.length
    const order = claims.length + moves.length > all + 1 ? '' : ', but not in between'
    const message = `claimed ${times(claims.length)}${moved}, and put back ${times(resets.length)}${doubt}${order}`
    yield violation('claimed_twice', story, message, eventsOf([...claims, ...moves, ...resets]))
  }
  const { final } = story
  if (final === null) {
    const paid = ofKind(story.events, 'paid')
    if (paid.length > 0) {
      yield violation(
        'not_judged',
        story,
        'paid, and the history has no "final" event for it: record what the tables hold',
        paid,
      )
    }
    return
  }
  yield* lost(story, final)
  yield* swallowed(story)
  yield* effects(story, final, counting)
}

/** Who was told that it is handled will not call again. */
function* lost(story: OrderStory, final: EventOf<'final'>): Generator<Violation> {
  const mayHaveBeenPutBack = story.resets.length + story.possibleResets.length > 0
  if (final.claimed || mayHaveBeenPutBack) return
  const handled = repliesOf(story, 'handled')
  if (handled.length > 0) {
    const message = `answered "handled" ${times(handled.length)}, and in the end it is ${shown(final.status)}, not claimed`
    yield violation('claim_lost', story, message, [...handled, final])
    return
  }
  const paid = ofKind(story.events, 'paid')
  if (paid.length === 0 || repliesOf(story, 'review').length > 0) return
  const message = `paid, and in the end it is ${shown(final.status)}, not claimed; nobody was told to look at it`
  yield violation('paid_lost', story, message, [...paid, ...ofKind(story.events, 'gave_up'), final])
}

/** Two payments of one order are not a repetition: the second is to be given back. */
function* swallowed(story: OrderStory): Generator<Violation> {
  if (story.resets.length + story.possibleResets.length > 0) return
  const winner = ofKind(story.events, 'outcome').find(
    ({ outcome, payment }) => outcome === 'claimed' && payment !== undefined,
  )
  if (winner === undefined) return
  const others = ofKind(story.events, 'outcome').filter(
    ({ outcome, payment }) => outcome === 'duplicate' && payment !== undefined && payment !== winner.payment,
  )
  if (others.length === 0) return
  const payments = [...new Set(others.map(({ payment }) => payment))].join(', ')
  const message = `claimed by the payment ${winner.payment}, and the payment ${payments} was called a duplicate: a refund is due`
  yield violation('payment_swallowed', story, message, [winner, ...others])
}

function* effects(story: OrderStory, final: EventOf<'final'>, counting: Counting): Generator<Violation> {
  const entries = ofKind(story.events, 'effect_committed')
  const found = final.effects ?? (counting.effectsAreRecorded ? entries.length : undefined)
  if (found === undefined) return
  const { claims, moves, resets, possibleResets } = story
  // An order that is claimed now was claimed once more than it was put back, whether or not the claim was recorded; where
  // nothing but claims took it away from waiting.
  const now = final.claimed ? 1 : 0
  const most = resets.length + possibleResets.length + now
  const onlyClaims = moves.length === 0 && !story.events.some(({ kind }) => kind.startsWith('lease_'))
  const least = Math.max((onlyClaims ? resets.length : 0) + now, Math.min(claims.length, most))
  const evidence = [...eventsOf([...claims, ...resets]), ...ofKind(story.events, 'effect_ran'), ...entries, final]
  if (found > most) {
    const claimed = most === 0 ? 'not claimed' : `claimed ${times(most)} at most`
    yield violation('effect_repeated', story, `${claimed}, and its effect is there ${times(found)}`, evidence)
  }
  if (found < least) {
    yield violation(
      'effect_missing',
      story,
      `claimed ${times(least)}, and its effect is there ${times(found)}`,
      evidence,
    )
  }
}

const repliesOf = (story: OrderStory, reply: 'handled' | 'review'): HistoryEvent[] =>
  story.events.filter((event) => {
    if (event.kind === 'outcome') return event.reply === reply && event.provisional !== true
    return (event.kind === 'answered' || event.kind === 'error') && event.reply === reply
  })

const eventsOf = (deeds: readonly Deed[]): HistoryEvent[] => deeds.map(({ event }) => event)

const violation = (
  rule: Rule,
  { order, events }: OrderStory,
  message: string,
  evidence: readonly HistoryEvent[],
): Violation => ({ rule, subject: order, message: `order ${order}: ${message}`, events, evidence })

const shown = (status: string | number | null): string => (status === null ? 'NULL' : `"${status}"`)

export const times = (count: number): string => (count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`)
