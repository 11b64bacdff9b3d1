import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { openShop } from '../../examples/recipes/shop.ts'
import type { ShopTables } from '../../examples/recipes/shop.ts'
import { openDatabase } from './open-database.ts'

const DDL = {
  mysql: [
    `create table orders (
       order_id bigint not null primary key, status varchar(10) not null default 'Wait', account_id int not null,
       phone varchar(20) not null, amount decimal(12, 2) not null, claim_token char(36) null, gateway_txn varchar(64) null,
       lease_until datetime(6) null, due_at datetime(6) null, attempts int not null default 0, last_error varchar(500) null,
       key due (due_at, status)
     ) engine = InnoDB default charset = utf8mb4`,
    'create table accounts (account_id int not null primary key, balance decimal(12, 2) not null) engine = InnoDB',
  ],
  sqlite: [
    `create table orders (
       order_id integer primary key, status text not null default 'Wait', account_id integer not null, phone text not null,
       amount decimal(12, 2) not null, claim_token text, gateway_txn text, lease_until text, due_at text,
       attempts integer not null default 0, last_error text
     )`,
    'create index due on orders (due_at, status)',
    'create table accounts (account_id integer primary key, balance numeric not null)',
  ],
} as const

export const AMOUNT = '42.00'

/** The shop of the recipes. Each order has an account of its own, so that the balances say how often each was recharged. */
export interface RecipeShop {
  /** A URL, or the path of a file, for {@link openDatabase}. */
  readonly database: string
  readonly db: Kysely<ShopTables>
  /** Puts in so many more orders, and gives their ids. */
  readonly newOrders: (
    count: number,
    options?: { readonly due?: boolean; readonly accounts?: boolean },
  ) => Promise<number[]>
  readonly close: () => Promise<void>
}

/** In a database of its own on that server; `null`: in a file. */
export async function openRecipeShop(serverUrl: string | null): Promise<RecipeShop> {
  const { database, remove } = serverUrl === null ? newFile() : await newDatabase(serverUrl)
  const db = openDatabase(database)
  const family = serverUrl === null ? 'sqlite' : 'mysql'
  for (const statement of DDL[family]) await sql.raw(statement).execute(db)
  let last = 0
  return {
    database,
    db,
    async newOrders(count, { due = false, accounts = true } = {}) {
      const ids = Array.from({ length: count }, () => (last += 1))
      const dueAt = due ? (family === 'mysql' ? 'utc_timestamp(6)' : `strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`) : 'null'
      const orders = ids.map((id) => `(${id}, ${id}, '+86 ${id}', ${AMOUNT}, ${dueAt})`)
      await sql
        .raw(`insert into orders (order_id, account_id, phone, amount, due_at) values ${orders.join(', ')}`)
        .execute(db)
      if (accounts) await sql.raw(`insert into accounts values ${ids.map((id) => `(${id}, 0)`).join(', ')}`).execute(db)
      return ids
    },
    async close() {
      await db.destroy()
      await remove()
    },
  }
}

/** How often each order was recharged. */
export async function recharges({ db }: RecipeShop, ids: readonly number[]): Promise<number[]> {
  const rows = await db
    .selectFrom('accounts')
    .selectAll()
    .where('account_id', 'in', ids)
    .orderBy('account_id')
    .execute()
  return rows.map(({ balance }) => Number(balance) / Number(AMOUNT))
}

export async function statuses({ db }: RecipeShop, ids: readonly number[]): Promise<string[]> {
  const rows = await db.selectFrom('orders').select('status').where('order_id', 'in', ids).orderBy('order_id').execute()
  return rows.map(({ status }) => status)
}

function newFile(): { readonly database: string; readonly remove: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'claim-once-'))
  return { database: join(folder, 'shop.db'), remove: () => rm(folder, { recursive: true, force: true }) }
}

async function newDatabase(
  serverUrl: string,
): Promise<{ readonly database: string; readonly remove: () => Promise<void> }> {
  const name = `recipes_${randomBytes(6).toString('hex')}`
  const admin = openShop(serverUrl, 1)
  await sql.raw(`create database ${name} default charset utf8mb4`).execute(admin)
  return {
    database: serverUrl.replace(/\/[^/?]*(?=\?|$)/, `/${name}`),
    remove: async () => {
      await sql.raw(`drop database ${name}`).execute(admin)
      await admin.destroy()
    },
  }
}
