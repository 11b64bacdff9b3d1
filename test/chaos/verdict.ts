import type { RowDataPacket } from 'mysql2/promise'
import type { NewEvent } from '../../src/testing/index.ts'
import type { ChaosDatabase } from './database.ts'
import { REVENUE_ACCOUNTS, ACCOUNTS } from './plan/order-plan.ts'
import type { OrderPlan } from './plan/order-plan.ts'

/** What the tables say of orders that the gateway was told are handled. */
export interface Verdict {
  /** What must not be, with the order it concerns. */
  readonly violations: readonly (readonly [order: string, what: string])[]
  /** The same for the checker of the history. */
  readonly finals: readonly NewEvent[]
  readonly doubled: number
  readonly lost: number
  /** Of bare claims, which are at most once: how often their work was done. */
  readonly bare: { readonly done: number; readonly lost: number }
  readonly outside: { readonly calls: number; readonly effects: number }
  /** How many leases took how many attempts. */
  readonly attempts: ReadonlyMap<number, number>
}

/** What the driver gives as text is made a number by {@link rowOf}. */
interface Row {
  readonly order_id: string
  readonly status: string
  readonly gateway_txn: string | null
  readonly in_time: number | null
  readonly attempts: number
  readonly entries: number
  readonly total: string | null
  readonly bare: number
  readonly effects: number
  readonly calls: number
}

/** `in_time`: by the database's clock in UTC, whatever the clocks and time zones of those who wrote it. */
const ORDERS = `
select o.order_id, o.status, o.gateway_txn, o.attempts,
       o.claimed_at between ? and utc_timestamp(6) as in_time,
       coalesce(l.entries, 0) as entries, l.total, coalesce(b.done, 0) as bare,
       coalesce(e.effects, 0) as effects, coalesce(c.calls, 0) as calls
from orders o
left join (select order_id, count(*) as entries, sum(amount) as total from ledger group by order_id) l
  on l.order_id = o.order_id
left join (select order_id, count(*) as done from bare_work group by order_id) b on b.order_id = o.order_id
left join (select order_id, count(*) as effects from outside group by order_id) e on e.order_id = o.order_id
left join (select order_id, count(*) as calls from outside_calls group by order_id) c on c.order_id = o.order_id`

const cents = (amount: string | number | null): number => Math.round(Number(amount ?? 0) * 100)

/** Each recharge is two entries: the customer's, and the shop's own. */
const ENTRIES = 2

function rowOf(row: RowDataPacket): Row {
  const counted = ['attempts', 'entries', 'bare', 'effects', 'calls'].map((name) => [name, Number(row[name])])
  return { ...row, ...Object.fromEntries(counted) } as Row
}

/** @param startedAt of the run, as `utc_timestamp(6)` gave it */
export async function judge(database: ChaosDatabase, plans: readonly OrderPlan[], startedAt: string): Promise<Verdict> {
  const rows = new Map(
    (await database.persist(ORDERS, [startedAt])).map((row) => [String(row['order_id']), rowOf(row)]),
  )
  const violations: (readonly [string, string])[] = []
  const finals: NewEvent[] = []
  let [doubled, lost] = [0, 0]
  const bare = { done: 0, lost: 0 }
  const outside = { calls: 0, effects: 0 }
  const attempts = new Map<number, number>()
  for (const plan of plans) {
    const row = rows.get(plan.id)
    if (row === undefined) {
      violations.push([plan.id, 'is gone from the table'])
      continue
    }
    const demand = (what: string, wanted: string | number, is: string | number | null): void => {
      if (is !== wanted) violations.push([plan.id, `${what}: ${String(is)}, not ${wanted}`])
    }
    const exactly = (what: string, wanted: number, is: number): void => {
      demand(what, wanted, is)
      if (is > wanted) doubled += 1
      if (is < wanted) lost += 1
    }
    demand('status', 'Y', row.status)
    demand('payment', `pay-${plan.number}`, row.gateway_txn)
    demand('claimed at a time of this run, by the database in UTC', 1, row.in_time)
    const effects = plan.kind === 'bare' ? {} : { effects: row.entries / ENTRIES }
    finals.push({ kind: 'final', order: plan.id, status: row.status, claimed: row.status === 'Y', ...effects })
    if (plan.kind === 'bare') {
      demand('ledger entries of a bare claim', 0, row.entries)
      if (row.bare > 1) exactly('work after a bare claim, at most', 1, row.bare)
      if (row.bare === 1) bare.done += 1
      else bare.lost += 1
      continue
    }
    exactly('ledger entries', ENTRIES, row.entries)
    if (row.entries === ENTRIES) demand('booked, in cents', ENTRIES * cents(plan.amount), cents(row.total))
    if (plan.kind === 'effect') continue
    exactly('effects outside', 1, row.effects)
    outside.calls += row.calls
    outside.effects += row.effects
    attempts.set(row.attempts, (attempts.get(row.attempts) ?? 0) + 1)
  }
  violations.push(...touched(rows, plans), ...(await wrongBalances(database, plans)))
  return { violations, finals, doubled, lost, bare, outside, attempts }
}

/** Orders that nobody has paid: of each batch some are left, and nothing may have happened to them. */
function touched(rows: ReadonlyMap<string, Row>, plans: readonly OrderPlan[]): (readonly [string, string])[] {
  const paid = new Set(plans.map(({ id }) => id))
  return [...rows.values()].flatMap(({ order_id: id, status, attempts, entries, bare, effects, calls }) => {
    const untouched = status === 'Wait' && attempts + entries + bare + effects + calls === 0
    return paid.has(id) || untouched ? [] : [[id, `was not paid, and is touched: ${status}`] as const]
  })
}

/** Balances against the orders that were paid, not against the ledger: both were written by the same effects. */
async function wrongBalances(
  database: ChaosDatabase,
  plans: readonly OrderPlan[],
): Promise<(readonly [string, string])[]> {
  const wanted = new Map(Array.from({ length: ACCOUNTS + REVENUE_ACCOUNTS }, (_, index) => [index + 1, 0]))
  for (const { kind, account, revenue, amount } of plans) {
    if (kind === 'bare') continue
    for (const each of [account, revenue]) wanted.set(each, (wanted.get(each) ?? 0) + cents(amount))
  }
  const rows = await database.persist('select id, balance from accounts')
  return rows.flatMap((row) => {
    const [id, is] = [Number(row['id']), cents(String(row['balance']))]
    return is === wanted.get(id)
      ? []
      : [[`account ${id}`, `has a balance of ${is} cents, not ${wanted.get(id) ?? 0}`] as const]
  })
}
