import { describe, expect, it } from 'vitest'
import { checkHistory } from '../../src/testing/index.ts'
import type { Happening, HistoryEvent } from '../../src/testing/index.ts'
import * as made from './support/hand-made.ts'

const { handMade, paid, started, claimed, duplicate, busy, unknown, reset, final, taken, completed, given } = made

const rules = (events: readonly HistoryEvent[]): string[] => checkHistory(events).map(({ rule }) => rule)

const answered = (reply: 'handled' | 'review' | 'call_again'): Happening => ({ kind: 'answered', order: '7', reply })
const entry: Happening = { kind: 'effect_committed', order: '7' }
const back = (call: string, attempt: number): Happening => ({ kind: 'lease_given_back', order: '7', call, attempt })
const renewed = (call: string, attempt: number, leaseMs = 1000): Happening => ({
  kind: 'lease_renewed',
  order: '7',
  call,
  attempt,
  leaseMs,
})

const RIGHT: Readonly<Record<string, HistoryEvent[]>> = {
  'one winner, the others duplicates': handMade(
    [0, 'gateway', paid()],
    [1, 'a', started('a#1')],
    [2, 'b', started('b#1')],
    [3, 'a', claimed('a#1')],
    [4, 'b', duplicate('b#1')],
    [9, 'referee', final('Y', 1)],
  ),
  'a claim, a reset, a claim': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1')],
    [3, 'a', started('a#2', 'reset')],
    [4, 'a', reset('a#2')],
    [5, 'a', started('a#3')],
    [6, 'a', claimed('a#3')],
    [9, 'a', final('Y', 2)],
  ),
  'a claim that was answered after the reset that followed it': handMade(
    [1, 'a', started('a#1')],
    [3, 'b', started('b#1', 'reset')],
    [4, 'b', reset('b#1')],
    [5, 'b', started('b#2')],
    [6, 'b', claimed('b#2')],
    [7, 'a', claimed('a#1')],
  ),
  'the second claim answered first, by a clock that is 30 ms behind': handMade(
    [100, 'a', started('a#1')],
    [101, 'a', claimed('a#1')],
    [102, 'a', started('a#2', 'reset')],
    [103, 'a', reset('a#2')],
    [74, 'b', started('b#1')],
    [75, 'b', claimed('b#1')],
  ),
  'two claims with a reset of which nobody was told': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1')],
    [3, 'b', started('b#1', 'reset')],
    [5, 'a', started('a#2')],
    [6, 'a', claimed('a#2')],
    [9, 'a', final('Y', 2)],
  ),
  'an unknown claim that two resolve': handMade(
    [1, 'a', started('a#1')],
    [5, 'a', unknown('a#1', 'c1')],
    [6, 'a', { kind: 'started', order: '?', call: 'a#2', operation: 'resolve', claim: 'c1' }],
    [7, 'b', { kind: 'started', order: '?', call: 'b#1', operation: 'resolve', claim: 'c1' }],
    [8, 'a', { ...claimed('a#2', { operation: 'resolve', claim: 'c1' }), order: '?' }],
    [9, 'b', { ...claimed('b#1', { operation: 'resolve', claim: 'c1', recovered: true }), order: '?' }],
    [10, 'b', final('Y', 1)],
  ),
  'an unknown claim that nobody resolves, and that has come true': handMade(
    [0, 'gateway', paid()],
    [1, 'a', started('a#1')],
    [5, 'a', unknown('a#1', 'c1')],
    [6, 'b', started('b#1')],
    [7, 'b', duplicate('b#1')],
    [10, 'b', final('Y', 1)],
  ),
  'a call whose process was killed after its COMMIT': handMade(
    [0, 'gateway', paid()],
    [1, 'a', started('a#1')],
    [2, 'a', { kind: 'effect_ran', order: '7', call: 'a#1', attempt: 1 }],
    [10, 'b', final('Y', 1)],
  ),
  'a claim in a transaction of the caller, which he did not commit': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1', { provisional: true })],
    [3, 'a', started('a#2')],
    [4, 'a', claimed('a#2')],
    [9, 'a', final('Y', 1)],
  ),
  'paid after it was cancelled, and a person was told': handMade(
    [0, 'gateway', paid()],
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1', { outcome: 'wrong_status', reply: 'review' })],
    [9, 'a', final('Cancelled', 0)],
  ),
  'bare claims, of which nobody counts effects': handMade([2, 'a', claimed('a#1')], [9, 'a', final('Y')]),
  'an effect that ran twice and is there once': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', { kind: 'effect_ran', order: '7', call: 'a#1', attempt: 1 }],
    [3, 'a', { kind: 'effect_ran', order: '7', call: 'a#1', attempt: 2 }],
    [4, 'a', claimed('a#1')],
    [5, 'referee', entry],
    [9, 'referee', final('Y')],
  ),
  'two payments, of which the second is told': handMade(
    [1, 'a', claimed('a#1', { payment: 'T-1' })],
    [2, 'b', claimed('b#1', { payment: 'T-2', outcome: 'second_payment', reply: 'review' })],
    [9, 'a', final('Y')],
  ),
  'a lease that has run out is taken over': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1, 500)],
    [600, 'b', started('b#1', 'leaseOnce')],
    [602, 'b', taken('b#1', 2, 500)],
    [700, 'b', completed('b#1', 2)],
    [702, 'b', claimed('b#1', { operation: 'leaseOnce' })],
    [900, 'a', { kind: 'lease_lost', order: '7', call: 'a#1', attempt: 1 }],
  ),
  'a lease is taken just as another was given back': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1)],
    [40, 'b', started('b#1', 'leaseOnce')],
    [100, 'b', taken('b#1', 2)],
    [120, 'a', { ...back('a#1', 1), since: 1_000_090 } as Happening],
  ),
  'a lease that may have run out by the time the next call answers': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1, 500)],
    [200, 'b', started('b#1', 'leaseOnce')],
    [490, 'b', taken('b#1', 2, 500)],
  ),
  'each owner gets one item, and is told of it twice': handMade(
    [1, 'a', given('7', 'card-1')],
    [2, 'b', given('8', 'card-2')],
    [3, 'b', given('8', 'card-2')],
    [4, 'a', given('9', 'card-3', 'monday')],
    [5, 'a', given('9', 'card-4', 'tuesday')],
  ),
}

/** Each breaks one rule, which is the first part of its name. */
const WRONG: Readonly<Record<string, HistoryEvent[]>> = {
  'claimed_twice: two calls at once': handMade(
    [1, 'a', started('a#1')],
    [2, 'b', started('b#1')],
    [3, 'a', claimed('a#1')],
    [4, 'b', claimed('b#1')],
    [9, 'referee', final('Y', 1)],
  ),
  'claimed_twice: the reset came after both': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1')],
    [3, 'a', started('a#2')],
    [4, 'a', claimed('a#2')],
    [5, 'a', started('a#3', 'reset')],
    [6, 'a', reset('a#3')],
    [9, 'a', final('Wait', 1)],
  ),
  'claimed_twice: in two processes, longer apart than their clocks can be': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1')],
    [103, 'b', started('b#1')],
    [104, 'b', claimed('b#1')],
    [205, 'b', started('b#2', 'reset')],
    [206, 'b', reset('b#2')],
  ),
  'claimed_twice: recovered, and claimed by another call': handMade(
    [1, 'a', started('a#1')],
    [2, 'b', started('b#1')],
    [3, 'a', claimed('a#1', { recovered: true })],
    [4, 'b', claimed('b#1')],
  ),
  'claimed_twice: two resolve one claim, and both run the effect': handMade(
    [1, 'a', started('a#1')],
    [5, 'a', unknown('a#1', 'c1')],
    [8, 'a', { ...claimed('a#2', { operation: 'resolve', claim: 'c1' }), order: '7' }],
    [9, 'b', { ...claimed('b#1', { operation: 'resolve', claim: 'c1' }), order: '7' }],
  ),
  'claimed_twice: after moveOnce had closed it': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1', { operation: 'moveOnce', outcome: 'moved' })],
    [3, 'a', started('a#2')],
    [4, 'a', claimed('a#2')],
  ),
  'claim_lost: answered and not in the table': handMade(
    [0, 'gateway', paid()],
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1')],
    [9, 'referee', final('Wait', 0)],
  ),
  'claim_lost: the gateway was told before it was true': handMade(
    [0, 'gateway', paid()],
    [1, 'a', busy('a#1')],
    [2, 'a', answered('handled')],
    [9, 'referee', final('Wait', 0)],
  ),
  'claim_lost: a duplicate of nothing': handMade([1, 'a', duplicate('a#1')], [9, 'referee', final('Wait')]),
  'paid_lost: the gateway has given up': handMade(
    [0, 'gateway', paid()],
    [1, 'a', busy('a#1')],
    [2, 'a', answered('call_again')],
    [3, 'gateway', { kind: 'gave_up', order: '7' }],
    [9, 'referee', final('Wait', 0)],
  ),
  'paid_lost: nobody ever called': handMade([0, 'gateway', paid()], [9, 'referee', final('Wait')]),
  'payment_swallowed: the second payment is called a duplicate': handMade(
    [1, 'a', claimed('a#1', { payment: 'T-1' })],
    [2, 'b', duplicate('b#1', 'T-2')],
    [9, 'a', final('Y')],
  ),
  'effect_repeated: two entries of one claim': handMade(
    [1, 'a', started('a#1')],
    [4, 'a', claimed('a#1')],
    [9, 'referee', final('Y', 2)],
  ),
  'effect_repeated: the entries are events': handMade(
    [4, 'a', claimed('a#1')],
    [5, 'referee', entry],
    [6, 'referee', entry],
    [9, 'referee', final('Y')],
  ),
  'effect_repeated: an effect of an order that still waits': handMade(
    [1, 'a', started('a#1')],
    [9, 'referee', final('Wait', 1)],
  ),
  'effect_missing: claimed and not recharged': handMade(
    [0, 'gateway', paid()],
    [4, 'a', claimed('a#1')],
    [9, 'referee', final('Y', 0)],
  ),
  'effect_missing: claimed by a process that was killed before its effect': handMade(
    [0, 'gateway', paid()],
    [1, 'a', started('a#1')],
    [9, 'referee', final('Y', 0)],
  ),
  'effect_missing: another order has entries, this one has none': handMade(
    [1, 'a', { ...entry, order: '8' }],
    [4, 'a', claimed('a#1')],
    [9, 'referee', final('Y')],
  ),
  'effect_missing: of the second passage': handMade(
    [1, 'a', started('a#1')],
    [2, 'a', claimed('a#1')],
    [3, 'a', started('a#2', 'reset')],
    [4, 'a', reset('a#2')],
    [5, 'a', started('a#3')],
    [6, 'a', claimed('a#3')],
    [9, 'a', final('Y', 1)],
  ),
  'lease_shared: one number for two': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [2, 'b', started('b#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1)],
    [4, 'b', taken('b#1', 1)],
  ),
  'lease_shared: taken over while it lasts': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1, 1000)],
    [200, 'b', started('b#1', 'leaseOnce')],
    [210, 'b', taken('b#1', 2, 1000)],
    [1300, 'a', { kind: 'lease_lost', order: '7', call: 'a#1', attempt: 1 }],
  ),
  'lease_shared: taken over in spite of its renewal': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1, 300)],
    [200, 'a', renewed('a#1', 1, 300)],
    [380, 'b', started('b#1', 'leaseOnce')],
    [390, 'b', taken('b#1', 2, 300)],
  ),
  'lease_overtaken: the first one completes after all': handMade(
    [1, 'a', started('a#1', 'leaseOnce')],
    [3, 'a', taken('a#1', 1, 100)],
    [300, 'b', started('b#1', 'leaseOnce')],
    [302, 'b', taken('b#1', 2, 100)],
    [350, 'a', completed('a#1', 1)],
  ),
  'item_given_twice: to two orders': handMade([1, 'a', given('7', 'card-1')], [2, 'b', given('8', 'card-1')]),
  'items_for_one_draw: two cards for one order': handMade(
    [1, 'a', given('7', 'card-1')],
    [2, 'b', given('7', 'card-2')],
  ),
  'items_for_one_draw: for one named draw': handMade(
    [1, 'a', given('7', 'card-1', 'monday')],
    [2, 'b', given('7', 'card-2', 'monday')],
  ),
  'not_judged: paid, and nobody looked at the table': handMade([0, 'gateway', paid()], [1, 'a', claimed('a#1')]),
}

describe('a right history', () => {
  it.each(Object.entries(RIGHT))('%s', (_name, events) => {
    expect(checkHistory(events)).toEqual([])
  })
})

describe('a wrong history', () => {
  it.each(Object.entries(WRONG))('%s', (name, events) => {
    const rule = name.slice(0, name.indexOf(':'))
    const found = checkHistory(events)
    expect(found.map((violation) => violation.rule)).toEqual([rule])
    // What it is judged by is a part of what is shown.
    for (const { evidence, events: shown } of found) {
      expect(evidence.length).toBeGreaterThan(0)
      expect(shown).toEqual(expect.arrayContaining([...evidence]))
    }
  })

  it('is the same from a file, and in whichever order the processes are merged', () => {
    for (const [name, events] of Object.entries(WRONG)) {
      const shuffled = JSON.parse(JSON.stringify(events.toReversed())) as HistoryEvent[]
      expect(rules(shuffled), name).toEqual(rules(events))
    }
  })

  it('with a hundred winners is judged at once', () => {
    const lines = Array.from({ length: 100 }, (_, index): made.Line => [index / 10, 'a', claimed(`a#${index}`)])
    expect(rules(handMade(...lines))).toEqual(['claimed_twice'])
  })

  it('with many claims and resets, in turns, is judged at once', () => {
    const turns = (from: number): made.Line[] =>
      Array.from({ length: 300 }, (_, index): made.Line[] => [
        [from + index * 10, 'a', started(`a#${from}-${index}`)],
        [from + index * 10 + 1, 'a', claimed(`a#${from}-${index}`)],
        [from + index * 10 + 2, 'a', started(`r#${from}-${index}`, 'reset')],
        [from + index * 10 + 3, 'a', reset(`r#${from}-${index}`)],
      ]).flat()
    expect(rules(handMade(...turns(0), [9000, 'a', final('Wait', 300)]))).toEqual([])
    const twice: made.Line[] = [
      [3001, 'a', started('a#x')],
      [3002, 'a', claimed('a#x')],
      [3003, 'a', started('a#y')],
      [3004, 'a', claimed('a#y')],
    ]
    expect(rules(handMade(...turns(0), ...twice, ...turns(4000)))).toEqual(['claimed_twice'])
  })
})

it('the tolerance between clocks is checked', () => {
  expect(() => checkHistory([], { clockSkewMs: -1 })).toThrow(/clockSkewMs is -1/)
  const [, events = []] =
    Object.entries(WRONG).find(([name]) => name.includes('longer apart than their clocks can be')) ?? []
  expect(rules(events)).toEqual(['claimed_twice'])
  expect(checkHistory(events, { clockSkewMs: 500 })).toEqual([])
})
