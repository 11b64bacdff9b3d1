import { expect } from 'vitest'
import { STRATEGIES } from '../../../src/config.ts'
import { until } from '../../support/until.ts'
import { codeOf, isBegin, isCommit } from './cases.ts'
import type { TdsCase } from './cases.ts'
import { changeOf, is } from './changes.ts'
import { heldWork } from '../../support/held-work.ts'
import { later } from './later.ts'
import { poolIsWhole } from './hygiene.ts'
import { credit, next, resolvingOn } from './resolution-cases.ts'
import type { ClaimsSettings, Mutation, TestedClaims, TdsSubject } from './subjects.ts'

export const LEASE_MS = 30_000

export const leasesOn = (
  subject: TdsSubject,
  mutation?: Mutation,
  settings: ClaimsSettings = {},
): Promise<TestedClaims> => resolvingOn(subject, mutation, { leases: true, ...settings })

export const LEASE_CASES: readonly TdsCase[] = [
  {
    name: 'a lease is taken, worked on outside of any transaction, and completed: rows are read, and not counted',
    async run(subject, mutation) {
      const { shop, server } = subject
      shop.noCount = true
      for (const counts of ['none', 'of triggers'] as const) {
        shop.countsOfTriggers = counts === 'none' ? [] : [1, 7]
        const claims = await leasesOn(subject, mutation)
        const id = next(subject)
        const during = heldWork()
        const taken = shop.now
        const from = server.requests.length
        const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, read: ['amount'], work: during.work }))
        expect((await during.context).attempt).toBe(1)
        const working = shop.rowOf(id)
        expect(working).toMatchObject({ status: 'Working', attempts: 1, result: null })
        expect(working.lease_until! - taken).toBeGreaterThanOrEqual(LEASE_MS)
        expect(working.lease_until! - shop.now).toBeLessThanOrEqual(LEASE_MS)
        await until(() => (subject.lent() ?? 0) === 0, 'no connection is held while the work goes on')
        expect(shop.open.map(({ transactions }) => transactions)).toEqual(shop.open.map(() => 0))
        during.end({ receipt: 7 })
        expect(await leased, counts).toMatchObject({
          outcome: 'claimed',
          value: { receipt: 7 },
          attempt: 1,
          recovered: false,
        })
        expect(shop.rowOf(id)).toMatchObject({
          status: 'Y',
          claim_token: working.claim_token,
          lease_until: null,
          result: '{"receipt":7}',
        })
        expect(server.requests.slice(from).map(changeOf).filter(Boolean)).toEqual(['lease', 'complete'])
        expect(await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'twice' })).toMatchObject({
          outcome: 'duplicate',
          value: { receipt: 7 },
        })
        shop.countsOfTriggers = []
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'whoever comes while an order is leased is told for how long',
    async run(subject, mutation) {
      const { shop } = subject
      const claims = await leasesOn(subject, mutation)
      const id = next(subject)
      const during = heldWork()
      const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work }))
      await during.context
      for (const strategy of STRATEGIES) {
        const left = shop.rowOf(id).lease_until! - shop.now
        const busy = await claims.claimOnce(id, { strategy })
        expect(busy).toMatchObject({ outcome: 'busy', reply: 'call_again' })
        const { retryAfterMs } = busy as { retryAfterMs: number }
        expect(retryAfterMs).toBeLessThanOrEqual(left + 1)
        expect(retryAfterMs).toBeGreaterThan(left - 5000)
      }
      expect(await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'mine' })).toMatchObject({ outcome: 'busy' })
      expect(await claims.moveOnce(id, { to: 'Expired' })).toEqual({ outcome: 'wrong_status', status: 'Working' })
      expect(await claims.reset(id)).toEqual({ outcome: 'wrong_status', status: 'Working' })
      during.end(null)
      expect(await leased).toMatchObject({ outcome: 'claimed' })
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'an order whose lease is over is taken over, and its first worker can write nothing',
    async run(subject, mutation) {
      const { shop } = subject
      shop.noCount = true
      const claims = await leasesOn(subject, mutation)
      for (const ending of ['done', 'failed'] as const) {
        const id = next(subject)
        const [first, second] = [heldWork(), heldWork()]
        const late = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
        const one = await first.context
        shop.ahead += LEASE_MS
        expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'busy', retryAfterMs: 0 })
        const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: second.work }))
        const two = await second.context
        expect([two.attempt, two.idempotencyKey]).toEqual([2, one.idempotencyKey])
        const taken = shop.rowOf(id)
        const refused = new Error('the provider said no')
        if (ending === 'done') first.end('too late')
        else first.fail(refused)
        if (ending === 'done') expect(await codeOf(late)).toBe('CLAIM_LOST')
        else await expect(late).rejects.toBe(refused)
        expect(shop.rowOf(id)).toEqual(taken)
        expect(claims.events.some(({ type, orderId }) => type === 'lease_lost' && orderId === id)).toBe(true)
        second.end('in time')
        expect(await leased).toMatchObject({ outcome: 'claimed', value: 'in time', attempt: 2 })
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'a worker that renews its lease in the last instant keeps the order',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await leasesOn(subject, mutation)
      const id = next(subject)
      const during = heldWork()
      const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work }))
      await during.context
      shop.ahead += LEASE_MS
      const order = shop.orders.get(String(id))!
      server.faults.add({
        when: (request) => {
          if (!is('takeOver')(request)) return false
          order.row = { ...order.row, lease_until: shop.now + LEASE_MS }
          return true
        },
        do: { delayMs: 0 },
      })
      const second = await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'taken over' })
      expect(second).toMatchObject({ outcome: 'busy' })
      during.end('mine')
      expect(await leased).toMatchObject({ outcome: 'claimed', value: 'mine', attempt: 1 })
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'the completion was cut: recovered where it was done, else completed now; its effect takes place once',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await leasesOn(subject, mutation)
      let total = 0
      for (const fault of ['cut after', 'cut midway', 'cut before'] as const) {
        const recovered = fault !== 'cut before'
        for (const kind of ['bare', 'with an effect'] as const) {
          const id = next(subject)
          let works = 0
          const { effect, runs } = credit(subject)
          let armed = false
          server.faults.add({
            when: (request) => armed && (isCommit(request) || (kind === 'bare' && is('complete')(request))),
            do: fault,
          })
          const work = (): string => {
            armed = true
            works += 1
            return 'receipt'
          }
          const from = server.requests.length
          const label = `${fault}, ${kind}`
          const done = await claims.leaseOnce(id, { leaseMs: LEASE_MS, work, ...(kind === 'bare' ? {} : { effect }) })
          // What the effect returned is kept with the order, and read from there.
          const value = kind === 'bare' ? 'receipt' : recovered ? 1 : 2
          expect(done, label).toMatchObject({ outcome: 'claimed', value, attempt: 1, recovered })
          if (kind !== 'bare') total += 42
          expect([works, runs(), shop.balance], label).toEqual([1, kind === 'bare' ? 0 : recovered ? 1 : 2, total])
          expect(shop.rowOf(id), label).toMatchObject({ status: 'Y', lease_until: null, attempts: 1 })
          const sent = server.requests.slice(from)
          expect(sent.filter(isCommit).length, label).toBeLessThanOrEqual(sent.filter(isBegin).length)
        }
      }
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'the completion never arrived, and somebody else has the order now: lost',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await leasesOn(subject, mutation)
      const id = next(subject)
      const order = shop.orders.get(String(id))!
      server.faults.add({
        when: (request) => {
          if (!is('complete')(request)) return false
          order.row = { ...order.row, claim_token: 'of somebody else', attempts: 2 }
          return true
        },
        do: 'cut before',
      })
      expect(await codeOf(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'receipt' }))).toBe('CLAIM_LOST')
      expect(shop.rowOf(id)).toMatchObject({ status: 'Working', claim_token: 'of somebody else', result: null })
      await poolIsWhole(subject, mutation)
    },
  },
  {
    name: 'the answer to the taking was lost: it goes on, with one lease and one work',
    async run(subject, mutation) {
      const { shop, server } = subject
      const claims = await leasesOn(subject, mutation)
      for (const [site, when] of [
        ['the UPDATE', is('lease')],
        ['COMMIT', isCommit],
      ] as const) {
        for (const fault of ['cut before', 'cut after', 'cut midway'] as const) {
          const id = next(subject)
          let works = 0
          server.faults.add({ when, do: fault })
          const leased = claims.leaseOnce(id, {
            leaseMs: LEASE_MS,
            read: ['amount'],
            work: (order) => {
              works += 1
              return [order, shop.rowOf(id).attempts]
            },
          })
          const value = [{ amount: expect.anything() as unknown }, 1]
          expect(await leased, `${site}, ${fault}`).toMatchObject({ outcome: 'claimed', attempt: 1, value })
          expect(works).toBe(1)
        }
      }
      await poolIsWhole(subject, mutation)
    },
  },
]
