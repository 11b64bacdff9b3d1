import type { Kysely } from 'kysely'
import { createPrizeTables } from '../lottery/create-prize-tables.ts'
import { createTablesOnSqlServer } from './sql-server-tables.ts'
import { ACCOUNTS, LEDGER, ORDERS } from './tables.ts'
import type { ShopTables } from './tables.ts'

/**
 * Creates what is missing. A shop of your own should add a unique key on the ledger's order_id, as a second line of
 * defence; here it would hide what the naive handler does.
 */
export async function createTables(db: Kysely<ShopTables>): Promise<void> {
  await createPrizeTables(db)
  if (!db.getExecutor().adapter.supportsCreateIfNotExists) {
    await createTablesOnSqlServer(db)
    return
  }
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
