import type { MysqlShop } from '../../support/mysql-shop.ts'

/** The lease has been over for a second, by the clock of the database. */
export const letLeaseRunOut = (shop: MysqlShop, id: number): Promise<unknown> =>
  shop.run('update orders set lease_until = utc_timestamp(6) - interval 1 second where order_id = ?', [id])

export interface LeasedOrder {
  readonly status: string
  readonly token: string | null
  readonly attempts: number
  readonly version: number
  readonly lastError: string | null
  readonly result: string | null
  /** Milliseconds, by the clock of the database. */
  readonly leaseMs: number | null
}

export async function leasedOrder(shop: MysqlShop, id: number): Promise<LeasedOrder> {
  const [row] = await shop.run(
    `select status, claim_token as token, attempts, row_version as version, last_error as lastError, result,
       timestampdiff(microsecond, utc_timestamp(6), lease_until) / 1000 as leaseMs
     from orders where order_id = ?`,
    [id],
  )
  const { leaseMs, ...rest } = row as unknown as LeasedOrder
  return { ...rest, leaseMs: leaseMs === null ? null : Number(String(leaseMs)) }
}
