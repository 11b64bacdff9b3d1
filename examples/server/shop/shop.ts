import type { Kysely } from 'kysely'
import type { GatewaySimulator, Settlement } from '../gateway/simulator.ts'
import type { Secret } from '../gateway/signature.ts'
import type { Lottery } from '../lottery/lottery.ts'
import type { Decision } from './after-pay.ts'
import type { OrderClaims } from './claims.ts'
import type { OrderStanding } from './orders.ts'
import type { ShopStrategy } from './strategy.ts'
import type { ShopTables } from './tables.ts'

/** What the routes work with. */
export interface Shop {
  readonly db: Kysely<ShopTables>
  readonly orders: OrderClaims
  readonly gateway: GatewaySimulator
  readonly secret: Secret
  /** Where the shop listens. Not taken from a request: whoever sends one could have the gateway call somebody else. */
  readonly url: () => string
  readonly story: Story
  readonly lottery: Lottery | null
}

/** Is told what happens, in order to show it. */
export interface Story {
  callback(report: CallbackReport): void
  settled(report: SettlementReport): void
}

export interface CallbackReport {
  readonly via: 'notification' | 'redirect'
  /** `null` where the callback was refused: then nothing it says is to be believed. */
  readonly claim: { readonly orderId: string; readonly strategy: ShopStrategy } | null
  readonly outcome: Decision['outcome'] | 'refused' | 'failed'
  /** After the callback; `null` where there is no such order. */
  readonly standing: OrderStanding | null
  /** What was thrown, where the outcome is `failed`. */
  readonly error?: unknown
}

export interface SettlementReport extends Settlement {
  readonly strategy: ShopStrategy
  readonly standing: OrderStanding
}
