import { describe, expect, test } from 'vitest'
import { codeOf, CREDIT, isCommit } from './cases.ts'
import { changeOf, is } from './changes.ts'
import { poolIsWhole } from './hygiene.ts'
import { leasesOn } from './lease-cases.ts'
import { CLAIMED, credit, next, RECOVERED, unknownOf } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

describe.each(DRIVERS)('what is kept beside the order, through %s', (driver) => {
  test('the result of the effect, in its transaction: later callbacks and recovered calls are given it', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    shop.noCount = true
    const claims = await leasesOn(subject)
    const value = { receipt: 7, for: '张三' }
    for (const fault of [null, 'cut after'] as const) {
      const id = next(subject)
      const effect = async (tx: unknown): Promise<typeof value> => {
        await subject.run(tx, CREDIT)
        return value
      }
      if (fault !== null) server.faults.add({ when: isCommit, do: fault })
      const from = server.requests.length
      expect(await claims.claimOnce(id, { effect })).toMatchObject({ ...(fault === null ? CLAIMED : RECOVERED), value })
      expect(server.requests.slice(from).map(changeOf).filter(Boolean)).toEqual([
        'claim',
        'keepResult',
        ...(fault === null ? [] : ['claim']),
      ])
      // In ASCII, which every code page holds.
      expect(shop.rowOf(id).result).toBe(String.raw`{"receipt":7,"for":"\u5f20\u4e09"}`)
      expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'duplicate', value })
    }
    expect(shop.balance).toBe(84)
    await poolIsWhole(subject)
  })

  test('keeping the result is lost on the way: nothing of the claim stands', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const { effect, runs } = credit(subject)
    server.faults.add({ when: is('keepResult'), do: 'cut after' })
    expect(await claims.claimOnce(id, { effect })).toMatchObject(CLAIMED)
    expect([runs(), shop.balance, shop.rowOf(id).result]).toEqual([2, 42, '2'])
    await poolIsWhole(subject)
  })

  test('the effect has put another token on the row: its result is not kept, and the claim stands', async () => {
    const subject = await subjectOf(driver)
    const { shop } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const order = shop.orders.get(String(id))!
    const effect = async (tx: unknown): Promise<number> => {
      await subject.run(tx, CREDIT)
      order.row = { ...order.row, claim_token: 'of the effect' }
      return 1
    }
    expect(await claims.claimOnce(id, { effect })).toMatchObject({ ...CLAIMED, value: 1 })
    expect(claims.events.map(({ type }) => type)).toContain('result_not_kept')
    expect(shop.rowOf(id)).toMatchObject({ status: 'Y', result: null })
    expect(shop.balance).toBe(42)
    await poolIsWhole(subject)
  })

  test('why an effect has failed, in a transaction of its own, after the rollback', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    const mine = new Error('the account is frozen')
    for (const count of [1, 2]) {
      await expect(claims.claimOnce(id, { effect: () => Promise.reject(mine) })).rejects.toBe(mine)
      expect(shop.rowOf(id)).toMatchObject({
        status: 'Wait',
        attempts: count,
        last_error: 'Error: the account is frozen',
      })
    }
    server.faults.add({ when: is('noteFailure'), do: 'cut before' })
    await expect(claims.claimOnce(id, { effect: () => Promise.reject(mine) })).rejects.toBe(mine)
    await poolIsWhole(subject)
    expect(shop.rowOf(id).attempts).toBeLessThanOrEqual(3)
    expect(await claims.claimOnce(id)).toMatchObject(CLAIMED)
  })

  test('an unknown claim is not noted as a failure', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject, undefined, { resolveTimeoutMs: 0 })
    const id = next(subject)
    const { effect } = credit(subject)
    server.faults.add({ when: isCommit, do: 'cut before' })
    const error = await unknownOf(claims.claimOnce(id, { effect }))
    expect(server.requests.filter(is('noteFailure'))).toEqual([])
    expect(await error.resolve({ timeoutMs: 10_000 })).toMatchObject({ ...CLAIMED, value: 2 })
    expect(shop.rowOf(id)).toMatchObject({ attempts: 0, last_error: null, result: '2' })
    await poolIsWhole(subject)
  })

  test('an order that was claimed is put back with nothing left of the claim; one that waits is closed', async () => {
    const subject = await subjectOf(driver)
    const { shop, server } = subject
    const claims = await leasesOn(subject)
    const id = next(subject)
    await claims.claimOnce(id, { effect: credit(subject).effect })
    expect(await claims.reset(id)).toEqual({ outcome: 'reset' })
    expect(shop.rowOf(id)).toMatchObject({
      status: 'Wait',
      claim_token: null,
      claimed_at: null,
      lease_until: null,
      attempts: 0,
      last_error: null,
      result: null,
    })
    server.faults.add({ when: is('move'), do: 'cut after' })
    expect(await codeOf(claims.moveOnce(id, { to: 'Expired' }))).toBe('CLAIM_UNKNOWN')
    expect(await claims.moveOnce(id, { to: 'Expired' })).toEqual({ outcome: 'already_moved' })
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'wrong_status', status: 'Expired' })
    await poolIsWhole(subject)
  })
})
