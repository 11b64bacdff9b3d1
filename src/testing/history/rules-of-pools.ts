import { ofKind } from './event.ts'
import type { HistoryEvent } from './event.ts'
import type { OrderStory } from './order-story.ts'
import type { Violation } from './violation.ts'

/** No item goes to two owners, and no draw gets two items. */
export function* brokenPoolRules(
  events: readonly HistoryEvent[],
  stories: ReadonlyMap<string, OrderStory>,
): Generator<Violation> {
  const given = ofKind(events, 'item_given')
  for (const ofItem of grouped(given, ({ pool, item }) => JSON.stringify([pool, item]))) {
    const owners = distinct(ofItem.map(({ order }) => order))
    const [{ pool, item }] = ofItem
    if (owners.length < 2) continue
    yield {
      rule: 'item_given_twice',
      subject: `${pool} ${item}`,
      message: `pool ${pool}: the item ${item} was given to ${owners.join(' and to ')}`,
      events: events.filter((event) => event.order !== undefined && owners.includes(event.order)),
      evidence: ofItem,
    }
  }
  for (const ofDraw of grouped(given, ({ pool, order, draw }) => JSON.stringify([pool, order, draw]))) {
    const [{ pool, order, draw }] = ofDraw
    const items = distinct(ofDraw.map(({ item }) => item))
    // An order that is claimed again draws again.
    const story = stories.get(order)
    const again = draw === undefined ? (story?.resets.length ?? 0) + (story?.possibleResets.length ?? 0) : 0
    if (items.length <= 1 + again) continue
    yield {
      rule: 'items_for_one_draw',
      subject: order,
      message: `pool ${pool}: ${order} was given ${items.join(' and ')}${draw === undefined ? '' : ` for the draw ${draw}`}`,
      events: story?.events ?? ofDraw,
      evidence: ofDraw,
    }
  }
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): (readonly [Item, ...Item[]])[] {
  const groups = new Map<string, [Item, ...Item[]]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return [...groups.values()]
}

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)]
