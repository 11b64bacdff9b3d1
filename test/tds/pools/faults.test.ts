import { describe, expect, test } from 'vitest'
import { ClaimError } from '../../../src/errors.ts'
import { PICK_STRATEGIES } from '../../../src/pool/pool-config.ts'
import { memoryQueue } from '../../pool/memory-queue.ts'
import type { Fault } from '../../support/tds/faults.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { DRIVERS } from '../claims/subjects.ts'
import { cardsOn, ownersOf, poolIsWhole, poolOf } from './subjects.ts'

const isHeldRead = ({ sql }: TdsRequest): boolean => sql.includes(' as pool_owner')
const isPick = ({ sql }: TdsRequest): boolean => sql.includes('select top ') && sql.includes(' as pool_id')
const isTake = ({ sql }: TdsRequest): boolean => /\nupdate \[dbo\]\.\[cards\]/.test(sql)
const isCommit = ({ kind, sql }: TdsRequest): boolean => kind === 'commit' || sql === 'commit transaction'

const EFFECT = 'update accounts set balance = balance + 10'

/** Whatever is cut off: the call finds out what became of it, and the owner has one card. */
const CUTS: readonly { name: string; when: (request: TdsRequest) => boolean; fault: Fault; recovered: boolean }[] = [
  { name: 'before the read', when: isHeldRead, fault: 'cut before', recovered: false },
  { name: 'before the UPDATE', when: isTake, fault: 'cut before', recovered: false },
  { name: 'after the UPDATE', when: isTake, fault: 'cut after', recovered: false },
  { name: 'before COMMIT', when: isCommit, fault: 'cut before', recovered: false },
  { name: 'after COMMIT', when: isCommit, fault: 'cut after', recovered: true },
]

describe.each(DRIVERS)('faults of a played SQL Server, through %s', (driver) => {
  test.each(CUTS)('cut off $name, with an effect: one card, one effect', async ({ when, fault, recovered }) => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 3)
    const cards = await cardsOn(pool, { strategy: 'skip_locked' })
    pool.server.faults.add({ when, do: fault })
    let runs = 0
    const effect = async (tx: unknown): Promise<void> => {
      runs += 1
      await pool.run(tx, EFFECT)
    }
    const result = await cards.claimNext('anna', { effect })
    expect(result).toMatchObject({ outcome: 'claimed', recovered })
    expect([ownersOf(pool).filter((owner) => owner !== null), pool.played.balance]).toEqual([['anna'], 10])
    expect(runs).toBe(when === isCommit && !recovered ? 2 : 1)
    await poolIsWhole(pool)
  })

  test.each(PICK_STRATEGIES)('an UPDATE whose answer is lost is found again by its token (%s)', async (strategy) => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 3)
    const cards = await cardsOn(pool, { strategy, queue: memoryQueue() })
    if (strategy === 'queue') await cards.refill()
    pool.server.faults.add({ when: strategy === 'skip_locked' ? isCommit : isTake, do: 'cut after' })
    expect(await cards.claimNext('anna')).toMatchObject({ outcome: 'claimed', recovered: true })
    expect(ownersOf(pool).filter((owner) => owner !== null)).toEqual(['anna'])
    await poolIsWhole(pool)
  })

  test('a confirmation whose answer is lost is found again by its token', async () => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 1)
    const cards = await cardsOn(pool, { strategy: 'conditional' })
    await cards.claimNext('anna', { reserveMs: 3_600_000 })
    pool.server.faults.add({ when: isTake, do: 'cut after' })
    expect(await cards.confirm('anna')).toMatchObject({ outcome: 'confirmed', recovered: true })
    expect(await cards.count()).toEqual({ free: 0, taken: 1, reserved: 0 })
    await poolIsWhole(pool)
  })

  test('three who were drawn together are told of theirs after COMMIT was not answered', async () => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 3)
    const cards = await cardsOn(pool, { strategy: 'skip_locked' })
    pool.server.faults.add({ when: isCommit, do: 'cut after' })
    const owners = ['anna', 'berta', 'carl']
    const results = await Promise.all(owners.map((owner) => cards.claimNext(owner)))
    for (const result of results) expect(result).toMatchObject({ outcome: 'claimed', recovered: true })
    expect(ownersOf(pool).sort()).toEqual(owners)
    await poolIsWhole(pool)
  })

  test('a deadlock is tried again, a lock that is not got is contended, and nothing is left of either', async () => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 1)
    const cards = await cardsOn(pool, { strategy: 'skip_locked' })
    pool.server.faults.add({ when: isTake, do: { error: { number: 1205, message: 'deadlock' }, rolledBack: true } })
    expect((await cards.claimNext('anna')).outcome).toBe('claimed')
    await cards.release('anna')
    pool.server.faults.add({ when: isPick, times: 99, do: { error: { number: 1222, message: 'lock time-out' } } })
    expect((await cards.claimNext('anna', { timeoutMs: 600 })).outcome).toBe('contended')
    pool.server.faults.clear()
    expect(ownersOf(pool)).toEqual([null])
    await poolIsWhole(pool)
  })

  test.each([
    [207, 'CLAIM_CONFIG'],
    [2628, 'CLAIM_REJECTED'],
    [7, 'CLAIM_FAILED'],
    [40613, 'claimed'],
    [2601, 'claimed'],
  ])('error %d at the UPDATE comes to %s', async (number, expected) => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 2)
    const cards = await cardsOn(pool, { strategy: 'skip_locked' })
    pool.server.faults.add({ when: isTake, do: { error: { number, message: `number ${number}` }, rolledBack: true } })
    const came = await cards.claimNext('anna').then(
      ({ outcome }) => outcome,
      (error: unknown) => (error instanceof ClaimError ? error.code : error),
    )
    expect(came).toBe(expected)
    expect(ownersOf(pool).filter((owner) => owner !== null).length).toBe(expected === 'claimed' ? 1 : 0)
    await poolIsWhole(pool)
  })

  test('a server that ignores hints shows two sessions one card, and the guard lets one of them through', async () => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 2)
    pool.played.ignoresHints = true
    const cards = await cardsOn(pool, { strategy: 'skip_locked', drawTogether: 1, timeoutMs: 3000 })
    // Both have read before either writes.
    pool.server.faults.add({ when: isTake, times: 2, do: { delayMs: 60 } })
    const results = await Promise.all(['anna', 'berta'].map((owner) => cards.claimNext(owner)))
    expect(results.map(({ outcome }) => outcome)).toEqual(['claimed', 'claimed'])
    expect(ownersOf(pool).sort()).toEqual(['anna', 'berta'])
    expect(pool.server.requests.filter(isTake).length).toBe(3)
    await poolIsWhole(pool)
  })

  test('a card that another session holds is passed over, and contended where it is the last', async () => {
    const pool = await poolOf(driver)
    pool.played.cards.addFree('spring', 2)
    const cards = await cardsOn(pool, { strategy: 'skip_locked' })
    const held = Promise.withResolvers<undefined>()
    const entered = Promise.withResolvers<undefined>()
    const first = cards.claimNext('anna', {
      timeoutMs: 4000,
      effect: async () => {
        entered.resolve(undefined)
        await held.promise
      },
    })
    await entered.promise
    expect((await cards.claimNext('berta')).outcome).toBe('claimed')
    expect((await cards.claimNext('carl', { timeoutMs: 400 })).outcome).toBe('contended')
    held.resolve(undefined)
    expect((await first).outcome).toBe('claimed')
    expect((await cards.claimNext('carl')).outcome).toBe('exhausted')
    await poolIsWhole(pool)
  })
})
