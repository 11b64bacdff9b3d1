import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { ACCOUNTS, LEDGER, ORDERS } from './tables.ts'
import type { ShopTables } from './tables.ts'

/**
 * The same tables in T-SQL, which has no `create table if not exists`. Accounts are NVARCHAR, because that is what
 * kysely sends: beside a VARCHAR key the server would convert the column, and scan the table.
 */
export async function createTablesOnSqlServer(db: Kysely<ShopTables>): Promise<void> {
  for (const create of [ordersTable, accountsTable, ledgerTable]) await create.execute(db)
}

const ordersTable = sql`
if object_id(${ORDERS}, 'U') is null
  create table ${sql.table(ORDERS)} (
    order_id int not null identity primary key,
    account_id nvarchar(40) not null,
    amount_fen int not null,
    status varchar(10) not null,
    row_version rowversion not null,
    claim_token varchar(36),
    claimed_at datetime2(6),
    gateway_deal varchar(64)
  )`

const accountsTable = sql`
if object_id(${ACCOUNTS}, 'U') is null
  create table ${sql.table(ACCOUNTS)} (
    account_id nvarchar(40) not null primary key,
    balance_fen int not null
  )`

const ledgerTable = sql`
if object_id(${LEDGER}, 'U') is null
  create table ${sql.table(LEDGER)} (
    entry_id int not null identity primary key,
    order_id int not null,
    amount_fen int not null
  )`
