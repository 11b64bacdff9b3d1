import { beforeAll } from 'vitest'
import type { ClaimEvent, WorkContext } from '../../../src/index.ts'
import type { MysqlShop } from '../../support/mysql-shop.ts'
import type { ClientOptions } from './client.ts'
import { addLeaseColumns, LEASE_CONFIG } from './lease-shop.ts'
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

const columnsAdded = new WeakSet<MysqlShop>()

/** Tests through every adapter, on a shop that leases. */
export function onLeaseShop(body: (setting: LeaseSetting) => void, options: ClientOptions = {}): void {
  onEveryClient((setting) => {
    beforeAll(() => addColumns(setting.shop))
    body(leaseSetting(setting))
  }, options)
}

export async function addColumns(shop: MysqlShop): Promise<void> {
  if (columnsAdded.has(shop)) return
  columnsAdded.add(shop)
  await addLeaseColumns(shop)
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
      ordersOf(setting.client, { ...LEASE_CONFIG, onEvent: (event) => events.push(event), ...config }),
  }
}

/** The types of events of one order. */
export const eventsOf = (events: readonly ClaimEvent[], id: unknown): ClaimEvent['type'][] =>
  events.filter((event) => event.orderId === id).map((event) => event.type)

/** Work that lasts until it is told to end. */
export function held(): {
  work: (order: unknown, context: WorkContext) => Promise<unknown>
  context: Promise<WorkContext>
  end: (value: unknown) => void
  fail: (error: unknown) => void
} {
  const started = Promise.withResolvers<WorkContext>()
  const ended = Promise.withResolvers<unknown>()
  return {
    work: (_order, context) => {
      started.resolve(context)
      return ended.promise
    },
    context: started.promise,
    end: ended.resolve,
    fail: ended.reject,
  }
}

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
