import { randomBytes } from 'node:crypto'
import type { Pool, PoolOptions, RowDataPacket } from 'mysql2/promise'
import { createPool } from 'mysql2/promise'
import { ORDERS } from './orders.ts'
import type { NewOrder, Shop } from './orders.ts'

export interface MysqlShop extends Shop {
  /** Of the shop's own database. */
  readonly url: string
  /** A pool of the test's, beside the one under test. */
  readonly pool: Pool
  run(sql: string, values?: unknown[]): Promise<RowDataPacket[]>
}

const DDL = [
  `create table orders (
     order_id bigint not null auto_increment primary key,
     status varchar(10) not null,
     amount decimal(12, 2) not null,
     currency char(3) not null,
     account_id int not null,
     note varchar(100) null,
     row_version int unsigned not null default 0,
     claim_token char(36) null,
     claimed_at datetime(6) null,
     gateway_txn varchar(64) null,
     lease_until datetime(6) null,
     attempts int not null default 0,
     last_error varchar(200) null,
     result text null
   ) engine = InnoDB default charset = utf8mb4`,
  `create table accounts (id int not null primary key, balance decimal(12, 2) not null) engine = InnoDB`,
  `create table ledger (
     id int not null auto_increment primary key, order_id bigint not null, amount decimal(12, 2) not null
   ) engine = InnoDB`,
]

/** A shop in a database of its own: orders, accounts, and a ledger without any key that could hide a second entry. */
export async function openMysqlShop(serverUrl: string, options: PoolOptions = {}): Promise<MysqlShop> {
  const name = `shop_${randomBytes(6).toString('hex')}`
  const admin = createPool({ uri: serverUrl, connectionLimit: 1 })
  await admin.query(`create database ${name} default charset utf8mb4`)
  const url = serverUrl.replace(/\/[^/?]*(?=\?|$)/, `/${name}`)
  const pool = createPool({ uri: url, connectionLimit: 10, ...options })
  const run = async (sql: string, values: unknown[] = []): Promise<RowDataPacket[]> =>
    (await pool.query<RowDataPacket[]>(sql, values))[0]
  for (const statement of DDL) await pool.query(statement)
  await pool.query('insert into accounts values (1, 0), (2, 0)')
  return {
    url,
    pool,
    run,
    async newOrder(order: NewOrder = {}) {
      const { status, amount, currency, account_id: account } = { ...ORDERS.fresh, ...order }
      const [result] = await pool.query(
        'insert into orders (status, amount, currency, account_id) values (?, ?, ?, ?)',
        [status, amount, currency, account],
      )
      return (result as { insertId: number }).insertId
    },
    async statusOf(id) {
      return String((await run('select status from orders where order_id = ?', [id]))[0]?.['status'])
    },
    async balanceOf(account) {
      return Number((await run('select balance from accounts where id = ?', [account]))[0]?.['balance'])
    },
    async close() {
      await pool.end()
      await admin.query(`drop database ${name}`)
      await admin.end()
    },
  }
}
