/** An order as tests make it; what is left out is {@link ORDERS.fresh}. */
export interface NewOrder {
  readonly status?: string
  readonly amount?: string
  readonly currency?: string
  readonly account_id?: number
}

/** What every kind of shop can do. */
export interface Shop {
  newOrder(order?: NewOrder): Promise<number>
  statusOf(orderId: number): Promise<string>
  balanceOf(account: number): Promise<number>
  close(): Promise<void>
}

/** What a claim alone needs. */
const CLAIMS = {
  table: 'orders',
  columns: {
    id: 'order_id',
    status: 'status',
    version: 'row_version',
    token: 'claim_token',
    claimedAt: 'claimed_at',
    paymentId: 'gateway_txn',
  },
  states: { waiting: 'Wait', claimed: 'Y', afterClaimed: ['Shipped', 'Done'] },
} as const

export const ORDERS = {
  fresh: { status: 'Wait', amount: '42.00', currency: 'CNY', account_id: 1 },
  /** All of `ClaimsConfig` but the database. */
  config: CLAIMS,
  /** The same with everything that leases, kept results, noted failures and moves need. */
  leases: {
    table: CLAIMS.table,
    columns: {
      ...CLAIMS.columns,
      leaseUntil: 'lease_until',
      attempts: 'attempts',
      lastError: 'last_error',
      result: 'result',
    },
    states: { ...CLAIMS.states, processing: 'Working', failed: 'Failed', closed: ['Expired', 'Cancelled'] },
  },
} as const

/** The same tables, for kysely. */
export interface ShopTables {
  orders: {
    order_id: number
    status: string
    amount: string
    currency: string
    account_id: number
    note: string | null
    row_version: number
    claim_token: string | null
    claimed_at: string | null
    gateway_txn: string | null
    lease_until: string | null
    attempts: number
    last_error: string | null
    result: string | null
  }
  accounts: { id: number; balance: number }
  ledger: { id: number; order_id: number; amount: string }
}
