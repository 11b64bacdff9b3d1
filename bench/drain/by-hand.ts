import { randomUUID } from 'node:crypto'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { deliverByHand } from './effects.ts'
import { ORDERS } from './order-table.ts'
import type { LoopStatements } from './statements.ts'
import type { Size, Way } from './way.ts'

/**
 * The loop that a careful program has without the package: a batch past locked rows, leased by a guarded UPDATE; then for
 * each order, or for all of them, a transaction with the completion that is fenced by the token, and the effect.
 */
export const byHand = (pool: Pool, size: Size, statements: LoopStatements): Way => ({
  run: async (stop) => {
    const lanes = Array.from({ length: size.workers }, async () => {
      const connection = await pool.getConnection()
      try {
        return await lane(connection, size, statements, stop)
      } finally {
        connection.release()
      }
    })
    return (await Promise.all(lanes)).reduce((sum, done) => sum + done, 0)
  },
})

async function lane(
  connection: PoolConnection,
  { batch, together }: Size,
  statements: LoopStatements,
  stop: AbortSignal,
): Promise<number> {
  const goesOn = (): boolean => !stop.aborted
  let done = 0
  while (goesOn()) {
    const token = randomUUID()
    const ids = await take(connection, token, statements)
    if (ids.length < batch) throw new Error('There are too few orders for this benchmark.')
    let next = 0
    do {
      const some = ids.slice(next, together ? ids.length : next + 1)
      await complete(connection, some, token, statements)
      next += some.length
    } while (next < ids.length && goesOn())
    done += next
    const left = ids.slice(next)
    if (left.length > 0) await putBack(connection, left, token)
  }
  return done
}

async function take(
  connection: PoolConnection,
  token: string,
  { isolation, pick, id, lease }: LoopStatements,
): Promise<string[]> {
  if (isolation !== null) await connection.query(isolation)
  await connection.query('start transaction')
  const [rows] = await connection.execute<RowDataPacket[]>(pick.sql, pick.values([], token))
  const ids = rows.map((row) => String(row[id]))
  const [{ affectedRows }] = await connection.execute<ResultSetHeader>(lease.sql, lease.values(ids, token))
  if (affectedRows !== ids.length) throw new Error('A row that was locked has changed.')
  await connection.query('commit')
  return ids
}

async function complete(
  connection: PoolConnection,
  ids: readonly string[],
  token: string,
  { complete: completion }: LoopStatements,
): Promise<void> {
  const { sql, values } = completion(ids.length)
  await connection.query('start transaction')
  try {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(sql, values(ids, token))
    if (affectedRows !== ids.length) throw new Error('Somebody else has taken over.')
    await deliverByHand(connection, ids)
    await connection.query('commit')
  } catch (error) {
    await connection.query('rollback')
    throw error
  }
}

const putBack = (connection: PoolConnection, ids: readonly string[], token: string): Promise<unknown> =>
  connection.query(
    `update ${ORDERS} set status = 'Wait', claim_token = null, lease_until = null, due_at = utc_timestamp(6), attempts = attempts - 1
     where order_id in (?) and status = 'Working' and claim_token = ?`,
    [ids, token],
  )
