import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { MysqlSessionFacts } from '../contest.ts'

/** `show variables`, because MariaDB and MySQL do not agree on the name of the isolation level. */
const VARIABLES = `
show session variables
where variable_name in
  ('tx_isolation', 'transaction_isolation', 'autocommit', 'sql_mode', 'innodb_lock_wait_timeout')`

/** Asks a connection what its session is set to. It is left as it was found. */
export async function factsOf(connection: PoolConnection): Promise<MysqlSessionFacts> {
  const [rows] = await connection.query<RowDataPacket[]>(VARIABLES)
  const settings = new Map(rows.map((row) => [String(row['Variable_name']), String(row['Value'])]))
  // A row that matches and does not change: only FOUND_ROWS counts it.
  const [same] = await connection.query<ResultSetHeader>('update accounts set balance = balance where id = 2')
  await connection.query('rollback')
  return {
    isolation: settings.get('transaction_isolation') ?? settings.get('tx_isolation') ?? 'unknown',
    autocommit: settings.get('autocommit') === 'ON',
    sqlMode: settings.get('sql_mode') ?? 'unknown',
    countsMatched: same.affectedRows === 1,
    lockWaitSeconds: Number(settings.get('innodb_lock_wait_timeout')),
  }
}
