import { STRATEGIES } from '../../../src/config.ts'
import type { StrategyName } from '../../../src/index.ts'
import { FAULT_KINDS, passes, weightOf } from './fault-kinds.ts'
import type { Deed, FaultKind, OrderKind, Trigger } from './fault-kinds.ts'
import { Prng } from './prng.ts'

/** What a run is told to do; the plan of an order is decided by this and by its number, and by nothing else. */
export interface PlanSettings {
  readonly seed: string
  readonly kinds: readonly OrderKind[]
  /** What cannot be done here, or is left out on purpose. */
  readonly without: readonly Deed[]
  readonly leaseMs: number
}

/** The library that the shop's worker has. */
export const CLIENTS = ['mysql2', 'kysely'] as const
export type ClientName = (typeof CLIENTS)[number]

export interface PlannedFault extends Trigger {
  readonly name: string
  readonly deed: Deed
  /** For a pause. */
  readonly pauseMs: number
  /** For the clock. */
  readonly jumpMs: number
  /** For what strikes at the answer: whether the client still hears it. */
  readonly heard: boolean
}

/** One order, its callbacks, and what goes wrong with them. */
export interface OrderPlan {
  readonly number: number
  readonly id: string
  readonly kind: OrderKind
  readonly client: ClientName
  readonly strategy: StrategyName
  /** Without a token column nothing can be resolved: the next callback finds out. */
  readonly withToken: boolean
  /** Whether a call finds out by itself what became of it, or throws `CLAIM_UNKNOWN` at once. */
  readonly resolvesInside: boolean
  /** How many workers are asked to find out later. 0: nobody, and the next callback finds it claimed or not. */
  readonly resolvers: number
  readonly amount: string
  readonly account: number
  /** The shop's own account, which gets the same amount; and whether it is written first, so that orders deadlock. */
  readonly revenue: number
  readonly revenueFirst: boolean
  /** The callbacks that come at once, each a few milliseconds after the one before it. */
  readonly gapsMs: readonly number[]
  /** How long the outside takes; longer than a third of a lease where a renewal is needed. */
  readonly workMs: number
  readonly faults: readonly PlannedFault[]
}

export const ACCOUNTS = 40
export const REVENUE_ACCOUNTS = 8

const HOUR_MS = 3_600_000

/** The fault kinds that can be planned under these settings. */
export function plannedKinds({ kinds, without }: PlanSettings): FaultKind[] {
  return FAULT_KINDS.filter(
    ({ deed, triggers }) =>
      !without.includes(deed) && triggers.some(({ point }) => kinds.some((kind) => passes(kind, point))),
  )
}

const idOf = (number: number): string => `P${String(number).padStart(7, '0')}`

/** Finds the id of an order in a packet. */
export const ORDER_ID = /P\d{7}/

/** Cents, never round, so that no two orders are taken for one another in a sum. */
const amountOf = (prng: Prng): string => (prng.between(100, 99_999) / 100).toFixed(2)

/** A pure function of its two arguments: with the same seed, order 137 meets the same faults in every run. */
export function planOf(settings: PlanSettings, number: number): OrderPlan {
  const prng = new Prng(`${settings.seed}:${number}`)
  const count = prng.pick([0, 1, 1, 1, 1, 1, 2, 2, 2, 3])
  const possible = plannedKinds(settings)
  const first = prng.pickWeighted(possible, weightOf)
  const kind = prng.pick(weighted(settings.kinds).filter((kind) => suits(first, kind)))
  const others = possible.filter((fault) => suits(fault, kind))
  const chosen = Array.from({ length: count }, (_, index) =>
    index === 0 ? first : prng.pickWeighted(others, weightOf),
  )
  const needed = possible.filter(({ name }) => chosen.some(({ after }) => after === name))
  const faults = [...needed, ...chosen].map((fault) => faultOf(fault, kind, settings, prng))
  const recognises = needed.length > 0
  return {
    number,
    id: idOf(number),
    kind,
    client: prng.pick(CLIENTS),
    strategy: prng.pick(STRATEGIES),
    withToken: kind === 'lease' || recognises || prng.chance(0.85),
    resolvesInside: recognises || prng.chance(0.75),
    resolvers: prng.pick([0, 1, 2]),
    amount: amountOf(prng),
    account: prng.between(1, ACCOUNTS),
    revenue: ACCOUNTS + prng.between(1, REVENUE_ACCOUNTS),
    revenueFirst: prng.chance(0.5),
    gapsMs: Array.from({ length: prng.pick([1, 1, 2, 2, 3]) }, (_, index) => (index === 0 ? 0 : prng.between(0, 30))),
    workMs: faults.some(({ point }) => point === 'renew') ? settings.leaseMs / 2 : prng.between(0, 20),
    faults,
  }
}

/** Most orders are paid as a shop should; a bare claim is judged for itself. */
const weighted = (kinds: readonly OrderKind[]): readonly OrderKind[] =>
  (['effect', 'effect', 'effect', 'bare', 'lease', 'lease'] as const).filter((kind) => kinds.includes(kind))

const suits = ({ triggers }: FaultKind, kind: OrderKind): boolean => triggers.some(({ point }) => passes(kind, point))

function faultOf(
  { name, deed, triggers }: FaultKind,
  kind: OrderKind,
  settings: PlanSettings,
  prng: Prng,
): PlannedFault {
  const { point, at } = prng.pick(triggers.filter((trigger) => passes(kind, trigger.point)))
  return {
    name,
    deed,
    point,
    at,
    pauseMs: settings.leaseMs + prng.between(100, 400),
    jumpMs: prng.pick([HOUR_MS, -HOUR_MS]),
    heard: prng.chance(0.5),
  }
}
