import { randomUUID } from 'node:crypto'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { Step } from './recording.ts'

/** Where the ids of cards come from, if no statement picks them: a list in Redis. */
export type NextItems = (count: number) => Promise<readonly string[]>

/**
 * What a careful program does without the library: the recorded statements, one after the other, on one connection; the
 * next candidate where somebody was faster, and everything anew where there is none, or on a deadlock.
 */
export function drawByHand(pool: Pool, steps: readonly Step[], nextItems?: NextItems) {
  const begins = steps.some(({ sql }) => sql === 'start transaction')
  return async (owners: readonly string[]): Promise<number> => {
    const connection = await pool.getConnection()
    try {
      for (;;) {
        const done = await once(connection, steps, owners, nextItems).catch((error: unknown) => {
          if (isDeadlock(error)) return false
          throw error
        })
        if (done) return owners.length
        if (begins) await connection.query('rollback')
      }
    } catch (error) {
      if (begins) await connection.query('rollback')
      throw error
    } finally {
      connection.release()
    }
  }
}

const isDeadlock = (error: unknown): boolean => error instanceof Error && 'errno' in error && error.errno === 1213

async function once(
  connection: PoolConnection,
  steps: readonly Step[],
  owners: readonly string[],
  nextItems: NextItems | undefined,
): Promise<boolean> {
  const token = randomUUID()
  let candidates: readonly string[] = (await nextItems?.(owners.length)) ?? []
  const send = async (step: Step, items: readonly string[]): Promise<RowDataPacket[] | ResultSetHeader> => {
    if (step.parameters.length === 0) return (await connection.query<RowDataPacket[] | ResultSetHeader>(step.sql))[0]
    const values = step.parameters.map((parameter) => {
      if (parameter.is === 'fixed') return parameter.value
      if (parameter.is === 'token') return token
      return (parameter.is === 'owner' ? owners : items)[parameter.index] ?? null
    })
    return (await connection.execute<RowDataPacket[] | ResultSetHeader>(step.sql, values))[0]
  }
  for (const step of steps) {
    if (step.does === 'take') {
      if (!(await takeOne(candidates, owners.length, (items) => send(step, items)))) return false
      continue
    }
    const rows = await send(step, candidates)
    if (step.does !== 'pick' || !Array.isArray(rows)) continue
    const ids = rows.map((row) => String(row['pool_id']))
    candidates = ids.length > owners.length ? shuffled(ids) : ids
  }
  return true
}

async function takeOne(
  candidates: readonly string[],
  count: number,
  take: (items: readonly string[]) => Promise<RowDataPacket[] | ResultSetHeader>,
): Promise<boolean> {
  for (let from = 0; from + count <= candidates.length; from += count) {
    const result = await take(candidates.slice(from, from + count))
    const affected = Array.isArray(result) ? 0 : result.affectedRows
    if (affected === count) return true
    if (affected > 0) return false
  }
  return false
}

/** In random order. https://en.wikipedia.org/wiki/Fisher%E2%80%93Yates_shuffle */
export function shuffled<Item>(items: readonly Item[]): Item[] {
  const all = [...items]
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[all[last], all[other]] = [all[other] as Item, all[last] as Item]
  }
  return all
}
