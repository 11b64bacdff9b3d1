import { describe, expect, it } from 'vitest'
import { checkHistory, orderKey } from '../../src/testing/index.ts'
import type { HistoryEvent } from '../../src/testing/index.ts'
import { claimed, final, handMade, reset, started } from './support/hand-made.ts'
import type { Line } from './support/hand-made.ts'
import { RIGHT } from './support/right-histories.ts'
import { WRONG } from './support/wrong-histories.ts'

const rules = (events: readonly HistoryEvent[]): string[] => checkHistory(events).map(({ rule }) => rule)

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
    const lines = Array.from({ length: 100 }, (_, index): Line => [index / 10, 'a', claimed(`a#${index}`)])
    expect(rules(handMade(...lines))).toEqual(['claimed_twice'])
  })

  it('with many claims and resets, in turns, is judged at once', () => {
    const turns = (from: number): Line[] =>
      Array.from({ length: 300 }, (_, index): Line[] => [
        [from + index * 10, 'a', started(`a#${from}-${index}`)],
        [from + index * 10 + 1, 'a', claimed(`a#${from}-${index}`)],
        [from + index * 10 + 2, 'a', started(`r#${from}-${index}`, 'reset')],
        [from + index * 10 + 3, 'a', reset(`r#${from}-${index}`)],
      ]).flat()
    expect(rules(handMade(...turns(0), [9000, 'a', final('Wait', 300)]))).toEqual([])
    const twice: Line[] = [
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

it('orders are known by one text, however their id is written', () => {
  expect([7, '7', 7n].map(orderKey)).toEqual(['7', '7', '7'])
  expect(orderKey({ order_no: 'A-1', merchant_id: 7 })).toBe('merchant_id=7 order_no=A-1')
  expect(orderKey(new Uint8Array([1, 171]))).toBe('0x01ab')
})
