import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createClaims } from '../../src/index.ts'
import { mysql } from '../../src/adapters/mysql2.ts'
import { Stopping } from '../../src/drain/stopping.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a loop that pauses for years leaves nothing behind', async () => {
  const stopping = new Stopping(new AbortController().signal, 1000)
  const pauses = async (): Promise<number> => {
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(Array.from({ length: 2000 }, () => stopping.pause(0)))
    }
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  await pauses()
  const before = await pauses()
  expect(((await pauses()) - before) / 20_000).toBeLessThan(50)
  stopping.end()
})

test('every pause ends when the run is to stop, and there is none afterwards', async () => {
  const stop = new AbortController()
  const stopping = new Stopping(stop.signal, 60_000)
  const pauses = [stopping.pause(60_000), stopping.pause(60_000)]
  stop.abort()
  await Promise.all([...pauses, stopping.pause(60_000)])
  expect([stopping.asked, stopping.late.aborted]).toEqual([true, false])
  stopping.end()
})

test.each([{}, { poll: { intervalMs: 10 } }])(
  'a run that is to stop before it is told of the table ends at once (%o)',
  async (options) => {
    const nobody = { getConnection: () => {}, execute: () => {}, promise: () => {} }
    const orders = createClaims({
      database: mysql(nobody as unknown as Parameters<typeof mysql>[0]),
      table: 'orders',
      columns: { id: 'id', status: 'status', token: 'token', leaseUntil: 'lease', dueAt: 'due', attempts: 'attempts' },
      states: { waiting: 'Wait', claimed: 'Y', processing: 'Working' },
    })
    const start = performance.now()
    const result = await orders.drain({ effect: () => {} }, { ...options, signal: AbortSignal.timeout(50) })
    expect(result).toMatchObject({ outcome: 'stopped', taken: 0 })
    expect(performance.now() - start).toBeLessThan(2000)
  },
)
