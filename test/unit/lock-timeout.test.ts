import { describe, expect, test } from 'vitest'
import { lockTimeoutFor, lockTimeoutOfLater } from '../../src/retry.ts'
import type { LockTime } from '../../src/retry.ts'

const call: LockTime = {
  lockTimeoutMs: null,
  timeoutMs: 2000,
  remainingMs: 2000,
  attempt: 1,
  shortestMs: 0,
  stepMs: 1000,
}
const MYSQL = 1000

describe('a wait for a lock ends before the time of the call does', () => {
  test.each<[string, Partial<LockTime>, number | null | 'no time']>([
    ['by default it is the whole seconds that fit', {}, 1000],
    ['by default, in a longer call', { timeoutMs: 5000, remainingMs: 5000 }, 4000],
    ['a wait that is given is rounded up', { lockTimeoutMs: 300 }, 1000],
    ['a wait that would be rounded up to the whole call is cut', { lockTimeoutMs: 1500 }, 1000],
    ['time that was spent waiting for the pool is gone', { remainingMs: 700 }, 0],
    ['not waiting is not waiting', { lockTimeoutMs: 0 }, 0],
    ['in a short call there is no waiting, where the server can do that', { timeoutMs: 1000, remainingMs: 1000 }, 0],
    ['MySQL knows no shorter wait than a second', { lockTimeoutMs: 0, shortestMs: MYSQL }, 1000],
    [
      'MySQL is left to itself where no second fits',
      { timeoutMs: 700, remainingMs: 700, lockTimeoutMs: 0, shortestMs: MYSQL },
      null,
    ],
    ['a second try that does not fit is not made', { attempt: 2, remainingMs: 1100, shortestMs: MYSQL }, 'no time'],
    ['a second try that fits is made', { attempt: 2, remainingMs: 1300, shortestMs: MYSQL }, 1000],
    ["the server's own wait is asked for", { lockTimeoutMs: 'server', remainingMs: 10 }, null],
  ])('%s', (_rule, time, expected) => {
    expect(lockTimeoutFor({ ...call, ...time })).toBe(expected)
  })
})

describe('of a statement that comes later, too', () => {
  test.each<[string, Parameters<typeof lockTimeoutOfLater>[0], number]>([
    ['it stays as it was while it fits', { lockTimeoutMs: 1000, remainingMs: 1150, shortestMs: 0, stepMs: 1000 }, 1000],
    ['it is shorter where it does not', { lockTimeoutMs: 3000, remainingMs: 2500, shortestMs: 0, stepMs: 1000 }, 2000],
    [
      'to the millisecond, where the server counts them',
      { lockTimeoutMs: 900, remainingMs: 450, shortestMs: 0, stepMs: 1 },
      350,
    ],
    ['in the end there is no waiting', { lockTimeoutMs: 900, remainingMs: 20, shortestMs: 0, stepMs: 1 }, 0],
    [
      'MySQL knows no shorter wait than a second',
      { lockTimeoutMs: 2000, remainingMs: 300, shortestMs: MYSQL, stepMs: 1000 },
      1000,
    ],
  ])('%s', (_rule, time, expected) => {
    expect(lockTimeoutOfLater(time)).toBe(expected)
  })
})
