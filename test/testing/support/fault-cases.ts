import { expect } from 'vitest'
import { until } from '../../support/until.ts'
import { endOf, faultyClaims } from './fault-subject.ts'
import type { FaultSubject } from './fault-subject.ts'

export interface FaultCase {
  readonly name: string
  readonly run: (subject: FaultSubject) => Promise<void>
}

/** What a claim comes to where a connection is lost and nothing of it can stand; SQLite's I/O error is none we retry. */
const unlessSqlite = (family: string, end: string): string => (family === 'sqlite' ? 'CLAIM_FAILED' : end)

/** The server has noticed that the connection is closed, and has rolled back. */
const waits = (subject: FaultSubject, id: number): Promise<void> =>
  until(async () => (await subject.statusOf(id)) === 'Wait', 'the order waits')

/** After whatever has happened the order can be claimed, and as often as there are connections at once. */
async function goesOn(subject: FaultSubject, id: number, expected: 'claimed' | 'duplicate' = 'claimed'): Promise<void> {
  const claims = await faultyClaims(subject)
  const before = await subject.balance()
  expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe(expected)
  expect(await subject.balance()).toBe(before + (expected === 'claimed' ? 42 : 0))
  const ids = await Promise.all([subject.newOrder(), subject.newOrder(), subject.newOrder()])
  expect(await Promise.all(ids.map((one) => endOf(claims.claimOnce(one, { effect: subject.credit }))))).toEqual(
    ids.map(() => 'claimed'),
  )
  expect(await subject.balance()).toBe(before + (expected === 'claimed' ? 42 : 0) + 3 * 42)
}

export const FAULT_CASES: readonly FaultCase[] = [
  ...(['begin', 'update', 'commit', 'effect'] as const).map((on) => ({
    name: `deadlock: on ${on} everything is rolled back and done again`,
    async run(subject: FaultSubject) {
      const claims = await faultyClaims(subject, { fault: 'deadlock', on, times: 2 })
      const id = await subject.newOrder()
      const before = await subject.balance()
      const result = await claims.claimOnce(id, { effect: subject.credit })
      expect(result.outcome).toBe('claimed')
      expect(claims.retries()).toEqual(['conflict', 'conflict'])
      expect(claims.faults.fired.map(({ fault, statement }) => [fault, statement.kind])).toEqual([
        ['deadlock', on],
        ['deadlock', on],
      ])
      expect(claims.faults.armed).toEqual([])
      expect(await subject.balance()).toBe(before + 42)
      await goesOn(subject, id, 'duplicate')
    },
  })),
  {
    name: 'deadlock: the transaction is really rolled back, also under an effect that swallows the error',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'deadlock', on: 'effect', at: 2 })
      const id = await subject.newOrder()
      const before = await subject.balance()
      const swallow = (tx: unknown): unknown => {
        const swallowed = (done: unknown): unknown => (done instanceof Promise ? done.catch(() => {}) : done)
        const second = (): unknown => {
          try {
            return swallowed(subject.credit(tx))
          } catch {
            return undefined
          }
        }
        const first = subject.credit(tx)
        return first instanceof Promise ? first.then(second) : second()
      }
      expect(await endOf(claims.claimOnce(id, { effect: swallow }))).toBe('claimed')
      expect(claims.retries()).toEqual(['conflict'])
      expect(await subject.balance()).toBe(before + 84)
      await goesOn(subject, id, 'duplicate')
    },
  },
  {
    name: 'deadlock: of a bare claim',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'deadlock', on: 'update' })
      const id = await subject.newOrder()
      expect(await endOf(claims.claimOnce(id))).toBe('claimed')
      expect(claims.retries()).toEqual(['conflict'])
      await goesOn(subject, id, 'duplicate')
    },
  },
  {
    name: "deadlock: in the caller's transaction it is the caller's that is gone",
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'deadlock', on: 'update' })
      const id = await subject.newOrder()
      const { tx, rollback } = await subject.begin()
      expect(await endOf(claims.claimOnce(id, { transaction: tx }))).toBe('CLAIM_TRANSACTION_LOST')
      await rollback().catch(() => {})
      await waits(subject, id)
      await goesOn(subject, id)
    },
  },
  {
    name: 'lock timeout: nothing happened, and the claim says so',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'lock timeout', on: 'update' })
      const id = await subject.newOrder()
      const before = await subject.balance()
      // Where the server does not wait for locks, the claim asks again.
      const expected = subject.family === 'sqlite' ? 'claimed' : 'busy'
      expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe(expected)
      expect(await subject.balance()).toBe(before + (expected === 'claimed' ? 42 : 0))
      await goesOn(subject, id, expected === 'claimed' ? 'duplicate' : 'claimed')
    },
  },
  {
    name: 'lost before: at the beginning the claim takes another connection',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'lost before', on: 'begin' })
      const id = await subject.newOrder()
      const end = unlessSqlite(subject.family, 'claimed')
      expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe(end)
      expect(claims.retries()).toEqual(end === 'claimed' ? ['connection'] : [])
      await goesOn(subject, id, end === 'claimed' ? 'duplicate' : 'claimed')
    },
  },
  ...(['lost before', 'lost after'] as const).map((fault) => ({
    name: `${fault}: the update of a claim with an effect is rolled back by the server`,
    async run(subject: FaultSubject) {
      const claims = await faultyClaims(subject, { fault, on: 'update' })
      const id = await subject.newOrder()
      const end = unlessSqlite(subject.family, 'CLAIM_UNKNOWN')
      expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe(end)
      await waits(subject, id)
      await goesOn(subject, id)
    },
  })),
  {
    name: 'lost before: COMMIT is not sent, and nobody can know',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'lost before', on: 'commit' })
      const id = await subject.newOrder()
      const before = await subject.balance()
      expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe('CLAIM_UNKNOWN')
      await waits(subject, id)
      expect(await subject.balance()).toBe(before)
      await goesOn(subject, id)
    },
  },
  {
    name: 'lost after: COMMIT is carried out, and nobody can know',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'lost after', on: 'commit' })
      const id = await subject.newOrder()
      const before = await subject.balance()
      expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe('CLAIM_UNKNOWN')
      await until(async () => (await subject.statusOf(id)) === 'Y', 'the claim stands')
      expect(await subject.balance()).toBe(before + 42)
      await goesOn(subject, id, 'duplicate')
    },
  },
  {
    name: 'lost after: a bare claim that commits by itself stands, and nobody can know',
    async run(subject) {
      if (subject.family === 'sqlite') return // it has no connection that is lost between a statement and its answer
      const claims = await faultyClaims(subject, { fault: 'lost after', on: 'update' })
      const id = await subject.newOrder()
      expect(await endOf(claims.claimOnce(id))).toBe('CLAIM_UNKNOWN')
      if (subject.adapter.tellsSession) expect(await subject.statusOf(id)).toBe('Y')
      else await waits(subject, id)
      await goesOn(subject, id, subject.adapter.tellsSession ? 'duplicate' : 'claimed')
    },
  },
  ...(['lost before', 'lost after'] as const).map((fault) => ({
    name: `${fault}: on a statement of the effect everything is undone`,
    async run(subject: FaultSubject) {
      const claims = await faultyClaims(subject, { fault, on: 'effect' })
      const id = await subject.newOrder()
      const before = await subject.balance()
      const call = claims.claimOnce(id, { effect: subject.credit })
      await expect(call).rejects.toBeInstanceOf(Error)
      const [fired] = claims.faults.fired
      expect(fired!.what).toMatch(/^lost (?:before|after): effect: update accounts set balance/)
      await until(async () => (await subject.balance()) === before, 'the effect is undone')
      await waits(subject, id)
      await goesOn(subject, id)
    },
  })),
  {
    name: "lost before: in the caller's transaction it is the caller's that is gone",
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'lost before', on: 'update' })
      const id = await subject.newOrder()
      const { tx, rollback } = await subject.begin()
      expect(await endOf(claims.claimOnce(id, { transaction: tx }))).toBe('CLAIM_TRANSACTION_LOST')
      await rollback().catch(() => {})
      await waits(subject, id)
      await goesOn(subject, id)
    },
  },
]

/** Only where statements are answered later. */
export const SLOW_CASES: readonly FaultCase[] = [
  {
    name: 'slow: the statement comes later, and its answer too',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'slow', on: 'update', beforeMs: 30, afterMs: 30 })
      const id = await subject.newOrder()
      const begun = performance.now()
      expect(await endOf(claims.claimOnce(id, { effect: subject.credit }))).toBe('claimed')
      expect(performance.now() - begun).toBeGreaterThan(55)
      expect(claims.faults.fired).toMatchObject([{ fault: 'slow', error: null }])
      await goesOn(subject, id, 'duplicate')
    },
  },
  {
    name: 'slow: a COMMIT that the call does not wait for is never sent',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'slow', on: 'commit', beforeMs: 300 })
      const id = await subject.newOrder()
      const options = { timeoutMs: 150, lockTimeoutMs: 'server', effect: subject.credit } as const
      expect(await endOf(claims.claimOnce(id, options))).toBe('CLAIM_UNKNOWN')
      await goesOn(subject, id)
    },
  },
  {
    name: 'slow: a COMMIT of which the call does not get the answer in time has come true',
    async run(subject) {
      const claims = await faultyClaims(subject, { fault: 'slow', on: 'commit', afterMs: 400 })
      const id = await subject.newOrder()
      const options = { timeoutMs: 200, lockTimeoutMs: 'server', effect: subject.credit } as const
      expect(await endOf(claims.claimOnce(id, options))).toBe('CLAIM_UNKNOWN')
      expect(await subject.statusOf(id)).toBe('Y')
      await goesOn(subject, id, 'duplicate')
    },
  },
]
