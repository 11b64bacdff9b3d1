import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import type { Subject } from '../contract/subject.ts'
import { mysqlSubject } from '../contract/subjects.ts'
import { counted, createDeliveries, deliveriesOn, newDeliveries } from '../drain/deliveries.ts'
import { byEffect } from '../drain/drain-cases.ts'
import { lanes } from '../support/lanes.ts'
import { recording } from './support/recorder.ts'

const DONE_ONE = { outcome: 'drained', taken: 1, done: 1 }

describe.each(lanes)('what a worker sees on $name', ({ url }) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await mysqlSubject('mysql2/promise', url, { connectionLimit: 4 })
    await createDeliveries(subject)
  })
  afterAll(() => subject.close())

  /** Somebody else has it locked until `work` is over. */
  const whileLocked = async (id: number | undefined, work: (free: () => Promise<void>) => Promise<void>) => {
    const other = await subject.begin()
    let isOver = false
    const free = async (): Promise<void> => {
      if (!isOver) await other.rollback()
      isOver = true
    }
    try {
      await subject.through(other.tx, `select * from deliveries where delivery_id = ${id} for update`)
      await work(free)
    } finally {
      await free()
    }
  }

  test('a job does not end while others hold for a moment what is due', async () => {
    const [locked] = await newDeliveries(subject, [-1])
    await whileLocked(locked, async (free) => {
      const job = deliveriesOn(subject).drain(byEffect(subject))
      await sleep(100)
      await free()
      expect(counted(await job)).toEqual(DONE_ONE)
    })
  })

  test('a job ends without what others hold for longer, and the next one has it', async () => {
    const [locked] = await newDeliveries(subject, [-2, -1])
    const { drain } = deliveriesOn(subject)
    await whileLocked(locked, async () => expect(counted(await drain(byEffect(subject)))).toEqual(DONE_ONE))
    expect(counted(await drain(byEffect(subject)))).toEqual(DONE_ONE)
  })

  const recorded = () => {
    const { adapter, sent } = recording(subject.adapter as Adapter<unknown>)
    return { ...deliveriesOn(subject, { adapter: () => adapter }), sent }
  }

  test('a loop looks by one statement, without a lock', async () => {
    await newDeliveries(subject, [60])
    const { drain, sent } = recorded()
    await drain(byEffect(subject), { poll: { intervalMs: 20 }, signal: AbortSignal.timeout(500) })
    // It begins like a job, by a take.
    const looks = sent.slice(sent.findLastIndex(({ sql }) => sql.includes('skip locked')))
    expect(looks.length).toBeGreaterThan(3)
    const texts = new Set(looks.map(({ sql }) => sql).filter((sql) => sql.startsWith('select')))
    expect([...texts].filter((sql) => !sql.includes('skip locked'))).toEqual([expect.stringMatching(/limit 1$/)])
  })

  test('an effect that needs the id alone costs no read', async () => {
    const { drain, sent } = recorded()
    const reads = (): number => sent.filter(({ sql }) => sql.endsWith('for update')).length
    await newDeliveries(subject, [-1])
    expect(await drain(byEffect(subject))).toMatchObject({ done: 1 })
    expect(reads()).toBe(0)
    await newDeliveries(subject, [-1])
    const { effect } = byEffect(subject)
    expect(await drain({ read: ['delivery_id', 'card'], effect })).toMatchObject({ done: 1 })
    expect(reads()).toBe(1)
  })
})
