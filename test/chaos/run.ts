import { Crew } from './crew.ts'
import { ChaosDatabase } from './database.ts'
import { Gateway } from './gateway.ts'
import { Journal } from './journal.ts'
import { FAULT_KINDS } from './plan/fault-kinds.ts'
import { ACCOUNTS, plannedKinds, REVENUE_ACCOUNTS } from './plan/order-plan.ts'
import type { OrderPlan, PlanSettings } from './plan/order-plan.ts'
import { Saboteur } from './saboteur.ts'
import type { ChaosSettings } from './settings.ts'
import { storm } from './storm.ts'
import { DDL } from './tables.ts'
import { judge } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** Everything that a run has found. */
export interface Findings {
  readonly settings: ChaosSettings
  readonly version: string
  readonly source: string
  readonly seconds: number
  readonly orders: readonly OrderPlan[]
  /** How many of them were handled only when the storm was over. */
  readonly left: number
  /** Each kind that was planned, and how often it struck. */
  readonly faults: ReadonlyMap<string, number>
  /** Kinds that this run was not given. */
  readonly leftOut: readonly string[]
  readonly journal: Journal
  readonly verdict: Verdict
  readonly lateDuplicates: number
  readonly workers: number
  readonly statements: number
  readonly timeZones: ReadonlyMap<string, number>
  /** What must not be, with stories. Empty: the run is good. */
  readonly violations: readonly string[]
}

/** Pays orders while everything breaks, then judges. `tell` gets a line now and then. */
export async function runChaos(settings: ChaosSettings, tell: (line: string) => void = () => {}): Promise<Findings> {
  const database = await ChaosDatabase.start(settings.lane, settings.binaryLog, DDL)
  try {
    return await runOn(database, settings, tell)
  } finally {
    await database.close()
  }
}

async function runOn(
  database: ChaosDatabase,
  settings: ChaosSettings,
  tell: (line: string) => void,
): Promise<Findings> {
  const begun = performance.now()
  const planSettings: PlanSettings = {
    ...settings,
    without: [...settings.without, ...(database.canCrash ? [] : (['kill database'] as const))],
  }
  const kinds = plannedKinds(planSettings).map(({ name }) => name)
  const journal = new Journal()
  const saboteur = new Saboteur(database, journal)
  const { workers: size, timeoutMs, resolveTimeoutMs, leaseMs, mutant, inFlight } = settings
  const crew = new Crew(
    { size, worker: { outsideUrl: database.url, timeoutMs, resolveTimeoutMs, leaseMs, mutant } },
    saboteur,
  )
  const gateway = new Gateway(crew, journal, settings)
  const parts = { settings, planSettings, kinds, database, saboteur, gateway, journal, tell }
  try {
    await database.run('insert into accounts values ?', [accounts()])
    const startedAt = String((await database.run('select cast(utc_timestamp(6) as char) as now'))[0]?.['now'])
    await crew.start()
    const { orders, left } = await Promise.race([storm(parts), crew.failed])
    tell(`The storm is over: ${left.length} orders are still to be handled; then the tables are asked.`)
    await Promise.race([atOnce(left, inFlight, (order) => callUntilHandled(order, gateway, journal)), crew.failed])
    // Before any callback can do again what was lost.
    const verdict = await judge(database, orders, startedAt)
    tell('Every order is called once more.')
    let lateDuplicates = 0
    const callLate = async (order: OrderPlan): Promise<void> => {
      if (await isDuplicate(order, gateway, journal)) lateDuplicates += 1
    }
    await Promise.race([atOnce(orders, inFlight, callLate), crew.failed])
    const afterwards = await judge(database, orders, startedAt)
    for (const [order, what] of verdict.violations) journal.violation(order, what)
    for (const final of verdict.finals) journal.history.record(final)
    if (afterwards.violations.length !== verdict.violations.length)
      journal.violation('late callbacks', `changed something: ${JSON.stringify(afterwards.violations)}`)
    await crew.stop()
    return {
      settings,
      version: database.version,
      source: database.source,
      seconds: Math.round((performance.now() - begun) / 1000),
      orders,
      left: left.length,
      faults: new Map(kinds.map((kind) => [kind, saboteur.struck.get(kind) ?? 0])),
      leftOut: FAULT_KINDS.map(({ name }) => name).filter((name) => !kinds.includes(name)),
      journal,
      verdict,
      lateDuplicates,
      workers: crew.started,
      statements: saboteur.statements,
      timeZones: saboteur.timeZones,
      violations: [...journal.judge(crew.events), ...crew.deaths],
    }
  } finally {
    await crew.stop()
  }
}

const accounts = (): (readonly [number, number])[] =>
  Array.from({ length: ACCOUNTS + REVENUE_ACCOUNTS }, (_, index) => [index + 1, 0])

async function atOnce(
  orders: readonly OrderPlan[],
  count: number,
  call: (order: OrderPlan) => Promise<void>,
): Promise<void> {
  const waiting = orders.values()
  const calls = async (): Promise<void> => {
    for (const order of waiting) await call(order)
  }
  await Promise.all(Array.from({ length: count }, calls))
}

/** Nothing breaks any more: what is not handled now never will be. */
async function callUntilHandled(order: OrderPlan, gateway: Gateway, journal: Journal): Promise<void> {
  if (!(await gateway.announce(order))) journal.violation(order.id, 'is not handled, though nothing breaks any more')
}

/** One more callback. */
async function isDuplicate(order: OrderPlan, gateway: Gateway, journal: Journal): Promise<boolean> {
  const answer = await gateway.announceLate(order)
  if (answer?.outcome === 'duplicate') return true
  journal.violation(order.id, `a late callback was ${answer?.outcome ?? 'not answered'}, and no duplicate`)
  return false
}
