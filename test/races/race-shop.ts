import { openMssqlShop } from '../support/mssql-shop.ts'
import type { MssqlShopOptions } from '../support/mssql-shop.ts'
import { openMysqlShop } from '../support/mysql-shop.ts'
import { openSqliteShop } from '../support/sqlite-shop.ts'
import type { NewOrder } from '../support/orders.ts'

/** What an order has come to, as the tables tell it and nobody who took part. */
export interface Witness {
  readonly status: string
  /** `null` where the server makes versions that count nothing. */
  readonly version: number | null
  /** Ledger entries of this order. */
  readonly entries: number
  /** Of the account that all orders of the races belong to. */
  readonly balance: number
  /** The status of an order that waits, and that nobody calls. */
  readonly bystander: string
}

export interface RaceShop {
  /** Where the processes of the race find it: a URL, or a file. */
  readonly database: string
  newOrder(order?: NewOrder): Promise<number>
  witness(orderId: number): Promise<Witness>
  close(): Promise<void>
}

const witnessBy = (bystander: number | '?', orderId: number | '?'): string => `
select status, row_version as version,
  (select count(*) from ledger where ledger.order_id = orders.order_id) as entries,
  (select balance from accounts where id = 1) as balance,
  (select status from orders other where other.order_id = ${bystander}) as bystander
from orders
where order_id = ${orderId}`

const WITNESS = witnessBy('?', '?')

const toWitness = (row: Readonly<Record<string, unknown>> | undefined): Witness => ({
  status: String(row?.['status']),
  version: Buffer.isBuffer(row?.['version']) ? null : Number(row?.['version']),
  entries: Number(row?.['entries']),
  balance: Number(row?.['balance']),
  bystander: String(row?.['bystander']),
})

export async function openServerRaceShop(serverUrl: string): Promise<RaceShop> {
  const shop = await openMysqlShop(serverUrl)
  const bystander = await shop.newOrder()
  return {
    database: shop.url,
    newOrder: (order) => shop.newOrder(order),
    witness: async (orderId) => toWitness((await shop.run(WITNESS, [bystander, orderId]))[0]),
    close: () => shop.close(),
  }
}

export interface MssqlRaceShopOptions extends MssqlShopOptions {
  /** A ROWVERSION, which the server moves on, or a number, which whoever changes the order counts on. */
  readonly version: 'rowversion' | 'number'
}

export async function openMssqlRaceShop(
  serverUrl: string,
  { version, ...options }: MssqlRaceShopOptions,
): Promise<RaceShop> {
  const shop = await openMssqlShop(serverUrl, options)
  if (version === 'number') {
    await shop.run('alter table orders drop column row_version')
    await shop.run('alter table orders add row_version int not null default 0')
  }
  const bystander = await shop.newOrder()
  return {
    database: shop.url,
    newOrder: (order) => shop.newOrder(order),
    witness: async (orderId) => toWitness((await shop.run(witnessBy(bystander, orderId)))[0]),
    close: () => shop.close(),
  }
}

export async function openFileRaceShop(): Promise<RaceShop> {
  const shop = openSqliteShop()
  const bystander = await shop.newOrder()
  const witness = shop.db.prepare<[number, number], Record<string, unknown>>(WITNESS)
  return {
    database: shop.file,
    newOrder: (order) => shop.newOrder(order),
    witness: async (orderId) => toWitness(witness.get(bystander, orderId)),
    close: () => shop.close(),
  }
}
