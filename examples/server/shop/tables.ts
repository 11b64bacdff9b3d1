import type { Generated } from 'kysely'
import type { PrizeTables } from '../lottery/prize-tables.ts'

// Long names, because DATABASE_URL may point at a database in which somebody already has `orders`.
export const ORDERS = 'claim_once_example_orders'
export const ACCOUNTS = 'claim_once_example_accounts'
export const LEDGER = 'claim_once_example_ledger'

/** Amounts are in fen, the hundredth part of a yuan: whole numbers add up exactly in every database. */
export interface ShopTables extends PrizeTables {
  [ORDERS]: {
    order_id: Generated<number>
    account_id: string
    amount_fen: number
    status: 'Wait' | 'Y'
    /** A whole number; on SQL Server a ROWVERSION, which the server moves on by itself. */
    row_version: Generated<number | Buffer>
    claim_token: string | null
    /** Text on SQLite, else a Date. */
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
