import { describe, expect, test } from 'vitest'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { codeOf, CREDIT, isBegin, isClaim, isCommit, isRead } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { claimsOn, DRIVERS, subjectOf } from './subjects.ts'

/** What an error number means, and what the call comes to where it strikes the read, the claim, or COMMIT. */
const CLASSES = {
  conflict: { numbers: [1205, 3960, 41301, 41302, 41305, 41325], read: 'claimed', claim: 'claimed', commit: 'claimed' },
  held: { numbers: [1222], read: 'busy', claim: 'busy', commit: 'CLAIM_UNKNOWN' },
  away: {
    numbers: [40501, 40613, 10928, 10929, 49918, 49919, 49920, 3906, 9002, 701],
    read: 'claimed',
    claim: 'claimed',
    commit: 'CLAIM_UNKNOWN',
  },
  lost: {
    numbers: [40197, 64, 233, 10053, 10054, 10060, 596, 6005],
    read: 'claimed',
    claim: 'CLAIM_UNKNOWN',
    commit: 'CLAIM_UNKNOWN',
  },
  misuse: {
    numbers: [207, 208, 229, 334, 650, 18456, 4060],
    read: 'CLAIM_CONFIG',
    claim: 'CLAIM_CONFIG',
    commit: 'CLAIM_UNKNOWN',
  },
  rejected: {
    numbers: [2601, 2627, 515, 547, 2628, 8115, 50_001],
    read: 'CLAIM_REJECTED',
    claim: 'CLAIM_REJECTED',
    commit: 'CLAIM_UNKNOWN',
  },
  other: { numbers: [7], read: 'CLAIM_FAILED', claim: 'CLAIM_FAILED', commit: 'CLAIM_UNKNOWN' },
} as const

const SITES = { read: isRead, claim: isClaim, commit: isCommit } as const

const outcomeOf = (call: ReturnType<ReturnType<typeof claimsOn>['claimOnce']>): Promise<string> =>
  call.then(
    ({ outcome }) => outcome,
    () => codeOf(call),
  )

/** Errors that leave no transaction behind on the real server. */
const rollsBack = (number: number): boolean => [1205, 3960, 41301, 41302, 41305, 41325].includes(number)

describe.each(DRIVERS)('errors of SQL Server, through %s', (driver) => {
  for (const [name, { numbers, ...expected }] of Object.entries(CLASSES)) {
    for (const [site, when] of Object.entries(SITES) as [keyof typeof SITES, (request: TdsRequest) => boolean][]) {
      test.each(numbers)(`${name} at the ${site}: %d`, async (number) => {
        const subject = await subjectOf(driver)
        const claims = claimsOn(subject)
        await claims.claimOnce(subject.shop.add(99))
        const id = subject.shop.add(1)
        subject.server.faults.add({
          when,
          do: { error: { number, message: `number ${number}` }, rolledBack: rollsBack(number) },
        })
        const call = claims.claimOnce(id, { strategy: 'pessimistic', effect: (tx) => subject.run(tx, CREDIT) })
        expect(await outcomeOf(call)).toBe(expected[site])
        if (expected[site] === 'claimed') expect(subject.shop.balance).toBe(42)
        await poolIsWhole(subject)
        if (expected[site] !== 'claimed') {
          // The double has not carried it out, and the order waits.
          expect([subject.shop.statusOf(id), subject.shop.balance]).toEqual(['Wait', 0])
        }
      })
    }
  }

  test.each(['cut before', 'cut after', 'hang'] as const)('before the claim: BEGIN, %s', async (fault) => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const id = subject.shop.add(1)
    subject.server.faults.add({ when: isBegin, do: fault })
    const call = claims.claimOnce(id, {
      timeoutMs: fault === 'hang' ? 300 : 5000,
      effect: (tx) => subject.run(tx, CREDIT),
    })
    expect(await outcomeOf(call)).toBe(fault === 'hang' ? 'busy' : 'claimed')
    await poolIsWhole(subject)
  })

  test.each(['cut before', 'cut after', 'hang'] as const)('before the claim: the locking read, %s', async (fault) => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const id = subject.shop.add(1)
    subject.server.faults.add({ when: isRead, do: fault })
    const call = claims.claimOnce(id, { strategy: 'pessimistic', timeoutMs: fault === 'hang' ? 300 : 5000 })
    expect(await outcomeOf(call)).toBe(fault === 'hang' ? 'busy' : 'claimed')
    await poolIsWhole(subject)
  })

  test.each(['cut before', 'hang'] as const)('the effect fails, and its ROLLBACK is %s', async (fault) => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const id = subject.shop.add(1)
    subject.server.faults.add({ when: ({ kind }) => kind === 'rollback', do: fault })
    const mine = new Error('the account is frozen')
    const call = claims.claimOnce(id, { timeoutMs: 400, effect: () => Promise.reject(mine) })
    await expect(call).rejects.toBe(mine)
    await poolIsWhole(subject)
    expect(subject.shop.statusOf(id)).toBe('Wait')
  })

  test('an error of the effect itself is thrown as the library gave it, and the order waits', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const id = subject.shop.add(1)
    subject.server.faults.add({
      when: ({ sql }) => sql === CREDIT,
      do: { error: { number: 547, message: 'The UPDATE statement conflicted with the CHECK constraint.' } },
    })
    let thrown: unknown
    const effect = (tx: unknown): Promise<unknown> =>
      subject.run(tx, CREDIT).catch((error: unknown) => {
        thrown = error
        throw error
      })
    await expect(claims.claimOnce(id, { effect })).rejects.toSatisfy((error) => error === thrown)
    await poolIsWhole(subject)
    expect(subject.shop.statusOf(id)).toBe('Wait')
  })

  test('the connection is cut while the effect runs: its error is thrown, and nothing stands', async () => {
    const subject = await subjectOf(driver)
    const claims = claimsOn(subject)
    const id = subject.shop.add(1)
    subject.server.faults.add({ when: ({ sql }) => sql === CREDIT, do: 'cut after' })
    await expect(claims.claimOnce(id, { effect: (tx) => subject.run(tx, CREDIT) })).rejects.toBeDefined()
    await poolIsWhole(subject)
    expect([subject.shop.statusOf(id), subject.shop.balance]).toEqual(['Wait', 0])
  })
})
