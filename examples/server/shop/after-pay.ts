import type { ClaimResult, ReplyAdvice } from 'claim-once'
import type { Kysely } from 'kysely'
import type { OrderClaims } from './claims.ts'
import { naiveAfterPay } from './naive.ts'
import type { Notice } from './notice.ts'
import { recharge } from './recharge.ts'
import type { ShopStrategy } from './strategy.ts'
import type { ShopTables } from './tables.ts'

export interface Decision {
  readonly outcome: ClaimResult['outcome'] | 'not_paid'
  readonly reply: ReplyAdvice
}

/**
 * What the shop does about a payment, whoever tells of it: the gateway's notification and the customer's redirect both
 * end here, for they race each other as much as the notifications do among themselves.
 */
export async function afterPay(
  shop: { readonly db: Kysely<ShopTables>; readonly orders: OrderClaims },
  notice: Notice,
  strategy: ShopStrategy,
): Promise<Decision> {
  if (!notice.paid) return { outcome: 'not_paid', reply: 'handled' }
  if (strategy === 'naive') return await naiveAfterPay(shop.db, notice)
  return await shop.orders.claimOnce(notice.orderId, {
    strategy,
    expect: { amount_fen: notice.amountFen },
    paymentId: notice.dealId,
    read: ['order_id', 'account_id', 'amount_fen'],
    effect: (tx, order) => recharge(tx, order),
  })
}
