import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ORDERS } from './orders.ts'
import type { NewOrder, Shop } from './orders.ts'

export interface SqliteShop extends Shop {
  readonly file: string
  /** A handle of the test's, beside the one under test. */
  readonly db: Database.Database
}

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
  gateway_txn text
);
create table accounts (id integer primary key, balance numeric not null);
create table ledger (id integer primary key, order_id integer not null, amount numeric not null);
insert into accounts values (1, 0), (2, 0);`

/**
 * A shop in a file of its own, through better-sqlite3. A test of node:sqlite closes `db` before it opens the file: two
 * SQLite libraries in one process do not see each other's locks.
 */
export function openSqliteShop(): SqliteShop {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-'))
  const file = join(folder, 'shop.db')
  const db = new Database(file)
  db.pragma('journal_mode = wal')
  db.exec(DDL)
  return {
    file,
    db,
    async newOrder(order: NewOrder = {}) {
      const { status, amount, currency, account_id: account } = { ...ORDERS.fresh, ...order }
      const { lastInsertRowid } = db
        .prepare('insert into orders (status, amount, currency, account_id) values (?, ?, ?, ?)')
        .run(status, amount, currency, account)
      return Number(lastInsertRowid)
    },
    async statusOf(id) {
      return String(db.prepare('select status from orders where order_id = ?').pluck().get(id))
    },
    async balanceOf(account) {
      return Number(db.prepare('select balance from accounts where id = ?').pluck().get(account))
    },
    async close() {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
