import type { ClaimEvent } from '../../../src/index.ts'
import type { MysqlShop } from '../../support/mysql-shop.ts'
import { ORDERS } from '../../support/orders.ts'
import type { ClientOptions } from './client.ts'
import { ordersOf } from './orders.ts'
import type { Config, Orders } from './orders.ts'
import { onEveryClient } from './setting.ts'
import type { ClientSetting } from './setting.ts'

export interface LeaseSetting extends ClientSetting {
  /** Of all the claims that {@link orders} has made. */
  readonly events: ClaimEvent[]
  /** Claims on a table with everything that leases and kept results need. */
  orders(config?: Config): Orders
}

/** Tests through every adapter, on claims that lease. */
export function onLeaseShop(body: (setting: LeaseSetting) => void, options: ClientOptions = {}): void {
  onEveryClient((setting) => body(leaseSetting(setting)), options)
}

/** @param setting with the client that the claims go through */
export function leaseSetting(setting: ClientSetting): LeaseSetting {
  const events: ClaimEvent[] = []
  return {
    lane: setting.lane,
    kind: setting.kind,
    get shop() {
      return setting.shop
    },
    get client() {
      return setting.client
    },
    events,
    orders: (config = {}) =>
      ordersOf(setting.client, { ...ORDERS.leases, onEvent: (event) => events.push(event), ...config }),
  }
}

/** The types of events of one order. */
export const eventsOf = (events: readonly ClaimEvent[], id: unknown): ClaimEvent['type'][] =>
  events.filter((event) => event.orderId === id).map((event) => event.type)

const COLUMNS = {
  result: 'text null',
  last_error: 'varchar(200) null',
  lease_until: 'datetime(6) null',
} as const

/** The column has another type while `work` lasts. */
export async function withColumn<T>(
  shop: MysqlShop,
  column: keyof typeof COLUMNS,
  type: string,
  work: () => Promise<T>,
): Promise<T> {
  await shop.run(`alter table orders modify ${column} ${type}`)
  try {
    return await work()
  } finally {
    await shop.run('delete from orders')
    await shop.run(`alter table orders modify ${column} ${COLUMNS[column]}`)
  }
}
