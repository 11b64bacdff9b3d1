import { expect, test } from 'vitest'
import { bindIds } from '../../src/drain/drain-call.ts'
import { padded, paddedSize } from '../../src/padded.ts'

test('of batches of any size there are few statements, and all their places are filled', () => {
  const counts = Array.from({ length: 500 }, (_, index) => index + 1)
  expect(new Set(counts.map(paddedSize)).size).toBeLessThanOrEqual(10)
  for (const count of counts) {
    const orders = Array.from({ length: count }, (_, index) => ({ ids: [String(index)] }))
    expect(padded(orders).length).toBe(paddedSize(count))
    const bound = [...bindIds(new Map(), orders).values()]
    expect([bound.length, new Set(bound).size]).toEqual([paddedSize(count), count])
  }
})
