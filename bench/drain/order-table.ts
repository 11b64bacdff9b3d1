import type { Pool, RowDataPacket } from 'mysql2/promise'

export const ORDERS = 'claim_once_bench_orders'
export const DELIVERED = 'claim_once_bench_delivered'
export const ACCOUNTS = 'claim_once_bench_accounts'

/** Orders that are worked for at the same time are of different customers: no way waits for its own locks. */
const CUSTOMERS = 10_007

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
  account_id  int not null,
  amount      int not null,
  status      varchar(10) not null default 'Wait',
  claim_token char(36) null,
  lease_until datetime(6) null,
  due_at      datetime(6) null,
  attempts    int not null default 0,
  last_error  varchar(500) null
) engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
  await pool.query(
    `insert into ${ORDERS} (order_id, account_id, amount) select seq, seq * 7 % ${CUSTOMERS}, 1 + seq % 9 from seq_1_to_${due}`,
  )
  await pool.query(`update ${ORDERS} set due_at = ${DUE_AT}`)
  await pool.query(`alter table ${ORDERS} add key due (due_at, status)`)
  await pool.query(`analyze table ${ORDERS}`)
  await pool.query(
    `create table ${ACCOUNTS} (account_id int not null primary key, balance bigint not null default 0) engine = InnoDB`,
  )
  await pool.query(`insert into ${ACCOUNTS} (account_id) select seq from seq_0_to_${CUSTOMERS - 1}`)
  await pool.query(
    `create table ${DELIVERED} (id int not null auto_increment primary key, order_id bigint not null) engine = InnoDB`,
  )
}

export async function dropOrders(pool: Pool): Promise<void> {
  await pool.query(`drop table if exists ${ORDERS}, ${DELIVERED}, ${ACCOUNTS}`)
}

/** What a slice has left behind. */
export interface Witness {
  readonly claimed: number
  readonly delivered: number
  /** By how much accounts say otherwise than the orders that are claimed; nothing where nobody is recharged. */
  readonly off: number
  /** Orders that are leased to nobody any more. */
  readonly left: number
}

/** Everything waits and is due again. */
export async function restoreOrders(pool: Pool): Promise<Witness> {
  const [[row]] = await pool.query<RowDataPacket[]>(
    `select coalesce(sum(status = 'Y'), 0) as claimed, coalesce(sum(status not in ('Y', 'Wait')), 0) as \`left\`,
            (select count(*) from ${DELIVERED}) as delivered,
            (select sum(abs(balance - coalesce(paid, 0))) from ${ACCOUNTS} left join
               (select account_id, sum(amount) as paid from ${ORDERS} where status = 'Y' group by account_id) as p
               using (account_id) where balance > 0) as off
     from ${ORDERS}`,
  )
  await pool.query(
    `update ${ORDERS} set status = 'Wait', claim_token = null, lease_until = null, attempts = 0, due_at = ${DUE_AT}
     where status <> 'Wait'`,
  )
  await pool.query(`truncate table ${DELIVERED}`)
  await pool.query(`update ${ACCOUNTS} set balance = 0 where balance <> 0`)
  const number = (name: string): number => Number(row?.[name] ?? 0)
  return { claimed: number('claimed'), delivered: number('delivered'), off: number('off'), left: number('left') }
}
