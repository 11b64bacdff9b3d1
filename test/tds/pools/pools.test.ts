import { describe, expect, test } from 'vitest'
import { PICK_STRATEGIES } from '../../../src/pool/pool-config.ts'
import { memoryQueue } from '../../pool/memory-queue.ts'
import { DRIVERS } from '../claims/subjects.ts'
import { cardsOn, ownersOf, poolIsWhole, poolOf } from './subjects.ts'

const AN_HOUR = 3_600_000

describe.each(DRIVERS)('cards of a played SQL Server, through %s', (driver) => {
  describe.each(PICK_STRATEGIES)('by %s', (strategy) => {
    const queue = memoryQueue()

    test('each owner has one, and the same one when he asks again', async () => {
      const pool = await poolOf(driver)
      pool.played.cards.addFree('spring', 3)
      const cards = await cardsOn(pool, { strategy, queue })
      for (const owner of ['anna', 'berta', 'carl', 'dora', 'anna'])
        await cards.claimNext(owner, { read: ['card_number'] })
      const told = cards.events.flatMap((event) => (event.type === 'outcome' ? [event.result.outcome] : []))
      expect(told).toEqual(['claimed', 'claimed', 'claimed', 'exhausted', 'duplicate'])
      expect(ownersOf(pool).sort()).toEqual(['anna', 'berta', 'carl'])
      await poolIsWhole(pool)
    })

    test('twenty owners at once, more than there are connections and cards', async () => {
      const pool = await poolOf(driver)
      pool.played.cards.addFree('spring', 15)
      const cards = await cardsOn(pool, { strategy, queue, timeoutMs: 5000 })
      const owners = Array.from({ length: 40 }, (_, index) => `w${index % 20}`)
      const results = await Promise.all(owners.map((owner) => cards.claimNext(owner)))
      expect(new Set(ownersOf(pool)).size).toBe(15)
      results.forEach(({ outcome }, index) => {
        expect(outcome === 'exhausted').toBe(!ownersOf(pool).includes(owners[index] ?? ''))
      })
      await poolIsWhole(pool)
    })

    test('all or none, reserved, confirmed, given back', async () => {
      const pool = await poolOf(driver)
      pool.played.cards.addFree('spring', 4)
      const cards = await cardsOn(pool, { strategy, queue })
      expect((await cards.claimNext('anna', { count: 3, reserveMs: AN_HOUR })).outcome).toBe('claimed')
      expect((await cards.claimNext('berta', { count: 2 })).outcome).toBe('exhausted')
      expect(await cards.count()).toEqual({ free: 1, taken: 0, reserved: 3 })
      expect((await cards.confirm('anna')).outcome).toBe('confirmed')
      expect((await cards.confirm('anna')).outcome).toBe('duplicate')
      expect(await cards.release('anna')).toEqual({ outcome: 'released', items: 3 })
      expect(ownersOf(pool)).toEqual([null, null, null, null])
      await poolIsWhole(pool)
    })

    test('reservations end by the clock of the server', async () => {
      const pool = await poolOf(driver)
      pool.played.cards.addFree('spring', 2)
      const cards = await cardsOn(pool, { strategy, queue })
      for (const owner of ['anna', 'berta']) await cards.claimNext(owner, { reserveMs: AN_HOUR })
      expect((await cards.claimNext('carl')).outcome).toBe('exhausted')
      pool.played.ahead = 2 * AN_HOUR
      expect((await cards.confirm('anna')).outcome).toBe('expired')
      expect((await cards.claimNext('carl')).outcome).toBe('claimed')
      expect((await cards.confirm('berta')).outcome).toBe('nothing_held')
      await poolIsWhole(pool)
    })

    test('what the effect throws leaves nothing', async () => {
      const pool = await poolOf(driver)
      pool.played.cards.addFree('spring', 1)
      const cards = await cardsOn(pool, { strategy, queue })
      const effect = async (tx: unknown): Promise<never> => {
        await pool.run(tx, 'update accounts set balance = balance + 10')
        throw new Error('no')
      }
      await expect(cards.claimNext('anna', { effect })).rejects.toThrow('no')
      expect([ownersOf(pool), pool.played.balance]).toEqual([[null], 0])
      await poolIsWhole(pool)
    })
  })
})
