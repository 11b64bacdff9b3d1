import { expect, test } from 'vitest'
import { bindIds } from '../../src/drain/drain-call.ts'
import { mostRows, padded, paddedSize } from '../../src/padded.ts'

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

test('no statement has more parameters than SQL Server takes, however many columns an id has', () => {
  expect([1, 4, 5, 10, 11, 40].map(mostRows)).toEqual([500, 500, 200, 200, 100, 50])
  for (let columns = 1; columns <= 40; columns += 1) {
    expect(paddedSize(mostRows(columns)) * columns).toBeLessThanOrEqual(2000)
  }
})
