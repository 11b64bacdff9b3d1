import type { FallbackReason } from 'claim-once'
import type { DeliveryReport, LaterReport, LotteryStory, RequestReport } from '../../examples/server/lottery/lottery.ts'
import { PRIZE_MESSAGES, PRIZE_WINS } from '../../examples/server/lottery/later/win-tables.ts'
import { PRIZE_CARDS, PRIZE_WINNERS } from '../../examples/server/lottery/prize-tables.ts'
import type { RushReport } from '../../examples/server/lottery/rush.ts'
import { stockCards } from '../../examples/server/lottery/stock-cards.ts'
import { openDatabase } from '../../examples/server/shop/database.ts'
import type { ShopDatabase } from '../../examples/server/shop/database.ts'
import { startShop } from '../../examples/server/start-shop.ts'
import type { RunningShop } from '../../examples/server/start-shop.ts'

/** What the lottery answers to those who accept JSON. */
export interface Reply {
  readonly status: number
  readonly outcome?: string
  readonly keptForMs?: number | null
  readonly cardNumber?: string | null
  readonly message?: string
  readonly state?: string | null
  readonly error?: string
}

export type Params = Readonly<Record<string, string>>

/** The example's lottery, started, and everything that it has told. */
export interface LotteryShop {
  readonly database: ShopDatabase
  readonly shop: RunningShop
  readonly requests: RequestReport[]
  readonly rushes: RushReport[]
  readonly fallbacks: FallbackReason[]
  readonly refills: number[]
  readonly lowStock: number[]
  readonly freed: number[]
  readonly recorded: LaterReport[]
  readonly deliveries: DeliveryReport[]
  draw(winner: string, params?: Params): Promise<Reply>
  confirm(winner: string, params?: Params): Promise<Reply>
  later(winner: string, params?: Params): Promise<Reply>
  prize(winner: string): Promise<Reply>
  /** The same as a person's browser gets it. */
  page(path: string, params?: Params): Promise<{ readonly status: number; readonly text: string }>
  post(path: string, params: Params): Promise<Response>
  /** Every card is free, and nobody has won. */
  reset(): Promise<void>
  close(): Promise<void>
}

export interface LotteryShopOptions {
  readonly url?: string | undefined
  readonly redisUrl?: string
  readonly redisPrefix?: string
  readonly upkeepMs?: number
  readonly deliverEveryMs?: number
}

export async function openLotteryShop({ url, ...options }: LotteryShopOptions = {}): Promise<LotteryShop> {
  const database = await openDatabase(url)
  const told = {
    requests: [] as RequestReport[],
    rushes: [] as RushReport[],
    fallbacks: [] as FallbackReason[],
    refills: [] as number[],
    lowStock: [] as number[],
    freed: [] as number[],
    recorded: [] as LaterReport[],
    deliveries: [] as DeliveryReport[],
  }
  const lottery: LotteryStory = {
    request: (report) => told.requests.push(report),
    rush: (report) => told.rushes.push(report),
    fallback: ({ reason }) => told.fallbacks.push(reason),
    refilled: (report) => {
      if ('queued' in report) told.refills.push(report.queued)
    },
    expired: (report) => {
      if ('freed' in report) told.freed.push(report.freed)
    },
    lowStock: ({ free }) => told.lowStock.push(free),
    later: (report) => told.recorded.push(report),
    delivery: (report) => told.deliveries.push(report),
  }
  const story = { callback() {}, settled() {} }
  const shop = await startShop({ database, story, lottery: { story: lottery, ...options } })

  const post = (path: string, params: Params, accept: string): Promise<Response> =>
    fetch(`${shop.url}${path}`, { method: 'POST', body: new URLSearchParams(params), headers: { accept } })
  const reply = async (response: Response): Promise<Reply> => ({
    ...((await response.json()) as Omit<Reply, 'status'>),
    status: response.status,
  })
  return {
    database,
    shop,
    ...told,
    draw: async (winner, params = {}) =>
      reply(await post('/lottery/draw', { winner, strategy: 'conditional', ...params }, 'application/json')),
    confirm: async (winner, params = {}) =>
      reply(await post('/lottery/confirm', { winner, ...DETAILS, ...params }, 'application/json')),
    later: async (winner, params = {}) =>
      reply(await post('/lottery/later', { winner, ...RECIPIENT, ...params }, 'application/json')),
    prize: async (winner) =>
      reply(await fetch(`${shop.url}/lottery/prize?winner=${winner}`, { headers: { accept: 'application/json' } })),
    async page(path, params) {
      const response = params === undefined ? await fetch(`${shop.url}${path}`) : await post(path, params, 'text/html')
      return { status: response.status, text: await response.text() }
    },
    post: (path, params) => post(path, params, 'application/json'),
    async reset() {
      for (const list of Object.values(told)) list.length = 0
      await database.db.deleteFrom(PRIZE_MESSAGES).execute()
      await database.db.deleteFrom(PRIZE_WINS).execute()
      await database.db.deleteFrom(PRIZE_WINNERS).execute()
      await database.db.deleteFrom(PRIZE_CARDS).execute()
      await stockCards(database.db)
    },
    async close() {
      await shop.close()
      await database.close()
    },
  }
}

export const RECIPIENT = { name: 'Ann', phone: '+44 20 5550 0100' }
export const DETAILS = { name: 'Ann', contact: '12 Long Lane' }

/** Who has what, by the table. */
export const holders = ({ database }: LotteryShop) =>
  database.db
    .selectFrom(PRIZE_CARDS)
    .select(['owner', 'status', 'card_number'])
    .where('owner', 'is not', null)
    .orderBy('owner')
    .execute()

/** All but so many cards are somebody else's. */
export async function leave({ database }: LotteryShop, free: number): Promise<void> {
  const cards = await database.db.selectFrom(PRIZE_CARDS).select('card_id').orderBy('card_id').execute()
  const others = cards.slice(free).map(({ card_id }) => card_id)
  await database.db.updateTable(PRIZE_CARDS).set({ status: 'Taken' }).where('card_id', 'in', others).execute()
}

/** Ten minutes pass for everybody who has drawn and not confirmed. */
export async function letTimePass({ database }: LotteryShop): Promise<void> {
  const { db } = database
  await db
    .updateTable(PRIZE_CARDS)
    .set({ reserved_until: '2001-01-01T00:00:00' })
    .where('status', '=', 'Reserved')
    .execute()
}
