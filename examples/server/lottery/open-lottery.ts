import type { LowStock, PoolEvent } from 'claim-once'
import type { Kysely } from 'kysely'
import type { ShopTables } from '../shop/tables.ts'
import { openCandidates } from './candidates.ts'
import { DeliveryTimer } from './later/delivery-timer.ts'
import type { Lottery, LotteryStory } from './lottery.ts'
import { createPrizeCards } from './prize-cards.ts'
import { CAMPAIGN, stockCards } from './stock-cards.ts'
import { Upkeep } from './upkeep.ts'

export interface LotteryOptions {
  readonly story: LotteryStory
  /** Without it there is no strategy `queue`. */
  readonly redisUrl?: string | undefined
  /** What the names in Redis begin with. Default: `claim-once-example`. */
  readonly redisPrefix?: string
  /** How often reservations that are over are freed, and the queue is filled. Default: 30,000 milliseconds. */
  readonly upkeepMs?: number
  /** How often the shop looks for prizes that are to be delivered, in milliseconds. Default: never, `npm run deliver` does. */
  readonly deliverEveryMs?: number | undefined
}

export interface OpenLottery {
  readonly lottery: Lottery
  close(): Promise<void>
}

/** So few free cards are worth telling. */
const LOW = 20

/** Fills the table, and the queue where there is one. Throws when the table is not what the pool needs. */
export async function openLottery(
  db: Kysely<ShopTables>,
  { story, redisUrl, redisPrefix = 'claim-once-example', upkeepMs = 30_000, deliverEveryMs }: LotteryOptions,
): Promise<OpenLottery> {
  await stockCards(db)
  let upkeep: Upkeep | null = null
  const refill = (): void => void upkeep?.refill()
  const candidates =
    redisUrl === undefined || redisUrl === '' ? null : await openCandidates(redisUrl, redisPrefix, refill)
  const queue = candidates?.queue ?? null

  const onEvent = (event: PoolEvent): void => {
    if (event.type !== 'queue_fallback') return
    story.fallback(event)
    if (event.reason !== 'down') refill()
  }
  const lowStock: LowStock = { below: LOW, notify: ({ free }) => story.lowStock({ free }) }
  const cards = createPrizeCards(db, { lowStock, onEvent, ...(queue === null ? {} : { queue }) })
  const lottery: Lottery = { db, cards, queue, story }
  try {
    // Has the table described, which is not within the time of a draw.
    await cards.count({ scope: CAMPAIGN, timeoutMs: 30_000 })
  } catch (error) {
    candidates?.close()
    throw error
  }
  const running = new Upkeep(lottery, upkeepMs)
  upkeep = running
  await running.refill()
  const deliveries = deliverEveryMs === undefined ? null : new DeliveryTimer(lottery, deliverEveryMs)
  return {
    lottery,
    async close() {
      await deliveries?.stop()
      await running.stop()
      candidates?.close()
    },
  }
}
