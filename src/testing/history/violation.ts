import type { HistoryEvent } from './event.ts'

/**
 * What a history must not show.
 *
 * | rule | what happened |
 * |---|---|
 * | `claimed_twice` | an order was claimed more often than it was put back to waiting |
 * | `claim_lost` | somebody was told that it is handled, and in the end the order is not claimed |
 * | `paid_lost` | a paid order is not claimed in the end, and no person was told |
 * | `payment_swallowed` | a second payment of an order was answered as a repetition of the first |
 * | `effect_repeated` | the effect is there more often than the order was claimed |
 * | `effect_missing` | the order was claimed, and the effect is not there |
 * | `lease_shared` | two had the lease of one order at the same time |
 * | `lease_overtaken` | a lease was completed after another one had been taken over it |
 * | `item_given_twice` | one item of a pool went to two owners |
 * | `items_for_one_draw` | one draw got two items |
 * | `not_judged` | a paid order has no `final` event, so that nothing can be said of it |
 */
export type Rule =
  | 'claimed_twice'
  | 'claim_lost'
  | 'paid_lost'
  | 'payment_swallowed'
  | 'effect_repeated'
  | 'effect_missing'
  | 'lease_shared'
  | 'lease_overtaken'
  | 'item_given_twice'
  | 'items_for_one_draw'
  | 'not_judged'

/** A rule that was broken, by events that leave no other explanation. */
export interface Violation {
  readonly rule: Rule
  /** The order, or the item of a pool. */
  readonly subject: string
  /** One sentence. */
  readonly message: string
  /** Everything that is known of the subject, in the order of time. */
  readonly events: readonly HistoryEvent[]
  /** Those of the events by which it is a violation. */
  readonly evidence: readonly HistoryEvent[]
}
