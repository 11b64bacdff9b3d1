import { describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { codeOf, CREDIT, isCommit } from './cases.ts'
import { heldWork } from '../../support/held-work.ts'
import { later } from './later.ts'
import { poolIsWhole } from './hygiene.ts'
import { LEASE_MS, leasesOn } from './lease-cases.ts'
import { credit, next, RECOVERED, resolvingOn } from './resolution-cases.ts'
import { DRIVERS, POOL_SIZE, REACHABLE, subjectOf } from './subjects.ts'

describe.each(DRIVERS)('connections of leases, through %s', (driver) => {
  test('work holds none: more orders are worked for at the same time than the pool has connections', async () => {
    const subject = await subjectOf(driver)
    const claims = await leasesOn(subject)
    const works = Array.from({ length: POOL_SIZE * 3 }, heldWork)
    const leased = works.map(({ work }) => later(claims.leaseOnce(next(subject), { leaseMs: LEASE_MS, work })))
    await Promise.all(works.map(({ context }) => context))
    await until(() => (subject.lent() ?? 0) === 0, 'nothing is lent')
    for (const [index, { end }] of works.entries()) end(index)
    const done = await Promise.all(leased)
    expect(done.map(({ outcome }) => outcome)).toEqual(works.map(() => 'claimed'))
    await poolIsWhole(subject)
  })

  test('work may claim another order, its effect may not', async () => {
    const subject = await subjectOf(driver)
    const claims = await leasesOn(subject)
    const [outer, inner, refused] = [next(subject), next(subject), next(subject)]
    const work = async (): Promise<string> => (await claims.claimOnce(inner)).outcome
    expect(await claims.leaseOnce(outer, { leaseMs: LEASE_MS, work })).toMatchObject({ value: 'claimed' })
    const nested = claims.leaseOnce(refused, {
      leaseMs: LEASE_MS,
      work: () => null,
      effect: () => claims.claimOnce(inner),
    })
    expect(await codeOf(nested)).toBe('CLAIM_EFFECT_MISUSE')
    expect(subject.shop.statusOf(refused)).toBe('Wait')
    await poolIsWhole(subject)
  })
})

describe.each(REACHABLE)('sessions as others have left them, through %s', (driver) => {
  test('IMPLICIT_TRANSACTIONS: what ends a lease is made again, in a transaction that is committed', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    for (const ending of ['done', 'failed'] as const) {
      const id = next(subject)
      const during = heldWork()
      const leased = later(claims.leaseOnce(id, { leaseMs: LEASE_MS, work: during.work }))
      await during.context
      await subject.batch('set implicit_transactions on;')
      const commits = server.requests.filter(isCommit).length
      if (ending === 'done') during.end('receipt')
      else during.fail(new Error('no'))
      if (ending === 'done') expect(await leased).toMatchObject({ outcome: 'claimed', value: 'receipt' })
      else await expect(leased).rejects.toThrow('no')
      expect(shop.rowOf(id)).toMatchObject({ status: ending === 'done' ? 'Y' : 'Wait', lease_until: null })
      expect(server.requests.filter(isCommit).length - commits).toBe(1)
      await subject.batch('set implicit_transactions off;')
    }
    await poolIsWhole(subject)
  })

  test('IMPLICIT_TRANSACTIONS on the connection by which a bare claim is found out', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await resolvingOn(subject)
    for (const fault of ['cut after', 'cut before'] as const) {
      // A second connection, left open by a claim that has met the first one.
      const both = Promise.withResolvers<undefined>()
      let here = 0
      const meet = async (): Promise<void> => {
        here += 1
        if (here === POOL_SIZE) both.resolve(undefined)
        await both.promise
      }
      await Promise.all(Array.from({ length: POOL_SIZE }, () => claims.claimOnce(next(subject), { effect: meet })))
      const id = next(subject)
      const { row_version: version } = shop.rowOf(id)
      server.faults.add({
        when: (request, session) => {
          if (!request.sql.includes('\nupdate [dbo].[orders]\n')) return false
          for (const other of shop.open) if (other.session !== session) other.settings.implicit = true
          return true
        },
        do: fault,
      })
      const result = await claims.claimOnce(id)
      expect(result).toMatchObject(fault === 'cut after' ? RECOVERED : { outcome: 'claimed', recovered: false })
      expect([shop.statusOf(id), shop.rowOf(id).row_version - version]).toEqual(['Y', 1])
      expect(shop.open.map(({ transactions }) => transactions)).toEqual(shop.open.map(() => 0))
      for (const { settings } of shop.open) settings.implicit = false
    }
    await poolIsWhole(subject)
  })

  test('a transaction that somebody left open: nothing of a lease is written into it', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const taking = next(subject)
    await subject.batch('begin tran')
    expect(await codeOf(claims.leaseOnce(taking, { leaseMs: LEASE_MS, work: () => null }))).toBe('CLAIM_CONFIG')
    expect(shop.statusOf(taking)).toBe('Wait')
    await poolIsWhole(subject)
  })

  test('the isolation level of the session is as it was', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    await subject.batch('set transaction isolation level serializable;')
    await claims.leaseOnce(next(subject), { leaseMs: LEASE_MS, work: () => null, effect: credit(subject).effect })
    await until(() => (subject.lent() ?? 0) === 0, 'the connection is back')
    // kysely begins every transaction with the level that tedious is configured with, and so leaves it behind.
    const level = driver === 'mssql' ? 4 : 2
    expect(shop.open.map(({ settings }) => settings.isolation)).toEqual(shop.open.map(() => level))
    expect(subject.server.requests.filter(({ sql }) => sql === CREDIT)).toHaveLength(1)
  })
})
