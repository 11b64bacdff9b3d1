import { describe, expect, test } from 'vitest'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { isBegin, isClaim, isCommit, isRead } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { CLAIMED, credit, next, RECOVERED, resolvingOn, unknownOf } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

/** One of each kind, whatever a claim that is not in doubt would make of it. */
const NUMBERS = [1205, 3960, 1222, 40501, 3906, 10054, 229, 2601, 50_001, 7]
const ENDS_TRANSACTION = [1205, 3960]

const SITES: readonly (readonly [string, (request: TdsRequest) => boolean])[] = [
  ['BEGIN', isBegin],
  ['the guarded UPDATE', isClaim],
  ['the read after it', isRead],
]

describe.each(DRIVERS)('an error while it is being found out, through %s', (driver) => {
  for (const [site, when] of SITES) {
    test.each(NUMBERS)(`at ${site} rules nothing out: %d`, async (number) => {
      const subject = await subjectOf(driver)
      const { shop, server } = subject
      const claims = await resolvingOn(subject)
      const { effect, runs } = credit(subject)
      const armed = server.faults.add({ when: isCommit, do: 'cut after' })
      const struck = server.faults.add({
        when: (request) => armed.strikes > 0 && when(request),
        times: 2,
        do: { error: { number, message: `number ${number}` }, rolledBack: ENDS_TRANSACTION.includes(number) },
      })
      expect(await claims.claimOnce(next(subject), { effect })).toMatchObject(RECOVERED)
      expect([struck.strikes, runs(), shop.balance]).toEqual([2, 1, 42])
      await poolIsWhole(subject)
    })
  }

  // 1205 and 3960 say that nothing was committed; of any other error COMMIT may have been carried out, or not.
  test.each(NUMBERS)('at the COMMIT of the claim that is made then, it is asked again: %d', async (number) => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject)
    const { effect, runs } = credit(subject)
    const armed = server.faults.add({ when: isCommit, do: 'cut before' })
    server.faults.add({
      when: (request) => armed.strikes > 0 && isCommit(request),
      do: { error: { number, message: `number ${number}` }, rolledBack: ENDS_TRANSACTION.includes(number) },
    })
    expect(await claims.claimOnce(next(subject), { effect })).toMatchObject(CLAIMED)
    expect([runs(), shop.balance]).toEqual([3, 42])
    await poolIsWhole(subject)
  })

  test.each(['cut before', 'cut after'] as const)(
    '%s at the COMMIT of that claim: it is asked again',
    async (fault) => {
      const subject = await subjectOf(driver)
      const { shop, server } = subject
      const claims = await resolvingOn(subject)
      const { effect, runs } = credit(subject)
      server.faults.add({ when: isCommit, do: 'cut before' })
      server.faults.add({ when: isCommit, do: fault })
      expect(await claims.claimOnce(next(subject), { effect })).toMatchObject(
        fault === 'cut after' ? RECOVERED : CLAIMED,
      )
      expect([runs(), shop.balance]).toEqual([fault === 'cut after' ? 2 : 3, 42])
      await poolIsWhole(subject)
    },
  )

  test('the effect fails when it is run once more: the claim is known, and its error is thrown', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject)
    const id = next(subject)
    const mine = new Error('the account is frozen')
    let runs = 0
    server.faults.add({ when: isCommit, do: 'cut before' })
    const effect = async (): Promise<void> => {
      runs += 1
      if (runs > 1) throw mine
    }
    await expect(claims.claimOnce(id, { effect })).rejects.toBe(mine)
    expect(shop.statusOf(id)).toBe('Wait')
    await poolIsWhole(subject)
  })

  test('an error that does not pass: unknown, and found out later', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject, undefined, { resolveTimeoutMs: 150 })
    const { effect, runs } = credit(subject)
    const armed = server.faults.add({ when: isCommit, do: 'cut after' })
    server.faults.add({
      when: (request) => armed.strikes > 0 && isClaim(request),
      times: Infinity,
      do: { error: { number: 229, message: 'The UPDATE permission was denied.' } },
    })
    const error = await unknownOf(claims.claimOnce(next(subject), { effect }))
    server.faults.clear()
    expect(await error.resolve({ timeoutMs: 10_000 })).toMatchObject(RECOVERED)
    expect([runs(), shop.balance]).toEqual([1, 42])
    await poolIsWhole(subject)
  })
})
