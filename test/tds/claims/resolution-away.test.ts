import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Refusal } from '../../support/tds/login.ts'
import { REFUSALS } from '../../support/tds/login.ts'
import { until } from '../../support/until.ts'
import { isCommit } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { CLAIMED, credit, next, RECOVERED, resolvingOn, unknownOf } from './resolution-cases.ts'
import type { DriverName, TdsSubject } from './subjects.ts'
import { claimsOn, DRIVERS, subjectOf } from './subjects.ts'

type Door = TdsSubject & { refusal: Refusal | null; knocks: number }

/** A server that may refuse whoever comes, and counts them. */
async function doorOf(driver: DriverName): Promise<Door> {
  const state: { refusal: Refusal | null; knocks: number } = { refusal: null, knocks: 0 }
  const subject = await subjectOf(driver, {
    login: () => {
      if (state.refusal !== null) state.knocks += 1
      return state.refusal
    },
  })
  return Object.assign(state, subject)
}

/** COMMIT is cut, and every other connection with it: whoever asks has to come in by the door. */
function cutAtCommit({ server }: TdsSubject, fault: 'cut after' | 'cut before', then: () => void): void {
  server.faults.add({
    when: (request, session) => {
      if (!isCommit(request)) return false
      then()
      for (const other of server.openSessions) if (other !== session) other.cut()
      return true
    },
    do: fault,
  })
}

const REFUSED: readonly (readonly [string, Refusal])[] = [
  ['the login is refused (18456)', REFUSALS.wrongPassword('shop')],
  ['there is no such database (4060)', REFUSALS.noDatabase('shop', 'orders')],
  [
    'the database is being moved (40613)',
    [{ number: 40613, class: 14, message: 'Database "orders" is not currently available.' }],
  ],
  ['the connection is cut', 'cut'],
  ['nothing is answered', 'hang'],
]
const FATES = [
  ['cut after', RECOVERED],
  ['cut before', CLAIMED],
] as const

describe.each(DRIVERS)('while it is being found out, through %s', (driver) => {
  test.each(REFUSED)('%s for a while: found out when that is over', async (_what, refusal) => {
    const subject = await doorOf(driver)
    const claims = await resolvingOn(subject)
    const { effect, runs } = credit(subject)
    cutAtCommit(subject, 'cut after', () => (subject.refusal = refusal))
    const claim = claims.claimOnce(next(subject), { effect })
    claim.catch(() => {})
    await until(() => subject.knocks > 0, 'somebody has come')
    subject.refusal = null
    expect(await claim).toMatchObject(RECOVERED)
    expect([runs(), subject.shop.balance]).toEqual([1, 42])
    await poolIsWhole(subject)
  })

  test.each(FATES)('nobody listens for a while (%s): found out when the server is back', async (fault, expected) => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject)
    const { effect, runs } = credit(subject)
    const armed = server.faults.add({ when: isCommit, do: fault })
    const claim = claims.claimOnce(next(subject), { effect })
    claim.catch(() => {})
    await armed.struck
    await server.away()
    await pause(100) // What is asked meanwhile meets a closed port, and is told to nobody.
    await server.back()
    expect(await claim).toMatchObject(expected)
    expect([runs(), shop.balance]).toEqual([fault === 'cut after' ? 1 : 2, 42])
    await poolIsWhole(subject)
  })

  test.each(FATES)('it is away for too long (%s): unknown, and found out later', async (fault, expected) => {
    const subject = await doorOf(driver)
    const { shop } = subject
    const claims = await resolvingOn(subject, undefined, { resolveTimeoutMs: 150 })
    const { effect, runs } = credit(subject)
    cutAtCommit(subject, fault, () => (subject.refusal = 'cut'))
    const error = await unknownOf(claims.claimOnce(next(subject), { effect }))
    expect(error.cause).toBeDefined()
    // Asked again too early, it is still unknown, with the same text to ask by.
    const again = await unknownOf(claims.resolve(error.pending, { effect, timeoutMs: 100 }))
    expect(again.pending).toBe(error.pending)
    subject.refusal = null
    const elsewhere = claimsOn(subject)
    expect(await elsewhere.resolve(again.pending, { effect, timeoutMs: 10_000 })).toMatchObject(expected)
    expect(await error.resolve({ timeoutMs: 10_000 })).toMatchObject(RECOVERED)
    expect([runs(), shop.balance]).toEqual([fault === 'cut after' ? 1 : 2, 42])
    await poolIsWhole(subject)
  })

  test('the signal of whoever asks later ends the question, and it stays unknown', async () => {
    const subject = await doorOf(driver)
    const claims = await resolvingOn(subject, undefined, { resolveTimeoutMs: 0 })
    const { effect } = credit(subject)
    cutAtCommit(subject, 'cut after', () => (subject.refusal = 'cut'))
    const error = await unknownOf(claims.claimOnce(next(subject), { effect }))
    const caller = new AbortController()
    const asked = unknownOf(error.resolve({ timeoutMs: 20_000, signal: caller.signal }))
    asked.catch(() => {})
    await until(() => subject.knocks > 0, 'somebody has come')
    caller.abort()
    await asked
    subject.refusal = null
    expect(await error.resolve({ timeoutMs: 10_000 })).toMatchObject(RECOVERED)
    await poolIsWhole(subject)
  })

  test("the COMMIT of the caller's own transaction: by what the provisional result holds", async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject)
    for (const how of ['an effect', 'a transaction'] as const) {
      for (const [fault, expected] of FATES) {
        const id = next(subject)
        const before = shop.balance
        const { effect, runs } = credit(subject)
        const own = await subject.begin()
        const provisional = await claims.claimOnce(id, { transaction: own.tx })
        if (provisional.outcome !== 'claimed') throw new Error(provisional.outcome)
        await effect(own.tx)
        server.faults.add({ when: isCommit, do: fault })
        await own.commit().catch(() => {})
        await own.rollback().catch(() => {})
        const label = `${fault}, by ${how}`
        if (how === 'an effect') {
          expect(await claims.resolve(provisional.pending!, { effect }), label).toMatchObject(expected)
        } else {
          const later = await subject.begin()
          const result = await claims.resolve(provisional.pending!, { transaction: later.tx })
          if (result.outcome === 'claimed' && !result.recovered) await effect(later.tx)
          await later.commit()
          // What had been committed does not depend on this transaction.
          expect(result, label).toMatchObject({ ...expected, provisional: !expected.recovered })
        }
        expect([runs(), shop.balance - before], label).toEqual([fault === 'cut after' ? 1 : 2, 42])
        expect(shop.rowOf(id), label).toMatchObject({ status: 'Y', claim_token: provisional.token })
      }
    }
    await poolIsWhole(subject)
  })

  test('an order that somebody has put back meanwhile is claimed now', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject, undefined, { resolveTimeoutMs: 0 })
    const { effect, runs } = credit(subject)
    const id = next(subject)
    server.faults.add({ when: isCommit, do: 'cut after' })
    const error = await unknownOf(claims.claimOnce(id, { effect }))
    expect(await claims.reset(id)).toEqual({ outcome: 'reset' })
    expect(shop.rowOf(id)).toMatchObject({ status: 'Wait', claim_token: null, claimed_at: null })
    expect(await error.resolve({ timeoutMs: 10_000 })).toMatchObject(CLAIMED)
    expect(runs()).toBe(2)
    await poolIsWhole(subject)
  })
})
