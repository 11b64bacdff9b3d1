import { describe, expect, test } from 'vitest'
import { assertHistory, checkHistory, createHistory, explain, HistoryViolated } from '../../src/testing/index.ts'
import type { History } from '../../src/testing/index.ts'

describe('the explanation', () => {
  const broken = (): History => {
    const history = createHistory({ process: 'shop' })
    const [first, second] = ['shop#1', 'shop#2']
    history.by('gateway').record({ kind: 'paid', order: 7, payment: 'T-1' })
    for (const call of [first, second]) {
      history.record({ kind: 'started', order: 7, call, operation: 'claimOnce', strategy: 'optimistic' })
    }
    for (const call of [first, second]) {
      history.record({ kind: 'outcome', order: 7, call, operation: 'claimOnce', outcome: 'claimed', reply: 'handled' })
    }
    history.by('referee').record({ kind: 'final', order: 7, status: 'Y', claimed: true, effects: 2 })
    return history
  }

  test('is a timeline of the order, one line an event, and marks what it rests on', () => {
    const events = broken().events.map((event, index) => ({ ...event, at: 1000 + index * 1.5 }))
    const [twice, repeated] = checkHistory(events)
    expect(explain(twice!)).toBe(
      `
claimed_twice: order 7: claimed twice, and put back 0 times
    0.0 ms  gateway  paid (T-1)
    1.5 ms  shop#1   claimOnce (optimistic) …
    3.0 ms  shop#2   claimOnce (optimistic) …
  ! 4.5 ms  shop#1   → claimed
  ! 6.0 ms  shop#2   → claimed
    7.5 ms  referee  in the end: Y, claimed, 2 effects`.trimStart(),
    )
    expect(repeated!.message).toBe('order 7: claimed once at most, and its effect is there twice')
  })

  test('is the message of the error that fails the test', () => {
    const history = broken()
    let thrown: unknown
    try {
      assertHistory(history)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(HistoryViolated)
    const { message, violations } = thrown as HistoryViolated
    expect(violations.map(({ rule }) => rule)).toEqual(['claimed_twice', 'effect_repeated'])
    expect(message).toContain('2 violations in a history of 6 events.')
    for (const violation of violations) expect(message).toContain(explain(violation))
  })

  test('of a long history leaves out what says least, and says so', () => {
    const history = broken()
    for (let call = 3; call <= 200; call += 1) {
      history.record({
        kind: 'outcome',
        order: 7,
        call: `shop#${call}`,
        operation: 'claimOnce',
        outcome: 'duplicate',
        reply: 'handled',
      })
    }
    const lines = explain(checkHistory(history)[0]!).split('\n')
    expect(lines.length).toBeLessThan(50)
    expect(lines.filter((line) => line.includes('→ claimed'))).toHaveLength(2)
    expect(lines.at(-1)).toMatch(/… +\d+ events left out$/)
  })

  test('knows every kind of event', () => {
    const history = createHistory({ process: 'p' })
    const order = 7
    const call = 'p#1'
    history.record({ kind: 'paid', order })
    history.record({ kind: 'callback', order, payment: 'T-1' })
    history.record({ kind: 'started', order, call, operation: 'leaseOnce' })
    history.record({ kind: 'lease_taken', order, call, attempt: 1, leaseMs: 500 })
    history.record({ kind: 'fault', order, call, what: 'lost after: commit' })
    history.record({ kind: 'lease_renewed', order, call, attempt: 1 })
    history.record({ kind: 'effect_ran', order, call, attempt: 1 })
    history.record({ kind: 'effect_committed', order })
    history.record({ kind: 'item_given', order, pool: 'cards', item: 'C-1', draw: 'monday' })
    history.record({
      kind: 'error',
      order,
      call,
      operation: 'leaseOnce',
      message: 'no answer',
      code: 'CLAIM_UNKNOWN',
      claim: 'ab',
    })
    history.record({
      kind: 'outcome',
      order,
      call,
      operation: 'resolve',
      outcome: 'claimed',
      recovered: true,
      claim: 'ab',
    })
    history.record({ kind: 'answered', order, reply: 'call_again' })
    history.record({ kind: 'gave_up', order })
    history.record({ kind: 'put_back', order })
    history.record({ kind: 'note', order, what: 'that was it' })
    history.record({ kind: 'final', order, status: null, claimed: false, effects: 2 })
    const [violation] = checkHistory(history)
    const texts = explain(violation!)
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^ +!? *[\d.]+ ms +p(#1)? +/, ''))
    expect(texts).toEqual([
      'paid',
      'callback (T-1)',
      'leaseOnce …',
      'lease taken (attempt 1, for 500 ms)',
      'fault: lost after: commit',
      'lease renewed (attempt 1)',
      'the effect runs (attempt 1)',
      'an entry of the effect is in the tables',
      'is given C-1 of the pool cards (monday)',
      '→ CLAIM_UNKNOWN: no answer (ab)',
      '→ claimed (recovered, of ab)',
      'the gateway is told "call_again"',
      'the gateway stops calling',
      'was put back to waiting by other code',
      'that was it',
      'in the end: NULL, not claimed, 2 effects',
    ])
  })
})
