import { expect, test } from 'vitest'
import type { TakenOrder } from '../../src/drain/drain-call.ts'
import type { Batch } from '../../src/drain/drain-runner.ts'
import { Takes } from '../../src/drain/takes.ts'

const order = (key: number): TakenOrder => ({
  key: String(key),
  ids: [key],
  attempts: 1,
  columns: {},
  wasLeased: false,
})

/** A table with so many orders, of which a take gets no more than it may; and what it was asked for, one after the other. */
function tableOf(orders: number, most = Infinity) {
  const asked: number[] = []
  let next = 0
  let running = 0
  const take = async (wanted: number): Promise<Batch> => {
    asked.push(wanted)
    running += 1
    expect(running).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running -= 1
    const count = Math.min(wanted, most, orders - next)
    next += count
    const taken = Array.from({ length: count }, (_, index) => order(next - count + index))
    return { token: `take ${asked.length}`, orders: taken, more: count === wanted, takenAt: 0 }
  }
  return { take, asked }
}

const never = (): boolean => false
const sizes = (batches: readonly Batch[]): number[] => batches.map(({ orders }) => orders.length)
const times = (lanes: number, takes: Takes): Promise<Batch[]> =>
  Promise.all(Array.from({ length: lanes }, () => takes.next(never)))

test('one lane takes its batch; those that wait meanwhile take theirs together', async () => {
  const { take, asked } = tableOf(1000)
  const batches = await times(6, new Takes(take, 10, 500))
  expect(sizes(batches)).toEqual([10, 10, 10, 10, 10, 10])
  expect(asked).toEqual([10, 50])
  const keys = batches.flatMap(({ orders }) => orders.map(({ key }) => key))
  expect(new Set(keys).size).toBe(60)
})

test('no take is larger than a statement may be, nor of a size of its own', async () => {
  const { take, asked } = tableOf(10_000)
  const batches = await times(12, new Takes(take, 30, 200))
  expect(sizes(batches)).toEqual([30, 30, 30, 30, 30, 30, 30, 20, 30, 30, 30, 10])
  expect(asked).toEqual([30, 200, 100])
})

test('a lane is told that there is nothing only by a take that has found nothing', async () => {
  const { take, asked } = tableOf(3, 1)
  expect(sizes(await times(5, new Takes(take, 1, 500)))).toEqual([1, 1, 1, 0, 0])
  expect(asked).toEqual([1, 2, 2, 2])
})

test('where a take fails, those that it was for are told, and the next ones are not', async () => {
  let calls = 0
  const { take } = tableOf(100)
  const takes = new Takes((wanted) => (calls++ === 1 ? Promise.reject(new Error('away')) : take(wanted)), 1, 500)
  const lanes = [takes.next(never), takes.next(never), takes.next(never)]
  await expect(Promise.allSettled(lanes)).resolves.toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { message: 'away' } },
    { status: 'rejected' },
  ])
  expect((await takes.next(never)).orders).toHaveLength(1)
})

test('once the run is to stop nothing is taken any more, also for those that wait already', async () => {
  const { take, asked } = tableOf(100)
  const takes = new Takes(take, 10, 500)
  let isOver = false
  const lanes = [1, 2, 3].map(() => takes.next(() => isOver))
  isOver = true
  expect(sizes(await Promise.all(lanes))).toEqual([10, 0, 0])
  expect(asked).toEqual([10])
})
