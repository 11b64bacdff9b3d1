import type { ChaosLane } from './database.ts'
import { ORDER_KINDS } from './plan/fault-kinds.ts'
import type { PlanSettings } from './plan/order-plan.ts'

/** One run on one server. */
export interface ChaosSettings extends PlanSettings {
  readonly lane: ChaosLane
  /** On a server that is started for the run. */
  readonly binaryLog: boolean
  /** The number of the first order: with `orders: 1` one order of another run meets its plan again. */
  readonly first: number
  /** How many orders at least. */
  readonly orders: number
  /** How often each kind of fault must have struck; more orders are paid until then. */
  readonly faults: number
  /** Instead of both: how long. */
  readonly minutes: number | null
  readonly workers: number
  /** How many orders are being paid at once. */
  readonly inFlight: number
  /** How long the gateway calls for one order, first while everything breaks, and once more when nothing does. */
  readonly orderLimitMs: number
  readonly timeoutMs: number
  readonly resolveTimeoutMs: number
  /** The URL of a module in mutants/. */
  readonly mutant: string | null
  /** Ends at the first violation. */
  readonly stopAtViolation: boolean
}

export const DEFAULTS = {
  binaryLog: true,
  first: 1,
  orders: 400,
  faults: 1,
  minutes: null,
  workers: 4,
  inFlight: 24,
  kinds: ORDER_KINDS,
  without: [],
  leaseMs: 500,
  orderLimitMs: 60_000,
  timeoutMs: 1500,
  resolveTimeoutMs: 1500,
  mutant: null,
  stopAtViolation: false,
} as const satisfies Omit<ChaosSettings, 'lane' | 'seed'>
