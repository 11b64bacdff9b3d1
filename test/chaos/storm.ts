import type { ChaosDatabase } from './database.ts'
import type { Gateway } from './gateway.ts'
import type { Journal } from './journal.ts'
import { planOf } from './plan/order-plan.ts'
import type { OrderPlan, PlanSettings } from './plan/order-plan.ts'
import type { Saboteur } from './saboteur.ts'
import type { ChaosSettings } from './settings.ts'

/** Where a kind of fault hardly ever strikes the storm ends all the same, and the report says so. */
const ORDERS_LIMIT = 4

/** How many orders are written at once. The last of them are never paid: nothing may have happened to those. */
const BATCH = 200

const TELL_EVERY_MS = 10_000

export interface StormParts {
  readonly settings: ChaosSettings
  readonly planSettings: PlanSettings
  /** The faults to wait for, by name. */
  readonly kinds: readonly string[]
  readonly database: ChaosDatabase
  readonly saboteur: Saboteur
  readonly gateway: Gateway
  readonly journal: Journal
  readonly tell: (line: string) => void
}

export interface Paid {
  readonly orders: readonly OrderPlan[]
  /** Of these, those that were not handled while everything broke: the gateway calls again when it is over. */
  readonly left: readonly OrderPlan[]
}

/** Pays orders, so many at once, while the saboteur carries out their plans. */
export async function storm(parts: StormParts): Promise<Paid> {
  const { settings, planSettings, database, saboteur, gateway, journal } = parts
  const paid: OrderPlan[] = []
  const left: OrderPlan[] = []
  let written: Promise<void> = Promise.resolve()
  let [next, writtenUpTo] = [settings.first, settings.first]
  const isOver = endOf(parts, () => paid.length)
  const pay = async (): Promise<void> => {
    while (!isOver()) {
      const plan = planOf(planSettings, next)
      next += 1
      paid.push(plan)
      if (plan.number >= writtenUpTo) {
        const batch = Array.from({ length: BATCH }, (_, index) => planOf(planSettings, plan.number + index))
        writtenUpTo += BATCH
        written = writeOrders(database, batch)
      }
      await written
      journal.paid(plan)
      saboteur.arm(plan)
      if (!(await gateway.announce(plan))) left.push(plan)
      saboteur.disarm(plan.id)
    }
  }
  const progress = setInterval(() => parts.tell(lineOf(parts, paid.length)), TELL_EVERY_MS)
  try {
    await Promise.all(Array.from({ length: settings.inFlight }, pay))
  } finally {
    clearInterval(progress)
  }
  return { orders: paid, left }
}

function endOf({ settings, kinds, saboteur, journal }: StormParts, paid: () => number): () => boolean {
  const { minutes, orders, faults, stopAtViolation } = settings
  const begun = performance.now()
  return () => {
    if (stopAtViolation && journal.violations > 0) return true
    if (minutes !== null) return performance.now() - begun > minutes * 60_000
    if (paid() < orders) return false
    return paid() >= orders * ORDERS_LIMIT || kinds.every((kind) => (saboteur.struck.get(kind) ?? 0) >= faults)
  }
}

function lineOf({ kinds, saboteur, journal }: StormParts, paid: number): string {
  const struck = kinds.map((kind) => [saboteur.struck.get(kind) ?? 0, kind] as const)
  const [least = 0, rarest = ''] = struck.toSorted(([a], [b]) => a - b)[0] ?? []
  const faults = struck.reduce((total, [times]) => total + times, 0)
  return (
    `${paid} orders, ${journal.callbacks} callbacks, ${faults} faults (least often, ${least}: ${rarest}), ` +
    `${journal.unknown.claims.total + journal.unknown.leases.total} unknown, ${journal.violations} violations${journal.lastViolation}`
  )
}

async function writeOrders(database: ChaosDatabase, plans: readonly OrderPlan[]): Promise<void> {
  const rows = plans.map(({ id, kind, amount, account }) => [id, kind, 'Wait', amount, 'CNY', account])
  // `ignore`: after a crash nobody knows whether they are there already.
  await database.persist('insert ignore into orders (order_id, kind, status, amount, currency, account_id) values ?', [
    rows,
  ])
}
