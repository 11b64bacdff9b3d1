import { expect, test } from 'vitest'
import { ClaimError } from '../../src/index.ts'
import { race } from '../../src/testing/index.ts'

test('all calls stand at the barrier before the first one starts, and start in the same turn', async () => {
  let started = 0
  let turn = 0
  const counting = setImmediate(() => (turn += 1))
  const seen = await race(50, (index) => {
    started += 1
    return { index, turn, before: started - 1 }
  })
  clearImmediate(counting)
  expect(seen.results.map(({ index }) => index)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  expect(new Set(seen.results.map((result) => result.turn)).size).toBe(1)
  expect(seen.results.map(({ before }) => before)).toEqual(Array.from({ length: 50 }, (_, index) => index))
})

test('what the calls came to is counted by its name, also what they throw at once', async () => {
  const ends = [
    () => ({ outcome: 'claimed' }),
    async () => ({ outcome: 'duplicate' }),
    async () => ({ outcome: 'duplicate' }),
    () => {
      throw new ClaimError('CLAIM_TIMEOUT', 'too late')
    },
    async () => {
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' })
    },
    async () => {
      throw new TypeError('wrong')
    },
    () => 7,
    () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever a call throws is counted
      throw 'text'
    },
  ]
  const { settled, results, errors, counts } = await race(ends.length, (index) => ends[index]!())
  expect(counts).toEqual({
    claimed: 1,
    duplicate: 2,
    CLAIM_TIMEOUT: 1,
    ECONNRESET: 1,
    TypeError: 1,
    returned: 1,
    thrown: 1,
  })
  expect(results).toEqual([{ outcome: 'claimed' }, { outcome: 'duplicate' }, { outcome: 'duplicate' }, 7])
  expect(errors).toHaveLength(4)
  expect(settled.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
    'fulfilled',
    'rejected',
  ])
})

test.each([0, -1, 1.5, NaN, Infinity, '3'])('%s calls are refused', async (n) => {
  await expect(race(n as number, () => 1)).rejects.toThrow(
    new RangeError(`n is ${n}. It is a whole number, 1 or more.`),
  )
})
