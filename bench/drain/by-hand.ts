import { randomUUID } from 'node:crypto'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { deliverByHand } from './effects.ts'
import { ORDERS } from './order-table.ts'
import type { Size, Way } from './way.ts'

/** What the loop leaves out of what the package sends. */
export interface Shortcuts {
  /** The isolation is set once, when the connection is opened, and not for each batch. */
  readonly isolated: boolean
  /** What the effect needs is read with the batch, and not again under the lock of its own transaction. */
  readonly readOnce: boolean
}

const LEASE_MICROSECONDS = 30_000_000

/** Waiting and due, or left by somebody: past the rows that others have locked. */
const PICK = `
select order_id, attempts, status = 'Working' as leased from ${ORDERS}
where due_at <= utc_timestamp(6) and (status = 'Wait' or status = 'Working' and lease_until <= utc_timestamp(6))
order by due_at limit`

const leaseOf = (count: number): string => `
update ${ORDERS}
set status = 'Working', claim_token = ?, attempts = attempts + 1,
    lease_until = utc_timestamp(6) + interval ? microsecond, due_at = utc_timestamp(6) + interval ? microsecond
where ${oneOf(count)} and due_at <= utc_timestamp(6)
  and (status = 'Wait' or status = 'Working' and lease_until <= utc_timestamp(6))`

const completeOf = (count: number): string => `
update ${ORDERS} set status = 'Y', lease_until = null, due_at = null
where ${oneOf(count)} and status = 'Working' and claim_token = ?`

const readOf = (count: number): string => `select order_id from ${ORDERS} where ${oneOf(count)} for update`

const putBackOf = (count: number): string => `
update ${ORDERS} set status = 'Wait', claim_token = null, lease_until = null, due_at = utc_timestamp(6), attempts = attempts - 1
where ${oneOf(count)} and status = 'Working' and claim_token = ?`

const oneOf = (count: number): string => `order_id in (${Array.from({ length: count }, () => '?').join(', ')})`

/**
 * The loop that a careful program has without the package: a batch past locked rows, leased by a guarded UPDATE; then for
 * each order, or for all of them, a transaction with the effect and the completion that is fenced by the token.
 */
export const byHand = (pool: Pool, size: Size, name: string, shortcuts: Shortcuts): Way => ({
  name,
  run: async (stop) => {
    const lanes = Array.from({ length: size.workers }, async () => {
      const connection = await pool.getConnection()
      try {
        return await lane(connection, size, shortcuts, stop)
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
  shortcuts: Shortcuts,
  stop: AbortSignal,
): Promise<number> {
  const goesOn = (): boolean => !stop.aborted
  let done = 0
  while (goesOn()) {
    const token = randomUUID()
    const ids = await take(connection, batch, token, shortcuts)
    if (ids.length === 0) return done
    let next = 0
    do {
      const some = ids.slice(next, together ? ids.length : next + 1)
      await complete(connection, some, token, shortcuts)
      next += some.length
    } while (next < ids.length && goesOn())
    done += next
    const left = ids.slice(next)
    if (left.length > 0) await connection.execute(putBackOf(left.length), [...left, token])
  }
  return done
}

async function take(
  connection: PoolConnection,
  batch: number,
  token: string,
  { isolated }: Shortcuts,
): Promise<string[]> {
  if (!isolated) await connection.query('set transaction isolation level read committed')
  await connection.query('start transaction')
  const [rows] = await connection.execute<RowDataPacket[]>(`${PICK} ${batch} for update skip locked`)
  const ids = rows.map((row) => String(row['order_id']))
  if (ids.length > 0) {
    const values = [token, LEASE_MICROSECONDS, LEASE_MICROSECONDS, ...ids]
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(leaseOf(ids.length), values)
    if (affectedRows !== ids.length) throw new Error('A row that was locked has changed.')
  }
  await connection.query('commit')
  return ids
}

async function complete(
  connection: PoolConnection,
  ids: readonly string[],
  token: string,
  { readOnce }: Shortcuts,
): Promise<void> {
  await connection.query('start transaction')
  try {
    const [{ affectedRows }] = await connection.execute<ResultSetHeader>(completeOf(ids.length), [...ids, token])
    if (affectedRows !== ids.length) throw new Error('Somebody else has taken over.')
    if (!readOnce) await connection.execute(readOf(ids.length), [...ids])
    await deliverByHand(connection, ids)
    await connection.query('commit')
  } catch (error) {
    await connection.query('rollback')
    throw error
  }
}
