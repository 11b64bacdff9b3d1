import type { Happening, HistoryEvent } from '../../../src/testing/index.ts'

/** When, in whose process, what. */
export type Line = readonly [at: number, process: string, happening: Happening]

/** A history made by hand, in the order of its lines. */
export function handMade(...lines: readonly Line[]): HistoryEvent[] {
  const numbers = new Map<string, number>()
  return lines.map(([at, process, happening]) => {
    const number = (numbers.get(process) ?? 0) + 1
    numbers.set(process, number)
    return { ...happening, at: 1_000_000 + at, process, number, actor: process }
  })
}

const order = '7'

export const paid = (payment = 'T-1'): Happening => ({ kind: 'paid', order, payment })
export const started = (call: string, operation: 'claimOnce' | 'leaseOnce' | 'reset' = 'claimOnce'): Happening => ({
  kind: 'started',
  order,
  call,
  operation,
})
export const claimed = (call: string, more: Partial<Extract<Happening, { kind: 'outcome' }>> = {}): Happening => ({
  kind: 'outcome',
  order,
  call,
  operation: 'claimOnce',
  outcome: 'claimed',
  reply: 'handled',
  ...more,
})
export const duplicate = (call: string, payment = 'T-1'): Happening => claimed(call, { outcome: 'duplicate', payment })
export const busy = (call: string): Happening => claimed(call, { outcome: 'busy', reply: 'call_again' })
export const unknown = (call: string, claim: string): Happening => ({
  kind: 'error',
  order,
  call,
  operation: 'claimOnce',
  code: 'CLAIM_UNKNOWN',
  message: 'No answer came to the COMMIT.',
  reply: 'call_again',
  claim,
})
export const reset = (call: string): Happening => ({
  kind: 'outcome',
  order,
  call,
  operation: 'reset',
  outcome: 'reset',
})
export const final = (status: string, effects?: number): Happening => ({
  kind: 'final',
  order,
  status,
  claimed: status === 'Y',
  ...(effects === undefined ? {} : { effects }),
})
export const taken = (call: string, attempt: number, leaseMs = 1000): Happening => ({
  kind: 'lease_taken',
  order,
  call,
  attempt,
  leaseMs,
})
export const completed = (call: string, attempt: number): Happening => ({
  kind: 'lease_completed',
  order,
  call,
  attempt,
})
export const given = (owner: string, item: string, draw?: string): Happening => ({
  kind: 'item_given',
  order: owner,
  pool: 'cards',
  item,
  ...(draw === undefined ? {} : { draw }),
})
export const answered = (reply: 'handled' | 'review' | 'call_again'): Happening => ({ kind: 'answered', order, reply })
export const entry: Happening = { kind: 'effect_committed', order }
export const givenBack = (call: string, attempt: number): Happening => ({
  kind: 'lease_given_back',
  order,
  call,
  attempt,
})
export const renewed = (call: string, attempt: number, leaseMs = 1000): Happening => ({
  kind: 'lease_renewed',
  order,
  call,
  attempt,
  leaseMs,
})
