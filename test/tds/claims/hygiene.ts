import { expect } from 'vitest'
import { until } from '../../support/until.ts'
import { claimsOn, POOL_SIZE } from './subjects.ts'
import type { Mutation, TdsSubject } from './subjects.ts'

/** Longer than the double's clients wait for an answer, and for that to an attention. */
const LIMIT_MS = 4000

let next = 1000

/**
 * Whatever has happened, the pool is whole: nothing is lent, as many claims as it has connections hold one at the same
 * time, and no session is left in a transaction or with a setting of ours.
 */
export async function poolIsWhole(subject: TdsSubject, mutation?: Mutation): Promise<void> {
  const { shop, lent } = subject
  await until(() => (lent() ?? 0) === 0, 'nothing is lent', LIMIT_MS)
  shop.countsOfTriggers = []
  const claims = claimsOn(subject, mutation)
  let waiting = 0
  const all = Promise.withResolvers<undefined>()
  const meet = async (): Promise<void> => {
    waiting += 1
    if (waiting === POOL_SIZE) all.resolve(undefined)
    await all.promise
  }
  const ids = Array.from({ length: POOL_SIZE }, () => shop.add(next++))
  const results = await Promise.all(ids.map((id) => claims.claimOnce(id, { effect: meet })))
  expect(results.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'claimed'))
  await until(() => (lent() ?? 0) === 0, 'nothing is lent afterwards', LIMIT_MS)
  expect(
    shop.open.map(({ transactions, settings }) => ({ transactions, ...settings })),
    'sessions as they were',
  ).toEqual(shop.open.map(() => ({ transactions: 0, isolation: 2, lockTimeout: -1, ...untouched(shop.noCount) })))
}

const untouched = (noCount: boolean): object => ({ noCount, xactAbort: false, implicit: false })
