import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { ORDERS } from '../../support/orders.ts'
import type { NewOrder } from '../../support/orders.ts'
import { openSqliteShop } from '../../support/sqlite-shop.ts'
import { closeHandles, openHandle, query } from './driver.ts'
import type { DriverName, Handle, Rows, Value } from './driver.ts'

/** A shop in a file of its own, seen through a handle of the given driver, beside the one under test. */
export interface ShopFile {
  readonly file: string
  readonly db: Handle
  run(text: string, ...parameters: Value[]): Rows
  newOrder(order?: NewOrder): number
  /** The order's columns that tell what became of it, and what was booked for it. */
  state(orderId: number): { status: Value; version: Value; booked: number }
  balance(account?: number): number
  /** After `db` was closed. */
  reopen(): void
  close(): void
}

/** What {@link ShopFile.state} tells of an order that nobody has claimed, and of one that was claimed and booked once. */
export const WAITS = { status: 'Wait', version: 0, booked: 0 } as const
export const BOOKED_ONCE = { status: 'Y', version: 1, booked: 1 } as const
/** Claimed, and nothing was to be booked. */
export const CLAIMED_BARE = { status: 'Y', version: 1, booked: 0 } as const

export function createShopFile(driver: DriverName, journal: 'wal' | 'delete' = 'wal'): ShopFile {
  const created = openSqliteShop()
  created.db.pragma(`journal_mode = ${journal}`) // it can be changed only while nobody else has the file open
  created.db.close()
  let db = openHandle(driver, created.file)
  const run = (text: string, ...parameters: Value[]): Rows => query(db, [text, ...parameters])
  return {
    file: created.file,
    get db() {
      return db
    },
    run,
    newOrder(order = {}) {
      const { status, amount, currency, account_id: account } = { ...ORDERS.fresh, ...order }
      const [row] = run(
        'insert into orders (status, amount, currency, account_id) values (?, ?, ?, ?) returning order_id',
        status,
        amount,
        currency,
        account,
      )
      return Number(row!['order_id'])
    },
    state(orderId) {
      const [row] = run(
        `select status, row_version as version,
                (select count(*) from ledger l where l.order_id = o.order_id) as booked
         from orders o
         where order_id = ?`,
        orderId,
      )
      return { status: row!['status']!, version: row!['version']!, booked: Number(row!['booked']) }
    },
    balance: (account = 1) => Number(run('select balance from accounts where id = ?', account)[0]!['balance']),
    reopen() {
      db = openHandle(driver, created.file)
    },
    close() {
      closeHandles()
      rmSync(dirname(created.file), { recursive: true, force: true })
    },
  }
}
