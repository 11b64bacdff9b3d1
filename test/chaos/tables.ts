import type { ShopTables } from '../support/orders.ts'

const COLUMNS = {
  id: 'order_id',
  status: 'status',
  version: 'row_version',
  claimedAt: 'claimed_at',
  paymentId: 'gateway_txn',
  attempts: 'attempts',
  lastError: 'last_error',
  result: 'result',
} as const

/** What `createClaims` is told of the orders. */
export const CHAOS_CONFIG = {
  table: 'orders',
  columns: { ...COLUMNS, token: 'claim_token', leaseUntil: 'lease_until' },
  // No failed state: however often a lease is taken over, the order is paid in the end.
  states: { waiting: 'Wait', claimed: 'Y', processing: 'Working' },
} as const

/** The same without a token: nothing can be resolved. */
export const TOKENLESS_CONFIG = {
  ...CHAOS_CONFIG,
  columns: COLUMNS,
  states: { waiting: 'Wait', claimed: 'Y' },
} as const

/** The same tables, for kysely. */
export interface ChaosTables extends Omit<ShopTables, 'orders'> {
  orders: Omit<ShopTables['orders'], 'order_id'> & {
    readonly order_id: string
    readonly lease_until: string | null
    readonly attempts: number
    readonly last_error: string | null
    readonly result: string | null
  }
}

/** No key of the ledger, and none of the work after a bare claim, hides a second entry. */
export const DDL = [
  `create table orders (
     order_id varchar(16) not null primary key,
     kind varchar(10) not null,
     status varchar(12) not null,
     amount decimal(12, 2) not null,
     currency char(3) not null,
     account_id int not null,
     note varchar(100) null,
     row_version int unsigned not null default 0,
     claim_token char(36) null,
     claimed_at datetime(6) null,
     lease_until datetime(6) null,
     attempts int unsigned not null default 0,
     last_error varchar(255) null,
     result varchar(255) null,
     gateway_txn varchar(64) null
   ) engine = InnoDB default charset = utf8mb4`,
  `create table accounts (id int not null primary key, balance decimal(12, 2) not null) engine = InnoDB`,
  `create table ledger (
     id int not null auto_increment primary key,
     order_id varchar(16) not null, account_id int not null, amount decimal(12, 2) not null
   ) engine = InnoDB default charset = utf8mb4`,
  // What a shop does after a bare claim, in no transaction with it.
  `create table bare_work (
     id int not null auto_increment primary key, order_id varchar(16) not null
   ) engine = InnoDB default charset = utf8mb4`,
  // The provider outside: it writes down every call, and does one thing for each idempotency key.
  `create table outside_calls (
     id int not null auto_increment primary key,
     idempotency_key varchar(200) not null, order_id varchar(16) not null, attempt int not null
   ) engine = InnoDB default charset = utf8mb4`,
  `create table outside (
     idempotency_key varchar(200) not null primary key,
     order_id varchar(16) not null, amount decimal(12, 2) not null
   ) engine = InnoDB default charset = utf8mb4 collate utf8mb4_bin`,
] as const
