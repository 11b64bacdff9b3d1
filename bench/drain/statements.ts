import { createClaims } from 'claim-once'
import { mysql } from 'claim-once/mysql'
import type { Pool } from 'mysql2/promise'
import type { Statement } from '../../src/sql.ts'
import { recording } from '../pool/recording.ts'
import { READ } from './effects.ts'
import { CONFIG, ORDERS, restoreOrders } from './order-table.ts'
import type { Size } from './way.ts'

type Value = string | number | null

/** A statement about the orders of a batch, or about one of them. */
export interface OrderStatement {
  readonly sql: string
  readonly values: (ids: readonly string[], token: string) => Value[]
}

/** What the loop by hand sends beside `start transaction` and `commit`. */
export interface LoopStatements {
  /** Before each batch. `null`: the connections are set to it. */
  readonly isolation: string | null
  readonly pick: OrderStatement
  /** The column of the ids in its answer. */
  readonly id: string
  readonly lease: OrderStatement
  readonly complete: (count: number) => OrderStatement
  /** What the effect needs, read under the lock of its own transaction. `null`: it is read with the batch. */
  readonly read: OrderStatement | null
}

const LEASE_MICROSECONDS = 30_000_000

const oneOf = (count: number): string => `order_id in (${Array.from({ length: count }, () => '?').join(', ')})`

/** The shortest that keeps each order to one worker, and claims it once. */
export function shortestStatements({ batch, together, effect }: Size): LoopStatements {
  const complete = (count: number): OrderStatement => ({
    sql: `update ${ORDERS} set status = 'Y', lease_until = null, due_at = null
          where ${oneOf(count)} and status = 'Working' and claim_token = ?`,
    values: (ids, token) => [...ids, token],
  })
  const usual = complete(together ? batch : 1)
  return {
    isolation: null,
    id: 'order_id',
    pick: {
      sql: `select ${READ[effect].join(', ')} from ${ORDERS}
            where due_at <= utc_timestamp(6) and (status = 'Wait' or status = 'Working' and lease_until <= utc_timestamp(6))
            order by due_at limit ${batch} for update skip locked`,
      values: () => [],
    },
    lease: {
      sql: `update ${ORDERS}
            set status = 'Working', claim_token = ?, attempts = attempts + 1,
                lease_until = utc_timestamp(6) + interval ? microsecond, due_at = utc_timestamp(6) + interval ? microsecond
            where ${oneOf(batch)} and due_at <= utc_timestamp(6)
              and (status = 'Wait' or status = 'Working' and lease_until <= utc_timestamp(6))`,
      values: (ids, token) => [token, LEASE_MICROSECONDS, LEASE_MICROSECONDS, ...ids],
    },
    complete: (count) => (count === (together ? batch : 1) ? usual : complete(count)),
    read: null,
  }
}

const TOKEN = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

/** The very statements that the package sends for a batch of this size. All orders wait, before and after. */
export async function recordedStatements(pool: Pool, { batch, together, effect: name }: Size): Promise<LoopStatements> {
  const sent: Parameters<typeof recording>[1] = []
  const orders = createClaims({ database: recording(mysql(pool), sent), ...CONFIG })
  const stop = new AbortController()
  const effect = (): void => stop.abort()
  const read = READ[name]
  await orders.drain(together ? { read, batch: effect } : { read, effect }, {
    batchSize: batch,
    signal: stop.signal,
  })
  await restoreOrders(pool)
  const from = sent.findIndex(({ statement }) => statement.sql.includes('skip locked'))
  const [pick, lease, , , complete, next] = sent.slice(from)
  const ids = pick?.reply.rows.map((row) => String(row['claim_once__id_0'])) ?? []
  if (!pick || !lease || !complete || ids.length !== batch || lease.reply.affectedRows !== batch) {
    throw new Error('The run to be recorded did not take one batch, and complete it.')
  }
  const completion = parameterized(complete.statement, ids)
  return {
    isolation: sent[from - 2]?.statement.sql ?? null,
    id: 'claim_once__id_0',
    pick: parameterized(pick.statement, ids),
    lease: parameterized(lease.statement, ids),
    complete: () => completion,
    read: next?.statement.sql.startsWith('commit') === false ? parameterized(next.statement, ids) : null,
  }
}

/** With other ids, and another token, in their places. */
function parameterized({ sql, parameters }: Statement, recorded: readonly string[]): OrderStatement {
  return {
    sql,
    values: (ids, token) =>
      parameters.map((value) => {
        const place = recorded.indexOf(String(value))
        if (place >= 0) return ids[place] ?? null
        return TOKEN.test(String(value)) ? token : String(value)
      }),
  }
}
