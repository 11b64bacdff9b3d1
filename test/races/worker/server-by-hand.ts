import type { Connection, Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise'

const CREDIT = `
update accounts a join orders o on o.account_id = a.id
set a.balance = a.balance + o.amount
where o.order_id = ?`
const ENTRY = 'insert into ledger (order_id, amount) select order_id, amount from orders where order_id = ?'

async function creditByHand(connection: Connection | Pool, orderId: number): Promise<void> {
  await connection.query(CREDIT, [orderId])
  await connection.query(ENTRY, [orderId])
}

/** As a careful shop has it, without this package: a look, and a guarded UPDATE. It leaves the version alone. */
export function guardedByHand(pool: Pool, orderId: number, withEffect: boolean): Promise<string> {
  return onConnection(pool, async (connection) => {
    if ((await statusOf(connection, orderId)) !== 'Wait') return 'duplicate'
    await connection.beginTransaction()
    const [{ affectedRows }] = await connection.query<ResultSetHeader>(
      "update orders set status = 'Y' where order_id = ? and status = 'Wait'",
      [orderId],
    )
    if (affectedRows === 1 && withEffect) await creditByHand(connection, orderId)
    await connection.commit()
    return affectedRows === 1 ? 'claimed' : 'duplicate'
  })
}

export function editOrder(pool: Pool, orderId: number): Promise<string> {
  return onConnection(pool, async (connection) => {
    await connection.beginTransaction()
    await connection.query('update orders set note = uuid(), row_version = row_version + 1 where order_id = ?', [
      orderId,
    ])
    await connection.commit()
    return 'edited'
  })
}

async function statusOf(connection: Connection | Pool, orderId: number): Promise<unknown> {
  const [rows] = await connection.query<RowDataPacket[]>('select status from orders where order_id = ?', [orderId])
  return rows[0]?.['status']
}

/** A deadlock, and a stale snapshot on MariaDB 11.8: the server says itself that the transaction did not happen. */
const ROLLED_BACK = [1213, 1020]

/** Nothing of it stays open: under autocommit=0 a mere look begins a transaction. */
async function onConnection(pool: Pool, work: (connection: Connection) => Promise<string>): Promise<string> {
  const connection = await pool.getConnection()
  try {
    return await work(connection)
  } catch (error) {
    if (ROLLED_BACK.includes((error as { readonly errno?: number }).errno ?? 0)) return 'busy'
    throw error
  } finally {
    await connection.rollback()
    connection.release()
  }
}

/** Two callbacks in the same instant both see `Wait`. */
export async function naive(pool: Pool, orderId: number): Promise<string> {
  if ((await statusOf(pool, orderId)) !== 'Wait') return 'duplicate'
  await creditByHand(pool, orderId)
  await pool.query("update orders set status = 'Y' where order_id = ?", [orderId])
  return 'claimed'
}
