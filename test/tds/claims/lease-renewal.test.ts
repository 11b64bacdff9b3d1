import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { codeOf } from './cases.ts'
import { is } from './changes.ts'
import { heldWork } from '../../support/held-work.ts'
import { later } from './later.ts'
import { poolIsWhole } from './hygiene.ts'
import { leasesOn } from './lease-cases.ts'
import { next } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

/** Renewed every 200 ms. */
const LEASE_MS = 600

describe.each(DRIVERS)('renewing a lease, through %s', (driver) => {
  test('goes on as long as the work, by one statement each', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const during = heldWork()
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work }))
    const { signal } = await during.context
    const from = server.requests.length
    const before = shop.rowOf(id)
    await until(() => server.requests.slice(from).filter(is('renew')).length > 2, 'it was renewed three times')
    const during2 = shop.rowOf(id)
    expect(during2.lease_until).toBeGreaterThan(before.lease_until!)
    expect(during2).toMatchObject({ status: 'Working', claim_token: before.claim_token, attempts: 1 })
    expect(server.requests.slice(from).every(is('renew'))).toBe(true)
    expect(signal.aborted).toBe(false)
    during.end(null)
    expect(await leased).toMatchObject({ outcome: 'claimed', attempt: 1 })
    await poolIsWhole(subject)
  })

  test.each(['cut before', 'cut after', { error: { number: 1205, message: 'Deadlock.' } }] as const)(
    'a renewal that fails is made again: %j',
    async (fault) => {
      const subject = await subjectOf(driver)
      const { shop, server } = subject
      const claims = await leasesOn(subject)
      const id = next(subject)
      const during = heldWork()
      const armed = server.faults.add({ when: is('renew'), do: fault })
      const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work }))
      const { signal } = await during.context
      await armed.struck
      const from = server.requests.length
      const { lease_until: first } = shop.rowOf(id)
      await until(() => server.requests.slice(from).some(is('renew')), 'it is renewed again')
      await until(() => shop.rowOf(id).lease_until! > first!, 'it lasts longer')
      expect(signal.aborted).toBe(false)
      during.end('done')
      expect(await leased).toMatchObject({ outcome: 'claimed', value: 'done' })
      await poolIsWhole(subject)
    },
  )

  test('somebody else has the order: the signal fires, and nothing is written any more', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const order = shop.orders.get(String(id))!
    const during = heldWork()
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work }))
    const { signal } = await during.context
    order.row = { ...order.row, claim_token: 'of somebody else', attempts: 2, lease_until: shop.now + 60_000 }
    const theirs = order.row
    expect(await codeOf(leased)).toBe('CLAIM_LOST')
    expect(signal.reason).toMatchObject({ code: 'CLAIM_LOST' })
    expect(shop.rowOf(id)).toBe(theirs)
    await poolIsWhole(subject)
  })

  test('it cannot be renewed in time: the signal fires; where nobody has come, the work is written down all the same', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const during = heldWork()
    server.faults.add({ when: is('renew'), times: Infinity, do: { error: { number: 701, message: 'No memory.' } } })
    const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, timeoutMs: 300, work: during.work }))
    const { signal } = await during.context
    await until(() => signal.aborted, 'the signal fires')
    expect(signal.reason).toMatchObject({ code: 'CLAIM_LOST' })
    expect(claims.events.map(({ type }) => type)).toContain('renewal_failed')
    during.end('late')
    expect(await leased).toMatchObject({ outcome: 'claimed', value: 'late' })
    expect(shop.rowOf(id)).toMatchObject({ status: 'Y', result: '"late"' })
    await poolIsWhole(subject)
  })
})
