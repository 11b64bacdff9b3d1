import { describe, expect, test } from 'vitest'
import type { Fault } from '../../support/tds/faults.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { REACHABLE } from '../claims/subjects.ts'
import { counted, isCommit, isCompletion, isReturn, isTake, nth, poolIsWhole, workerOf } from './subjects.ts'

const fail = (): never => {
  throw new Error('not now')
}

/** Whatever is cut off, it is found out what became of it, and each order is delivered once. */
const CUTS: readonly { name: string; when: () => (request: TdsRequest) => boolean; fault: Fault }[] = [
  { name: 'before the UPDATE that takes', when: () => isTake, fault: 'cut before' },
  { name: 'after the UPDATE that takes', when: () => isTake, fault: 'cut after' },
  { name: 'before COMMIT of the take', when: () => nth(isCommit, 1), fault: 'cut before' },
  { name: 'after COMMIT of the take', when: () => nth(isCommit, 1), fault: 'cut after' },
  { name: 'midway in the answer to COMMIT of the take', when: () => nth(isCommit, 1), fault: 'cut midway' },
  { name: 'before the UPDATE that completes', when: () => isCompletion, fault: 'cut before' },
  { name: 'after the UPDATE that completes', when: () => isCompletion, fault: 'cut after' },
  { name: 'before COMMIT of the completion', when: () => nth(isCommit, 2), fault: 'cut before' },
  { name: 'after COMMIT of the completion', when: () => nth(isCommit, 2), fault: 'cut after' },
]

describe.each(REACHABLE)('faults of a played SQL Server, through %s', (driver) => {
  test.each(CUTS)('cut off $name: each is delivered once', async ({ when, fault }) => {
    for (const kind of ['effect', 'batch'] as const) {
      const worker = await workerOf(driver)
      const { played, drain, credit, server, events } = worker
      played.due(-2000, -1000)
      server.faults.add({ when: when(), do: fault })
      const result = await drain({ [kind]: credit }, { batchSize: 2 })
      expect(counted(result), kind).toEqual({ outcome: 'drained', taken: 2, done: 2 })
      expect(played.statuses()).toEqual(['Y', 'Y'])
      expect(played.balance).toBe(kind === 'effect' ? 20 : 10)
      expect(events.some(({ type }) => type === 'unknown')).toBe(true)
      for (const id of [1, 2]) expect(played.one(id)['attempts']).toBe(1)
      await poolIsWhole(worker)
    }
  })

  test('a lease that is lost on completion: the effect does not run, and nothing is written', async () => {
    for (const kind of ['effect', 'batch'] as const) {
      const worker = await workerOf(driver)
      const { played, drain, credit, server } = worker
      played.due(-2000, -1000)
      const taken = "claim_token = 'of somebody else', attempts = 7, lease_until = lease_until + 600000, due_at = null"
      server.faults.add({
        when: (request) => {
          if (!isCompletion(request)) return false
          played.byHand(taken, 1)
          return true
        },
        do: { delayMs: 0 },
      })
      const result = await drain({ [kind]: credit }, { batchSize: 2 })
      expect(counted(result), kind).toEqual({ outcome: 'drained', taken: 2, done: 1, lost: 1 })
      expect([played.statuses(), played.balance]).toEqual([['Working', 'Y'], 10])
      expect(played.one(1)).toMatchObject({ claim_token: 'of somebody else', attempts: 7 })
      await poolIsWhole(worker)
    }
  })

  test.each(['cut before', 'cut after'] as const)(
    'the failure could not be noted (%s): left, or noted',
    async (fault) => {
      const worker = await workerOf(driver)
      const { played, drain, server, events } = worker
      played.due(-1000)
      server.faults.add({ when: isReturn, do: fault })
      expect(counted(await drain({ effect: fail }))).toEqual({ outcome: 'drained', taken: 1, left: 1 })
      expect(played.statuses()).toEqual([fault === 'cut before' ? 'Working' : 'Wait'])
      expect(events.some(({ type }) => type === 'failure_not_noted')).toBe(true)
      await poolIsWhole(worker)
    },
  )

  test('deadlocks are tried again, at each statement', async () => {
    for (const when of [isTake, isCompletion, isReturn]) {
      const worker = await workerOf(driver)
      const { played, drain, credit, server } = worker
      played.due(-1000)
      server.faults.add({ when, do: { error: { number: 1205, message: 'deadlock' }, rolledBack: true } })
      const result = await drain({ effect: when === isReturn ? fail : credit })
      const end = when === isReturn ? { failed: 1 } : { done: 1 }
      expect(counted(result)).toEqual({ outcome: 'drained', taken: 1, ...end })
      expect(played.balance).toBe(when === isReturn ? 0 : 10)
      await poolIsWhole(worker)
    }
  })

  test('a column that is missing ends the run with what was taken given back', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit, server } = worker
    played.due(-2000, -1000)
    server.faults.add({
      when: isCompletion,
      do: { error: { number: 207, message: 'Invalid column name.' }, rolledBack: true },
    })
    await expect(drain({ effect: credit })).rejects.toMatchObject({ code: 'CLAIM_CONFIG' })
    expect([played.statuses(), played.one(1)['attempts'], played.balance]).toEqual([['Wait', 'Wait'], 0, 0])
    await poolIsWhole(worker)
  })
})
