import { describe, expect, test } from 'vitest'
import { ClaimError } from '../../../src/errors.ts'
import { REFUSALS } from '../../support/tds/login.ts'
import type { Refusal } from '../../support/tds/login.ts'
import { until } from '../../support/until.ts'
import { codeOf, DEADLOCK, isCommit, lockByAnother } from './cases.ts'
import { is } from './changes.ts'
import { heldWork } from '../../support/held-work.ts'
import { later } from './later.ts'
import { poolIsWhole } from './hygiene.ts'
import { LEASE_MS, leasesOn } from './lease-cases.ts'
import { credit, next } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

describe.each(DRIVERS)('how a lease ends, through %s', (driver) => {
  test('the work fails: given back with the reason, at once free for the next', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const failure = new Error('the provider is down')
    const failed = claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => Promise.reject(failure) })
    await expect(failed).rejects.toBe(failure)
    expect(shop.rowOf(id)).toMatchObject({
      status: 'Wait',
      claim_token: null,
      lease_until: null,
      attempts: 1,
      last_error: 'Error: the provider is down',
    })
    expect(await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'done' })).toMatchObject({
      outcome: 'claimed',
      attempt: 2,
    })
    await poolIsWhole(subject)
  })

  test('it failed too often, or its workers have died too often: nobody tries again', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const [often, dead] = [next(subject), next(subject)]
    const failing = claims.leaseOnce(often, {
      leaseMs: LEASE_MS,
      maxAttempts: 1,
      work: () => Promise.reject(new Error('no')),
    })
    await expect(failing).rejects.toThrow('no')
    const first = heldWork()
    const late = later(claims.leaseOnce(dead, { leaseMs: LEASE_MS, maxAttempts: 1, work: first.work }))
    await first.context
    shop.ahead += LEASE_MS
    for (const id of [often, dead]) {
      const more = claims.leaseOnce(id, { leaseMs: LEASE_MS, maxAttempts: 1, work: () => 'again' })
      expect(await more).toMatchObject({ outcome: 'wrong_status', reply: 'review', status: 'Failed' })
    }
    expect(shop.rowOf(often)).toMatchObject({ status: 'Failed', last_error: 'Error: no', claim_token: null })
    first.end(null)
    expect(await codeOf(late)).toBe('CLAIM_LOST')
    await poolIsWhole(subject)
  })

  test.each(['cut before', 'cut after', { error: DEADLOCK, rolledBack: true }] as const)(
    'giving it back fails: the error of the work is what is thrown (%j)',
    async (fault) => {
      const subject = await subjectOf(driver)
      const { shop, server } = subject
      const claims = await leasesOn(subject)
      const id = next(subject)
      const failure = new Error('the provider is down')
      server.faults.add({ when: is('giveBack'), do: fault })
      const failed = claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => Promise.reject(failure) })
      await expect(failed).rejects.toBe(failure)
      // A deadlock is tried again; a lease that stands runs out.
      expect(shop.statusOf(id)).toBe(fault === 'cut before' ? 'Working' : 'Wait')
      const told = claims.events.some(({ type }) => type === 'failure_not_noted')
      expect(told).toBe(typeof fault === 'string')
      await poolIsWhole(subject)
    },
  )

  test('taking over is turned off: a person is to look', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const first = heldWork()
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: first.work }))
    await first.context
    shop.ahead += LEASE_MS
    const second = claims.leaseOnce(id, { leaseMs: LEASE_MS, takeover: false, work: () => null })
    expect(await second).toMatchObject({ outcome: 'wrong_status', reply: 'review', status: 'Working' })
    first.end(null)
    expect(await leased).toMatchObject({ outcome: 'claimed', attempt: 1 })
    await poolIsWhole(subject)
  })

  test.each(['lease', 'takeOver', 'complete'] as const)('a deadlock (%s) is tried again', async (change) => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    if (change === 'takeOver') {
      const order = shop.orders.get(String(id))!
      order.row = {
        ...order.row,
        status: 'Working',
        claim_token: 'of one who died',
        lease_until: shop.now - 1,
        attempts: 1,
      }
    }
    const armed = server.faults.add({ when: is(change), do: { error: DEADLOCK, rolledBack: true } })
    const { effect } = credit(subject)
    const leased = claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'once', effect })
    expect(await leased).toMatchObject({ outcome: 'claimed', attempt: change === 'takeOver' ? 2 : 1 })
    expect([armed.strikes, shop.balance]).toEqual([1, 42])
    await poolIsWhole(subject)
  })

  test('the row is locked when the work is done: the lease runs out, and is taken over', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const during = heldWork()
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, lockTimeoutMs: 20, work: during.work }))
    await during.context
    const unlock = lockByAnother(subject, id)
    during.end('receipt')
    expect(await codeOf(leased)).toBe('CLAIM_TIMEOUT')
    unlock()
    expect(shop.statusOf(id)).toBe('Working')
    shop.ahead += LEASE_MS
    expect(await claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'same key' })).toMatchObject({ attempt: 2 })
    await poolIsWhole(subject)
  })

  test.each(['cut after', 'cut before'] as const)(
    'the server is away when the work is done (%s): unknown, and not given back',
    async (fault) => {
      const door: { refusal: Refusal | null } = { refusal: null }
      const subject = await subjectOf(driver, { login: () => door.refusal })
      const { shop, server } = subject
      const claims = await leasesOn(subject, undefined, { resolveTimeoutMs: 150 })
      const id = next(subject)
      server.faults.add({
        when: (request, session) => {
          if (!is('complete')(request)) return false
          door.refusal = REFUSALS.wrongPassword('shop')
          for (const other of server.openSessions) if (other !== session) other.cut()
          return true
        },
        do: fault,
      })
      const thrown: unknown = await claims
        .leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'paid' })
        .catch((error: unknown) => error)
      if (!(thrown instanceof ClaimError)) throw thrown
      expect(thrown).toMatchObject({ code: 'CLAIM_UNKNOWN', reply: 'call_again' })
      expect(claims.events.map(({ type }) => type)).not.toContain('work_failed')
      door.refusal = null
      shop.ahead += LEASE_MS
      const callback = claims.leaseOnce(id, { leaseMs: LEASE_MS, work: () => 'paid, by the same key' })
      expect(await callback).toMatchObject(
        fault === 'cut after' ? { outcome: 'duplicate', value: 'paid' } : { outcome: 'claimed', attempt: 2 },
      )
      await poolIsWhole(subject)
    },
  )

  test('COMMIT of the completion is not answered: the question is bounded by itself, and the effect takes place once', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const { effect, runs } = credit(subject)
    const id = next(subject)
    const during = heldWork()
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work, effect }))
    await during.context
    const armed = server.faults.add({ when: isCommit, do: 'swallow' })
    during.end('receipt')
    expect(await leased).toMatchObject({ outcome: 'claimed', value: 1, recovered: true })
    expect([armed.strikes, runs(), shop.balance]).toEqual([1, 1, 42])
    await until(() => shop.statusOf(id) === 'Y', 'it is claimed')
    await poolIsWhole(subject)
  })
})
