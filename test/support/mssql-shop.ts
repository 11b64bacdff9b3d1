import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ConnectionPool } from 'mssql'
import { inDatabase, openMssqlPool } from './mssql-pool.ts'
import { isBabelfish } from './mssql-traits.ts'
import { ORDERS } from './orders.ts'
import type { NewOrder, Shop } from './orders.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

export interface MssqlShop extends Shop {
  /** Of the shop's own database. */
  readonly url: string
  /** A pool of the test's, beside the one under test. */
  readonly pool: ConnectionPool
  /** Its reads take the locks that their hints ask for. */
  readonly locksForReads: boolean
  /** The rows of the first result set. */
  run(sql: string): Promise<Rows>
}

export interface MssqlShopOptions {
  /** Whether READ COMMITTED reads row versions, as on Azure SQL, or waits for locks. Left out: as the server makes it. */
  readonly rowVersioning?: 'on' | 'off'
}

/** The columns of an order, for tests that make other tables of orders. */
export const MSSQL_ORDER_COLUMNS = `
  order_id bigint not null identity primary key,
  status varchar(10) not null,
  amount decimal(12, 2) not null,
  currency char(3) not null,
  account_id int not null,
  note nvarchar(100) null,
  row_version rowversion not null,
  claim_token char(36) null,
  claimed_at datetime2(6) null,
  gateway_txn varchar(64) null,
  lease_until datetime2(6) null,
  attempts int not null default 0,
  last_error varchar(200) null,
  result nvarchar(max) null`

const DDL = [
  `create table orders (${MSSQL_ORDER_COLUMNS})`,
  'create table accounts (id int not null primary key, balance decimal(12, 2) not null)',
  `create table ledger (
     id int not null identity primary key, order_id bigint not null, amount decimal(12, 2) not null
   )`,
  'insert into accounts values (1, 0), (2, 0)',
]

/** A shop in a database of its own: orders, accounts, and a ledger without any key that could hide a second entry. */
export async function openMssqlShop(serverUrl: string, options: MssqlShopOptions = {}): Promise<MssqlShop> {
  const name = `shop_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, (admin) => createDatabase(admin, name, options))
  const url = inDatabase(serverUrl, name)
  const pool = await openMssqlPool(url)
  const run = async (sql: string): Promise<Rows> =>
    // By its types there is always a first one.
    ((await pool.request().query(sql)).recordset as Rows | undefined) ?? []
  for (const statement of DDL) await pool.request().batch(statement)
  const [server] = await run('select @@version as version')
  return {
    url,
    pool,
    locksForReads: !isBabelfish(String(server?.['version'])),
    run,
    async newOrder(order: NewOrder = {}) {
      const { status, amount, currency, account_id: account } = { ...ORDERS.fresh, ...order }
      const [row] = await run(
        `insert into orders (status, amount, currency, account_id)
         output inserted.order_id
         values ('${status}', ${amount}, '${currency}', ${account})`,
      )
      return Number(row?.['order_id'])
    },
    async statusOf(id) {
      return String((await run(`select status from orders where order_id = ${id}`))[0]?.['status'])
    },
    async balanceOf(account) {
      return Number((await run(`select balance from accounts where id = ${account}`))[0]?.['balance'])
    },
    async close() {
      await pool.close()
      await onServer(serverUrl, (admin) => dropDatabase(admin, name))
    },
  }
}

async function onServer(url: string, work: (admin: ConnectionPool) => Promise<void>): Promise<void> {
  const admin = await openMssqlPool(url, 1)
  try {
    await work(admin)
  } finally {
    await admin.close()
  }
}

async function createDatabase(admin: ConnectionPool, name: string, { rowVersioning }: MssqlShopOptions): Promise<void> {
  // Two at once can meet at the model database, which each of them locks.
  await untilDone(() => admin.request().batch(`create database ${name}`))
  if (rowVersioning === undefined) return
  await admin.request().batch(`alter database ${name} set read_committed_snapshot ${rowVersioning}`)
  await admin.request().batch(`alter database ${name} set allow_snapshot_isolation on`)
}

/** Connections that a test has cut may be there still. */
const dropDatabase = (admin: ConnectionPool, name: string): Promise<void> =>
  untilDone(async () => {
    await admin
      .request()
      .batch(`alter database ${name} set single_user with rollback immediate`)
      .catch(() => {}) // not needed, or not known to the server
    await admin.request().batch(`drop database ${name}`)
  })

async function untilDone(work: () => Promise<unknown>, limitMs = 20_000): Promise<void> {
  const end = Date.now() + limitMs
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (Date.now() > end) throw error
      await pause(100)
    }
  }
}
