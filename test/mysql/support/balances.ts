import type { MysqlShop } from '../../support/mysql-shop.ts'

/** What is left of an order and its effect, seen by a connection of its own. */
export interface Found {
  readonly status: string
  readonly balance: number
  readonly ledger: number
}

export const UNDONE: Found = { status: 'Wait', balance: 0, ledger: 0 }
export const ONCE: Found = { status: 'Y', balance: 42, ledger: 1 }

export async function found(shop: MysqlShop, orderId: number): Promise<Found> {
  const entries = await shop.run('select count(*) as n from ledger')
  return { status: await shop.statusOf(orderId), balance: await shop.balanceOf(1), ledger: Number(entries[0]?.['n']) }
}
