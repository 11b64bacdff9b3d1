import { expect } from 'vitest'
import { STRATEGIES } from '../../../src/config.ts'
import { isUnknownClaimError } from '../../../src/errors.ts'
import type { UnknownClaimError } from '../../../src/errors.ts'
import type { Fault } from '../../support/tds/faults.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import type { TdsSession } from '../../support/tds/session.ts'
import { until } from '../../support/until.ts'
import { CREDIT, isBegin, isClaim, isCommit, lockByAnother } from './cases.ts'
import type { TdsCase } from './cases.ts'
import { poolIsWhole } from './hygiene.ts'
import { claimsOn } from './subjects.ts'
import type { ClaimsSettings, Mutation, TestedClaims, TdsSubject } from './subjects.ts'

export const CLAIMED = { outcome: 'claimed', reply: 'handled', recovered: false }
export const RECOVERED = { outcome: 'claimed', reply: 'handled', recovered: true }

/** Claims whose table is described, so that what is sent from now on is theirs. They find out what nobody has answered. */
export async function resolvingOn(
  subject: TdsSubject,
  mutation?: Mutation,
  settings: ClaimsSettings = {},
): Promise<TestedClaims> {
  const claims = claimsOn(subject, mutation, { resolveTimeoutMs: 10_000, ...settings })
  await claims.claimOnce(subject.shop.add(9999))
  return claims
}

/** The effect, and how often it has run. */
export function credit({ run }: TdsSubject): { effect: (tx: unknown) => Promise<number>; runs: () => number } {
  let runs = 0
  return {
    async effect(tx) {
      runs += 1
      await run(tx, CREDIT)
      return runs
    },
    runs: () => runs,
  }
}

export const next = ({ shop }: TdsSubject): number => shop.add(shop.orders.size + 1)

export async function unknownOf(claim: Promise<unknown>): Promise<UnknownClaimError> {
  const result = await claim.then(
    (value) => new Error(`It was answered: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
  if (!isUnknownClaimError(result)) throw result
  return result
}

const DONE = ['cut after', 'cut midway'] as const satisfies readonly Fault[]

export const RESOLUTION_CASES: readonly TdsCase[] = [
  {
    name: 'COMMIT was done and its answer lost: recovered, the effect takes place once, COMMIT is not sent again',
    async run(subject, mutation) {
      const { shop, server } = subject
      shop.noCount = true
      const claims = await resolvingOn(subject, mutation)
      let total = 0
      for (const strategy of STRATEGIES) {
        for (const fault of DONE) {
          const id = next(subject)
          const { effect, runs } = credit(subject)
          const before = server.requests.filter(isCommit).length
          server.faults.add({ when: isCommit, do: fault })
          const label = `${strategy}, ${fault}`
          expect(await claims.claimOnce(id, { strategy, effect }), label).toMatchObject({
            ...RECOVERED,
            value: undefined,
          })
          total += 42
          expect([runs(), shop.balance, server.requests.filter(isCommit).length - before], label).toEqual([1, total, 1])
          expect(await claims.claimOnce(id, { strategy, effect })).toMatchObject({ outcome: 'duplicate' })
        }
      }
      expect(claims.events.filter(({ type }) => type === 'unknown')).toHaveLength(6)
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'COMMIT never arrived: claimed now, and the effect that stands is that of the second run',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await resolvingOn(subject, mutation)
      for (const [index, strategy] of STRATEGIES.entries()) {
        const id = next(subject)
        const { effect, runs } = credit(subject)
        const from = server.requests.length
        server.faults.add({ when: isCommit, do: 'cut before' })
        expect(await claims.claimOnce(id, { strategy, effect }), strategy).toMatchObject({ ...CLAIMED, value: 2 })
        expect([runs(), shop.balance], strategy).toEqual([2, (index + 1) * 42])
        const sent = server.requests.slice(from)
        // Each transaction its own, and none of them twice.
        expect([sent.filter(isBegin).length, sent.filter(isCommit).length], strategy).toEqual([2, 2])
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a bare claim that was cut: recovered where it was done, else claimed now',
    async run(subject, mutation) {
      const { shop, server } = subject
      shop.countsOfTriggers = [1, 7]
      const claims = await resolvingOn(subject, mutation)
      for (const strategy of STRATEGIES) {
        for (const fault of [...DONE, 'cut before'] as const) {
          const id = next(subject)
          const { row_version: before } = shop.rowOf(id)
          server.faults.add({ when: isClaim, do: fault })
          // A pessimistic claim is in a transaction, which ends with the connection.
          const alone = strategy !== 'pessimistic' && fault !== 'cut before'
          const label = `${strategy}, ${fault}`
          expect(await claims.claimOnce(id, { strategy }), label).toMatchObject(alone ? RECOVERED : CLAIMED)
          expect([shop.statusOf(id), shop.rowOf(id).row_version - before], label).toEqual(['Y', 1])
        }
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'somebody else has claimed it meanwhile: a duplicate, and nothing is recovered',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await resolvingOn(subject, mutation)
      const { effect, runs } = credit(subject)
      for (const options of [{}, { effect }]) {
        const id = next(subject)
        const order = shop.orders.get(String(id))!
        server.faults.add({
          when: (request) => {
            if (!isClaim(request)) return false
            order.committed = order.row = { ...order.row, status: 'Y', claim_token: 'of somebody else' }
            return true
          },
          do: 'cut before',
        })
        expect(await claims.claimOnce(id, options)).toMatchObject({ outcome: 'duplicate' })
      }
      expect([runs(), shop.balance]).toEqual([0, 0])
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a COMMIT that is still on its way is waited for, also where plain reads see what was before',
    async run(subject, mutation) {
      const { shop, server } = subject
      shop.snapshots = true
      const claims = await resolvingOn(subject, mutation)
      const { effect, runs } = credit(subject)
      const id = next(subject)
      const gate = Promise.withResolvers<undefined>()
      const held = server.faults.add({ when: isCommit, do: { lateAfter: gate.promise } })
      const claim = claims.claimOnce(id, { strategy: 'pessimistic', effect })
      claim.catch(() => {})
      await held.struck
      const from = server.requests.length
      await until(() => server.requests.length > from + 1, 'it is being asked what became of it')
      gate.resolve(undefined)
      expect(await claim).toMatchObject(RECOVERED)
      expect([runs(), shop.balance, shop.statusOf(id)]).toEqual([1, 42, 'Y'])
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a claim that the server has held back cannot win when it is found out already',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await resolvingOn(subject, mutation)
      const { effect, runs } = credit(subject)
      for (const options of [{}, { effect }]) {
        const id = next(subject)
        const gate = Promise.withResolvers<undefined>()
        let session: TdsSession | undefined
        server.faults.add({
          when: (request, of) => isClaim(request) && (session = of) === of,
          do: { lateAfter: gate.promise },
        })
        expect(await claims.claimOnce(id, options)).toMatchObject(CLAIMED)
        const { row_version: version, claim_token: token } = shop.rowOf(id)
        gate.resolve(undefined)
        await session!.ended
        expect(shop.rowOf(id)).toMatchObject({ status: 'Y', row_version: version, claim_token: token })
      }
      expect([runs(), shop.balance]).toEqual([1, 42])
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a lock that is not got in time does not make an unknown claim busy',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await resolvingOn(subject, mutation, { lockTimeoutMs: 20 })
      for (const fault of ['cut after', 'cut before'] as const) {
        const { effect, runs } = credit(subject)
        const id = next(subject)
        const armed = server.faults.add({ when: isCommit, do: fault })
        // As soon as it is asked what became of it, the row is locked.
        const locked = Promise.withResolvers<() => void>()
        const locking = (request: TdsRequest): boolean => armed.strikes > 0 && isBegin(request)
        const first = server.faults.add({
          when: (request) => locking(request) && (locked.resolve(lockByAnother(subject, id)), true),
          do: { delayMs: 0 },
        })
        const from = claims.events.length
        const claim = claims.claimOnce(id, { effect })
        claim.catch(() => {})
        await first.struck
        const unlock = await locked.promise
        await until(
          () =>
            claims.events.slice(from).filter((event) => event.type === 'retry' && event.reason === 'held').length > 1,
          'it was not got twice',
        )
        unlock()
        expect(await claim, fault).toMatchObject(fault === 'cut after' ? RECOVERED : CLAIMED)
        expect(runs()).toBe(fault === 'cut after' ? 1 : 2)
      }
      expect(shop.balance).toBe(84)
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'however often and by whomever it is asked, the effect takes place once',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await resolvingOn(subject, mutation)
      const others = claimsOn(subject, mutation)
      for (const fault of ['cut after', 'cut before'] as const) {
        const { effect } = credit(subject)
        const id = next(subject)
        const before = shop.balance
        server.faults.add({ when: isCommit, do: fault })
        const error = await unknownOf(claims.claimOnce(id, { resolveTimeoutMs: 0, effect }))
        const results = await Promise.all([
          error.resolve({ timeoutMs: 10_000 }),
          claims.resolve(error.pending, { effect }),
          others.resolve(error.pending, { effect, timeoutMs: 10_000 }),
          others.resolve(error.pending, { effect, timeoutMs: 10_000 }),
        ])
        expect(results.map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed', 'claimed', 'claimed'])
        const now = results.filter((result) => result.outcome === 'claimed' && !result.recovered)
        expect([now.length, shop.balance - before]).toEqual([fault === 'cut before' ? 1 : 0, 42])
      }
      await poolIsWhole(subject, mutation)
    },
  },
]
