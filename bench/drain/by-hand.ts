import { randomUUID } from 'node:crypto'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { EFFECTS } from './effects.ts'
import type { Order } from './effects.ts'
import { ORDERS } from './order-table.ts'
import type { LoopStatements, OrderStatement } from './statements.ts'
import type { EffectName, Size, Way } from './way.ts'

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
  size: Size,
  statements: LoopStatements,
  stop: AbortSignal,
): Promise<number> {
  const goesOn = (): boolean => !stop.aborted
  let done = 0
  while (goesOn()) {
    const token = randomUUID()
    const orders = await take(connection, token, statements)
    if (orders.length < size.batch) throw new Error('There are too few orders for this benchmark.')
    let next = 0
    do {
      const some = orders.slice(next, size.together ? orders.length : next + 1)
      await complete(connection, some, token, statements, EFFECTS[size.effect])
      next += some.length
    } while (next < orders.length && goesOn())
    done += next
    const left = orders.slice(next)
    if (left.length > 0) await putBack(connection, idsOf(left), token)
  }
  return done
}

const idsOf = (orders: readonly Order[]): string[] => orders.map(({ order_id: id }) => String(id))

async function take(
  connection: PoolConnection,
  token: string,
  { isolation, pick, id, lease }: LoopStatements,
): Promise<Order[]> {
  if (isolation !== null) await connection.query(isolation)
  await connection.query('start transaction')
  const [rows] = await connection.execute<RowDataPacket[]>(pick.sql, pick.values([], token))
  const orders = rows.map((row): Order => ({ ...row, order_id: row[id] as unknown }))
  const [{ affectedRows }] = await connection.execute<ResultSetHeader>(lease.sql, lease.values(idsOf(orders), token))
  if (affectedRows !== orders.length) throw new Error('A row that was locked has changed.')
  await connection.query('commit')
  return orders
}

async function complete(
  connection: PoolConnection,
  orders: readonly Order[],
  token: string,
  { complete: completion, read }: LoopStatements,
  effect: (typeof EFFECTS)[EffectName],
): Promise<void> {
  const ids = idsOf(orders)
  const { sql, values } = completion(ids.length)
  await connection.query('start transaction')
  try {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(sql, values(ids, token))
    if (affectedRows !== ids.length) throw new Error('Somebody else has taken over.')
    await effect(connection, read === null ? orders : await readAgain(connection, ids, token, read))
    await connection.query('commit')
  } catch (error) {
    await connection.query('rollback')
    throw error
  }
}

async function readAgain(
  connection: PoolConnection,
  ids: readonly string[],
  token: string,
  { sql, values }: OrderStatement,
): Promise<Order[]> {
  const [rows] = await connection.execute<(RowDataPacket & Order)[]>(sql, values(ids, token))
  return rows
}

const putBack = (connection: PoolConnection, ids: readonly string[], token: string): Promise<unknown> =>
  connection.query(
    `update ${ORDERS} set status = 'Wait', claim_token = null, lease_until = null, due_at = utc_timestamp(6), attempts = attempts - 1
     where order_id in (?) and status = 'Working' and claim_token = ?`,
    [ids, token],
  )
