import { describe, expect, test } from 'vitest'
import { heldWork } from '../../support/held-work.ts'
import { until } from '../../support/until.ts'
import { later } from '../claims/later.ts'
import { DRIVERS } from '../claims/subjects.ts'
import { counted, isCompletion, isPick, isRenewal, isTake, poolIsWhole, workerOf } from './subjects.ts'

const fail = (): never => {
  throw new Error('not now')
}

describe.each(DRIVERS)('deliveries of a played SQL Server, through %s', (driver) => {
  test('what is due is claimed with its effect, in its order; the rest is left', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit, events } = worker
    played.due(-1000, -2000, 60_000, null)
    const cards: unknown[] = []
    const result = await drain({
      read: ['card'],
      effect: (tx, order) => {
        cards.push((order as { card: unknown }).card)
        return credit(tx)
      },
    })
    expect(counted(result)).toEqual({ outcome: 'drained', taken: 2, done: 2 })
    expect([cards, played.balance, played.statuses()]).toEqual([['N-2', 'N-1'], 20, ['Y', 'Y', 'Wait', 'Wait']])
    expect(played.one(1)).toMatchObject({ due_at: null, lease_until: null, attempts: 1, row_version: 2 })
    expect(events.map(({ type }) => type)).toEqual(['taken', 'order_done', 'order_done', 'outcome'])
    await poolIsWhole(worker)
  })

  test('work is done outside of any transaction, and no connection is held meanwhile', async () => {
    const worker = await workerOf(driver)
    const { played, drain, lent } = worker
    played.due(-1000)
    const during = heldWork()
    const running = later(drain({ read: ['card'], work: during.work }))
    expect((await during.context).attempt).toBe(1)
    await until(() => (lent() ?? 0) === 0, 'no connection is held')
    expect(played.open.map(({ transactions }) => transactions)).toEqual(played.open.map(() => 0))
    expect(Number(played.one(1)['due_at'])).toBe(Number(played.one(1)['lease_until']))
    during.end('sent')
    expect(counted(await running)).toEqual({ outcome: 'drained', taken: 1, done: 1 })
    await poolIsWhole(worker)
  })

  test('a batch is one UPDATE and one effect; the order that it throws for fails alone', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit, server } = worker
    played.due(-4000, -3000, -2000, -1000)
    const sizes: number[] = []
    const from = server.requests.length
    const result = await drain({
      read: ['card'],
      async batch(tx, orders) {
        const batch = orders as readonly { card: string }[]
        sizes.push(batch.length)
        await credit(tx)
        if (batch.some(({ card }) => card === 'N-3')) fail()
      },
    })
    expect(counted(result)).toEqual({ outcome: 'drained', taken: 4, done: 3, failed: 1 })
    expect(played.statuses()).toEqual(['Y', 'Y', 'Wait', 'Y'])
    expect(played.one(3)).toMatchObject({ attempts: 1, last_error: 'Error: not now', claim_token: null })
    expect([sizes[0], played.balance]).toEqual([4, 20])
    expect(server.requests.slice(from).filter(isCompletion).length, 'one UPDATE each').toBe(sizes.length)
    await poolIsWhole(worker)
  })

  test.each([3_600_000, -3_600_000])('the backoff is by the clock of the server, %d ms from ours', async (ahead) => {
    const worker = await workerOf(driver)
    const { played, drain } = worker
    played.ahead = ahead
    played.due(-1000)
    for (const [index, pause] of [10_000, 20_000, 30_000].entries()) {
      const options = { backoff: { firstMs: 10_000, mostMs: 30_000 } }
      expect(counted(await drain({ effect: fail }, options))).toEqual({ outcome: 'drained', taken: 1, failed: 1 })
      const { due_at: due, attempts, status } = played.one(1)
      expect([status, attempts]).toEqual(['Wait', index + 1])
      const left = Number(due) - played.now
      expect(left).toBeGreaterThan(pause * 0.9 - 5000)
      expect(left).toBeLessThan(pause * 1.1 + 1)
      played.ahead += 40_000
    }
    await poolIsWhole(worker)
  })

  test('after the last attempt it has failed for good, and is not due any more', async () => {
    const worker = await workerOf(driver)
    const { played, drain } = worker
    played.due(-1000, -500)
    await drain({ effect: fail }, { maxAttempts: 1 })
    expect(played.statuses()).toEqual(['Failed', 'Failed'])
    expect(played.one(1)).toMatchObject({ due_at: null, claim_token: null, last_error: 'Error: not now' })
    await poolIsWhole(worker)
  })

  test('what somebody has left is taken over when its lease is over, one after the other', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit, server } = worker
    played.due(-2000, -1000)
    for (const id of [1, 2]) {
      const over = Math.floor(played.now) + 60_000
      played.byHand(`status = 'Working', claim_token = 'x', attempts = 1, lease_until = ${over}, due_at = ${over}`, id)
    }
    expect(counted(await drain({ effect: credit }))).toEqual({ outcome: 'drained' })
    played.ahead += 60_000
    const from = server.requests.length
    const result = await drain({ batch: credit })
    expect(counted(result)).toEqual({ outcome: 'drained', taken: 2, takenOver: 2, done: 2 })
    expect(server.requests.slice(from).filter(isCompletion).length).toBe(2)
    expect(played.one(2)).toMatchObject({ attempts: 2, status: 'Y' })
    await poolIsWhole(worker)
  })

  test('two runs at once, each with two lanes, pass over what the other has locked: once each', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit } = worker
    played.due(...Array.from({ length: 24 }, () => -1000))
    const handler = { effect: credit }
    const runs = await Promise.all([1, 5].map((batchSize) => drain(handler, { batchSize, concurrency: 2 })))
    expect(runs.reduce((sum, { done }) => sum + done, 0)).toBe(24)
    expect(played.balance).toBe(240)
    await poolIsWhole(worker)
  })

  test('a server that ignores hints shows both the same rows, and the guard gives each to one of them', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit, server } = worker
    played.due(-2000, -1000)
    played.ignoresHints = true
    server.faults.add({ when: isTake, times: 2, do: { delayMs: 60 } })
    const runs = await Promise.all([1, 2].map(() => drain({ effect: credit }, { batchSize: 2 })))
    expect(runs.reduce((sum, { done }) => sum + done, 0)).toBe(2)
    expect(played.balance).toBe(20)
    await poolIsWhole(worker)
  })

  test('it stops: the effect is done to its end, the others are given back as if they had not been taken', async () => {
    const worker = await workerOf(driver)
    const { played, drain, credit } = worker
    played.due(-3000, -2000, -1000)
    const stop = new AbortController()
    const effect = async (tx: unknown): Promise<void> => {
      stop.abort()
      await credit(tx)
    }
    const result = await drain({ effect }, { signal: stop.signal, poll: { intervalMs: 10 } })
    expect(counted(result)).toEqual({ outcome: 'stopped', taken: 3, done: 1, givenBack: 2 })
    expect(played.statuses()).toEqual(['Y', 'Wait', 'Wait'])
    expect(played.one(2)).toMatchObject({ attempts: 0, claim_token: null, lease_until: null })
    expect(Number(played.one(2)['due_at'])).toBeLessThanOrEqual(played.now)
    await poolIsWhole(worker)
  })

  test('those whose turn has not come are renewed', async () => {
    const worker = await workerOf(driver)
    const { played, drain, server } = worker
    played.due(-2000, -1000)
    const first = heldWork()
    let begun = 0
    const work: typeof first.work = async (order, context) => {
      begun += 1
      return begun === 1 ? await first.work(order, context) : 'sent'
    }
    const running = later(drain({ work }, { batchSize: 2, leaseMs: 900 }))
    await first.context
    const { lease_until: before } = played.one(2)
    await until(() => server.requests.filter(isRenewal).length > 1, 'both are renewed')
    await until(() => Number(played.one(2)['lease_until']) > Number(before), 'the second is renewed')
    first.end('sent')
    expect(counted(await running)).toEqual({ outcome: 'drained', taken: 2, done: 2 })
    await poolIsWhole(worker)
  })

  test('an idle loop looks by one read', async () => {
    const worker = await workerOf(driver)
    const { drain, server } = worker
    const stop = new AbortController()
    const from = server.requests.length
    const running = drain({ effect: fail }, { signal: stop.signal, concurrency: 4, poll: { intervalMs: 60_000 } })
    await until(() => server.requests.slice(from).some(isPick), 'it has looked')
    const sent = server.requests.slice(from).filter(({ sql }) => sql.includes('[deliveries]'))
    expect(sent.every(isPick)).toBe(true)
    expect(sent.length).toBeLessThanOrEqual(4)
    stop.abort()
    expect((await running).outcome).toBe('stopped')
    await poolIsWhole(worker)
  })
})
