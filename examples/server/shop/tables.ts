import type { Generated, Kysely } from 'kysely'

// Long names, because DATABASE_URL may point at a database in which somebody already has `orders`.
export const ORDERS = 'claim_once_example_orders'
export const ACCOUNTS = 'claim_once_example_accounts'
export const LEDGER = 'claim_once_example_ledger'

/** Amounts are in fen, the hundredth part of a yuan: whole numbers add up exactly in every database. */
export interface ShopTables {
  [ORDERS]: {
    order_id: Generated<number>
    account_id: string
    amount_fen: number
    status: 'Wait' | 'Y'
    row_version: Generated<number>
    claim_token: string | null
    /** A Date on MySQL and MariaDB, text on SQLite. */
    claimed_at: Date | string | null
    gateway_deal: string | null
  }
  [ACCOUNTS]: {
    account_id: string
    balance_fen: number
  }
  [LEDGER]: {
    entry_id: Generated<number>
    order_id: number
    amount_fen: number
  }
}

/**
 * Creates what is missing. A shop of your own should add a unique key on the ledger's order_id, as a second line of
 * defence; here it would hide what the naive handler does.
 */
export async function createTables(db: Kysely<ShopTables>): Promise<void> {
  await db.schema
    .createTable(ORDERS)
    .ifNotExists()
    .addColumn('order_id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('account_id', 'varchar(40)', (column) => column.notNull())
    .addColumn('amount_fen', 'integer', (column) => column.notNull())
    .addColumn('status', 'varchar(10)', (column) => column.notNull())
    .addColumn('row_version', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('claim_token', 'varchar(36)')
    .addColumn('claimed_at', 'datetime(6)')
    .addColumn('gateway_deal', 'varchar(64)')
    .execute()
  await db.schema
    .createTable(ACCOUNTS)
    .ifNotExists()
    .addColumn('account_id', 'varchar(40)', (column) => column.primaryKey())
    .addColumn('balance_fen', 'integer', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable(LEDGER)
    .ifNotExists()
    .addColumn('entry_id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('order_id', 'integer', (column) => column.notNull())
    .addColumn('amount_fen', 'integer', (column) => column.notNull())
    .execute()
}
