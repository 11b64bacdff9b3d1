import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject } from '../contract/subjects.ts'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import { cardsOn, createCards, stock } from '../pool/cards.ts'
import { memoryQueue } from '../pool/memory-queue.ts'
import { lanes } from '../support/lanes.ts'
import { withoutAutocommit } from './support/without-autocommit.ts'

describe.each(lanes)('cards in sessions without autocommit, on $name', ({ url }) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await mysqlSubject('mysql2/promise', url, { connectionLimit: 2 })
    await createCards(subject)
  })
  afterAll(() => subject.close())

  test.each(PICK_STRATEGIES)(
    'what others do meanwhile is counted, and cards are given and kept (%s)',
    async (strategy) => {
      const cards = cardsOn(subject, { strategy, queue: memoryQueue(), adapter: withoutAutocommit })
      const scope = await stock(subject, cards, 4)
      expect((await cards.claimNext('anna', { scope })).outcome).toBe('claimed')
      expect(await cards.count({ scope })).toEqual({ free: 3, taken: 1, reserved: 0 })
      await subject.query(
        `update cards set status = 'Taken', owner = 'other', slot = 1 where campaign = '${scope}' and status = 'Free' limit 1`,
      )
      for (let times = 0; times < 3; times += 1) {
        expect(await cards.count({ scope })).toEqual({ free: 2, taken: 2, reserved: 0 })
      }
      const results = []
      for (const owner of ['anna', 'berta', 'carl', 'dora'])
        results.push((await cards.claimNext(owner, { scope })).outcome)
      expect(results).toEqual(['duplicate', 'claimed', 'claimed', 'exhausted'])
      const [row] = await subject.query(
        `select count(distinct owner) as owners from cards where campaign = '${scope}' and status = 'Taken'`,
      )
      expect(Number(row?.['owners'])).toBe(4)
    },
  )
})
