import type { Pool, RowDataPacket } from 'mysql2/promise'

export const ORDERS = 'claim_once_bench_orders'
export const DELIVERED = 'claim_once_bench_delivered'

/** All of the configuration but the database. */
export const CONFIG = {
  table: ORDERS,
  columns: {
    id: 'order_id',
    status: 'status',
    token: 'claim_token',
    leaseUntil: 'lease_until',
    dueAt: 'due_at',
    attempts: 'attempts',
    lastError: 'last_error',
  },
  states: { waiting: 'Wait', claimed: 'Y', processing: 'Working', failed: 'Failed' },
} as const

/** Each at another time, all of them past. */
const DUE_AT = `timestampadd(second, order_id, '2020-01-01')`

/** Orders that wait, and are due one after the other; and what was delivered, without any key that could hide a second time. */
export async function createOrders(pool: Pool, due: number): Promise<void> {
  await dropOrders(pool)
  await pool.query(`
create table ${ORDERS} (
  order_id    bigint not null primary key,
  status      varchar(10) not null default 'Wait',
  claim_token char(36) null,
  lease_until datetime(6) null,
  due_at      datetime(6) null,
  attempts    int not null default 0,
  last_error  varchar(500) null
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
  await pool.query(`insert into ${ORDERS} (order_id) select seq from seq_1_to_${due}`)
  await pool.query(`update ${ORDERS} set due_at = ${DUE_AT}`)
  await pool.query(`alter table ${ORDERS} add key due (due_at, status)`)
  await pool.query(`analyze table ${ORDERS}`)
  await pool.query(
    `create table ${DELIVERED} (id int not null auto_increment primary key, order_id bigint not null) engine = InnoDB`,
  )
}

export async function dropOrders(pool: Pool): Promise<void> {
  await pool.query(`drop table if exists ${ORDERS}, ${DELIVERED}`)
}

/** What a slice has left behind. */
export interface Witness {
  readonly claimed: number
  readonly delivered: number
  /** Orders that are leased to nobody any more. */
  readonly left: number
}

/** Everything waits and is due again. */
export async function restoreOrders(pool: Pool): Promise<Witness> {
  const [[row]] = await pool.query<RowDataPacket[]>(
    `select coalesce(sum(status = 'Y'), 0) as claimed, coalesce(sum(status not in ('Y', 'Wait')), 0) as \`left\`,
            (select count(*) from ${DELIVERED}) as delivered
     from ${ORDERS}`,
  )
  await pool.query(
    `update ${ORDERS} set status = 'Wait', claim_token = null, lease_until = null, attempts = 0, due_at = ${DUE_AT}
     where status <> 'Wait'`,
  )
  await pool.query(`truncate table ${DELIVERED}`)
  return { claimed: Number(row?.['claimed']), delivered: Number(row?.['delivered']), left: Number(row?.['left']) }
}
