import type { CandidateQueue, ConfirmResult, DrawResult, FallbackReason, PickStrategy, ReplyAdvice } from 'claim-once'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../shop/tables.ts'
import type { PrizeCards } from './prize-cards.ts'
import type { RushReport } from './rush.ts'

/** What the routes of the lottery work with. */
export interface Lottery {
  readonly db: Kysely<ShopTables>
  readonly cards: PrizeCards
  /** Where the strategy `queue` has its candidates from; `null` without Redis. */
  readonly queue: CandidateQueue | null
  readonly story: LotteryStory
}

/** What a winner is told of his request. */
export interface Answer {
  readonly outcome: DrawResult<unknown>['outcome'] | ConfirmResult<unknown>['outcome'] | 'failed'
  readonly reply: ReplyAdvice
  /** For how many milliseconds a card is kept for him; `null`: none is, or one is his for good. */
  readonly keptForMs: number | null
  /** Of the card that is his for good; `null` before that. */
  readonly cardNumber: string | null
  /** What was thrown, where the outcome is `failed`. */
  readonly error?: unknown
}

/** Is told what happens, in order to show it. */
export interface LotteryStory {
  request(report: RequestReport): void
  rush(report: RushReport): void
  /** The strategy was `queue`, and the table was asked. */
  fallback(report: { readonly reason: FallbackReason; readonly error: unknown }): void
  /** `queued`: so many candidates are in the queue, in the place of whatever it held. */
  refilled(report: { readonly queued: number } | { readonly error: unknown }): void
  /** So many reservations were over. Not told when there were none. */
  expired(report: { readonly freed: number } | { readonly error: unknown }): void
  lowStock(report: { readonly free: number }): void
  /** A prize is to be delivered later. */
  later(report: LaterReport): void
  delivery(report: DeliveryReport): void
}

export type RequestReport =
  | (
      | { readonly step: 'draw'; readonly strategy: PickStrategy; readonly winner: string; readonly answer: Answer }
      | { readonly step: 'confirm'; readonly winner: string; readonly answer: Answer }
    )
  | { readonly step: 'draw' | 'confirm' | 'rush' | 'later'; readonly refusal: string }

export interface LaterReport {
  readonly winner: string
  /** `duplicate`: it was recorded before. */
  readonly outcome: 'recorded' | 'duplicate' | 'failed'
  /** What was thrown, where the outcome is `failed`. */
  readonly error?: unknown
}

/** Of the server's own timer. */
export interface DeliveryReport {
  /** `null`: it is not about one of them. */
  readonly winner: string | null
  /** `failed`: it is tried again. `dead`: a person looks at it. `waits`: for the database. `ended`: nobody delivers now. */
  readonly outcome: 'sent' | 'failed' | 'dead' | 'waits' | 'ended'
  readonly error?: unknown
}
