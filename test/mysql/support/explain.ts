import type { RowDataPacket } from 'mysql2/promise'
import type { Statement } from '../../../src/sql.ts'
import type { RunningLane } from '../../support/lanes.ts'
import { isMariaDb } from '../../support/lanes.ts'
import type { MysqlShop } from '../../support/mysql-shop.ts'

export interface Plan {
  /** How rows are found: `const`, `range`, `ALL`. `null`: the server sees beforehand that there are none. */
  readonly type: string | null
  readonly key: string | null
  readonly rows: number | null
}

/** How the server would run a statement of ours, sent as the adapter under test sends it. */
export async function planOf(
  shop: MysqlShop,
  lane: RunningLane,
  how: 'execute' | 'query',
  { sql, parameters }: Statement,
): Promise<Plan> {
  const explain = isMariaDb(lane) ? 'explain' : 'explain format = traditional'
  const text = `${explain}\n${sql.replace(/^set statement .* for\n/, '')}`
  const values = [...parameters] as string[]
  const [rows] =
    how === 'execute'
      ? await shop.pool.execute<RowDataPacket[]>(text, values)
      : await shop.pool.query<RowDataPacket[]>(text, values)
  const { type, key, rows: found } = rows[0] as { type: string | null; key: string | null; rows: unknown }
  // MariaDB gives the number as text.
  return { type, key, rows: found === null ? null : Number(found) }
}
