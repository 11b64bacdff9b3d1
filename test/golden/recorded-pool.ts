import type { Reply, Row } from '../../src/adapters/adapter.ts'
import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'
import { checkPoolConfig } from '../../src/pool/check-pool-config.ts'
import { ItemPoolCaller } from '../../src/pool/item-pool.ts'
import type { Statement } from '../../src/sql.ts'
import { namedItems } from '../pool/named-items.ts'
import { asText, recordingAdapter } from './recorded.ts'
import type { Recording } from './recorded.ts'

/** What the table holds: so many free cards, what the owner has, how many reservations are over. */
export interface Stock {
  readonly free?: number
  readonly held?: Row
  readonly expired?: number
  /** How many candidates the queue names. Default: as many as are asked for. */
  readonly queued?: number
  /** How many pages of free cards a refill finds. Default: one. */
  readonly pages?: number
  /** How many rows an UPDATE changes. Default: those that it names. */
  readonly changes?: number
}

/** Of a refill. */
const PAGE = 1000

const cards = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ pool_id: String(index + 11), card_number: `N-${index + 11}` }))

/** How many rows a statement asks for, or names. */
const limitOf = ({ sql }: Statement): number =>
  Number(/\nlimit (\d+)|^select top \((\d+)\)/m.exec(sql)?.slice(1).join('') ?? 0)
function rowsFor(statement: Statement, { free = 3, held, expired = 0 }: Stock): Row[] {
  const { sql } = statement
  if (sql.includes(' as pool_owner')) return held === undefined ? [] : [held]
  if (/count\(\*\) as pool_found/.test(sql)) return [{ pool_found: 7 }]
  if (sql.includes('1 as pool_found')) return Array.from({ length: Math.min(free, limitOf(statement)) }, () => ({}))
  if (/order by .reserved_until/.test(sql)) return cards(expired)
  if (!sql.includes(' as pool_id')) return []
  if (limitOf(statement) === 0) return cards(Math.min(free, namedItems(statement)))
  return cards(Math.min(free, limitOf(statement)))
}

/** A queue of so many candidates, that takes every page. */
function queueOf(queued: number): CandidateQueue {
  let left = queued
  return {
    async pop(_list, count) {
      const popped = cards(Math.min(left, count))
      left -= popped.length
      return popped.map(({ pool_id }) => String(pool_id))
    },
    push: async () => {},
    async replace(_list, pages) {
      let count = 0
      for await (const page of pages) count += page.length
      return count
    },
  }
}

/** The statements that calls on a pool send, in their order, with their parameters. */
export async function recordPool(
  recording: Recording,
  stock: Stock,
  call: (pool: ItemPoolCaller) => Promise<unknown>,
): Promise<string> {
  const sent: Statement[] = []
  let transactions = 0
  let pages = 0
  const answer = (statement: Statement): Reply => {
    sent.push(statement)
    if (limitOf(statement) === PAGE) pages += 1
    if (statement.control !== undefined) transactions = statement.control === 'begin' ? 1 : 0
    const isUpdate = /^update /m.test(statement.sql)
    const changes = isUpdate ? (stock.changes ?? Math.max(1, namedItems(statement))) : 0
    const state = { same: 0, transactions: 1, state: 1, id: 4711 }
    const told = {
      claim_rows: changes,
      claim_transactions: transactions,
      claim_implicit: 0,
      claim_transaction_id: 4711,
    }
    const isOver = pages > (stock.pages ?? 1) && limitOf(statement) === PAGE
    const found = isUpdate ? [told] : isOver ? [] : rowsFor(statement, stock)
    const asks = / as same$|@@trancount as transactions/.test(statement.sql)
    return {
      rows: asks ? [state] : found.map((row) => ({ claim_autocommit: 1, claim_in_transaction: transactions, ...row })),
      affectedRows: changes,
      session: { inTransaction: false, autocommit: true },
    }
  }
  const adapter = recordingAdapter(recording, [['card_id'], ['campaign', 'owner', 'slot']], answer)
  const config = checkPoolConfig({
    database: adapter,
    table: 'shop.cards',
    columns: {
      id: 'card_id',
      status: 'status',
      owner: 'owner',
      slot: 'slot',
      scope: 'campaign',
      takenAt: 'taken_at',
      token: 'draw_token',
      reservedUntil: 'reserved_until',
    },
    states: { free: 'Free', taken: 'Taken', reserved: 'Reserved' },
    queue: queueOf(stock.queued ?? Infinity),
  })
  await call(new ItemPoolCaller(config, adapter, undefined))
  return asText(sent)
}
