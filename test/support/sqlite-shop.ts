import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import { ORDERS } from './orders.ts'
import type { NewOrder, Shop } from './orders.ts'

export interface SqliteShop extends Shop {
  readonly file: string
  /** A handle of the test's, beside the one under test. */
  readonly db: Database.Database
  rows(sql: string): Rows
}

export interface NodeSqliteShop extends Shop {
  readonly file: string
  readonly db: DatabaseSync
  rows(sql: string): Rows
}

type Rows = Readonly<Record<string, unknown>>[]

const DDL = `
create table orders (
  order_id integer primary key,
  status text not null,
  amount decimal(12, 2) not null,
  currency text not null,
  account_id integer not null,
  note text,
  row_version integer not null default 0,
  claim_token text,
  claimed_at text,
  gateway_txn text,
  lease_until text,
  attempts integer not null default 0,
  last_error text,
  result text
);
create table accounts (id integer primary key, balance numeric not null);
create table ledger (id integer primary key, order_id integer not null, amount numeric not null);
insert into accounts values (1, 0), (2, 0);`

/**
 * A shop in a file of its own, through better-sqlite3. In a process that opens it by node:sqlite use the other one: two
 * SQLite libraries in one process do not see each other's locks.
 */
export function openSqliteShop(): SqliteShop {
  const { file, remove } = newFile()
  const db = new Database(file)
  return { file, db, ...shopOn(db, remove) }
}

/** The same through node:sqlite. */
export function openNodeSqliteShop(): NodeSqliteShop {
  const { file, remove } = newFile()
  const db = new DatabaseSync(file)
  return { file, db, ...shopOn(db, remove) }
}

function newFile(): { readonly file: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-'))
  return { file: join(folder, 'shop.db'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function shopOn(db: Database.Database | DatabaseSync, remove: () => void): Shop & { rows(sql: string): Rows } {
  db.exec('pragma journal_mode = wal')
  db.exec('pragma busy_timeout = 5000')
  db.exec(DDL)
  const rows = (sql: string, ...values: (string | number)[]): Rows => {
    const statement = db.prepare(sql)
    if (/^\s*select\b/i.test(sql)) return statement.all(...values) as Rows
    statement.run(...values)
    return []
  }
  return {
    rows,
    async newOrder(order: NewOrder = {}) {
      const { status, amount, currency, account_id: account } = { ...ORDERS.fresh, ...order }
      const { lastInsertRowid } = db
        .prepare('insert into orders (status, amount, currency, account_id) values (?, ?, ?, ?)')
        .run(status, amount, currency, account)
      return Number(lastInsertRowid)
    },
    async statusOf(id) {
      return String(rows('select status from orders where order_id = ?', id)[0]?.['status'])
    },
    async balanceOf(account) {
      return Number(rows('select balance from accounts where id = ?', account)[0]?.['balance'])
    },
    async close() {
      db.close()
      remove()
    },
  }
}
