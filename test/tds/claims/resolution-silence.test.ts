import { describe, expect, test } from 'vitest'
import type { Fault } from '../../support/tds/faults.ts'
import { codeOf, isClaim, isCommit } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { CLAIMED, credit, next, RECOVERED, resolvingOn } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

/** Nobody answers. Whether the statement was carried out is what has to be found out. */
const SILENCES: readonly (readonly [string, Fault, typeof CLAIMED])[] = [
  ['it was done', 'swallow', RECOVERED],
  ['it was not', 'hang', CLAIMED],
]
/** The same for a driver that gives it up by itself, and asks the server to stop. */
const UNTIL_STOPPED: readonly (readonly [string, Fault, typeof CLAIMED])[] = [
  ['it was done', 'swallow', RECOVERED],
  ['it was not', { delayMs: 60_000 }, CLAIMED],
]

describe.each(DRIVERS)('no answer, through %s', (driver) => {
  describe.each(SILENCES)('%s', (_what, fault, expected) => {
    const runsIn = (claimed: typeof CLAIMED): number => (claimed.recovered ? 1 : 2)

    test('COMMIT, until the time of the call is over', async () => {
      const subject = await subjectOf(driver)
      const claims = await resolvingOn(subject)
      const { effect, runs } = credit(subject)
      subject.server.faults.add({ when: isCommit, do: fault })
      expect(await claims.claimOnce(next(subject), { timeoutMs: 600, effect })).toMatchObject(expected)
      expect([runs(), subject.shop.balance]).toEqual([runsIn(expected), 42])
      await poolIsWhole(subject)
    })

    test('COMMIT, until the caller gives up: the question is bounded by itself', async () => {
      const subject = await subjectOf(driver)
      const claims = await resolvingOn(subject)
      const { effect, runs } = credit(subject)
      const caller = new AbortController()
      const armed = subject.server.faults.add({ when: isCommit, do: fault })
      const id = next(subject)
      const claim = claims.claimOnce(id, { timeoutMs: 20_000, signal: caller.signal, effect })
      claim.catch(() => {})
      await armed.struck
      caller.abort()
      // Where it had not been committed, the effect is not run for somebody who has gone.
      if (expected.recovered) expect(await claim).toMatchObject(expected)
      else expect(await codeOf(claim)).toBe('CLAIM_ABORTED')
      expect([runs(), subject.shop.balance]).toEqual([1, expected.recovered ? 42 : 0])
      expect(subject.shop.statusOf(id)).toBe(expected.recovered ? 'Y' : 'Wait')
      await poolIsWhole(subject)
    })

    test('a bare claim, until the caller gives up', async () => {
      const subject = await subjectOf(driver)
      const claims = await resolvingOn(subject)
      const caller = new AbortController()
      const armed = subject.server.faults.add({ when: isClaim, do: fault })
      const id = next(subject)
      const { row_version: before } = subject.shop.rowOf(id)
      const claim = claims.claimOnce(id, { timeoutMs: 20_000, signal: caller.signal })
      await armed.struck
      caller.abort()
      expect(await claim).toMatchObject(expected)
      expect([subject.shop.statusOf(id), subject.shop.rowOf(id).row_version - before]).toEqual(['Y', 1])
      await poolIsWhole(subject)
    })
  })

  describe.each(UNTIL_STOPPED)('until the driver gives up, %s', (_what, fault, expected) => {
    test.each([
      ['COMMIT', isCommit],
      ['the claim', isClaim],
    ] as const)('%s', async (site, when) => {
      const subject = await subjectOf(driver, { requestTimeoutMs: 400 })
      const claims = await resolvingOn(subject)
      const { effect } = credit(subject)
      const id = next(subject)
      subject.server.faults.add({ when, do: fault })
      const claim = claims.claimOnce(id, { timeoutMs: 20_000, ...(site === 'COMMIT' ? { effect } : {}) })
      expect(await claim).toMatchObject(expected)
      expect(claims.events.find(({ type }) => type === 'unknown')).toMatchObject({
        phase: site === 'COMMIT' ? 'commit' : 'claim',
      })
      expect([subject.shop.statusOf(id), subject.shop.balance]).toEqual(['Y', site === 'COMMIT' ? 42 : 0])
      await poolIsWhole(subject)
    })
  })
})
