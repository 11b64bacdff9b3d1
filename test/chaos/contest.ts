import type { ReplyAdvice } from '../../src/index.ts'
import type { OrderPlan } from './plan/order-plan.ts'

/** What a worker needs to know before its first call. */
export interface WorkerSettings {
  readonly name: string
  /** Through the proxy. */
  readonly url: string
  /** Straight to the server: the outside, which the faults of the line do not concern. */
  readonly outsideUrl: string
  readonly timeoutMs: number
  readonly resolveTimeoutMs: number
  readonly leaseMs: number
  /** What the worker's clock is off by at first. */
  readonly clockOffsetMs: number
  /** The file that its history is written to, event by event: a killed process cannot be asked. */
  readonly historyFile: string
  /** A module that makes the claims wrong in one respect; see mutants/. */
  readonly mutant: string | null
}

export type Request =
  | { readonly ask: 'open'; readonly settings: WorkerSettings }
  /** One callback of the gateway. Answered by `answered`. */
  | { readonly ask: 'call'; readonly call: number; readonly order: OrderPlan }
  /** Finds out what became of a claim that another call left unknown. Answered by `answered`. */
  | { readonly ask: 'resolve'; readonly call: number; readonly order: OrderPlan; readonly pending: string }
  /** Goes on after `working`. */
  | { readonly ask: 'go on'; readonly call: number }
  | { readonly ask: 'set clock'; readonly offsetMs: number }

export type News =
  | { readonly news: 'ready' }
  /** The lease is taken, and the outside not yet called. The worker waits for `go on`. */
  | { readonly news: 'working'; readonly call: number; readonly order: string }
  | { readonly news: 'answered'; readonly call: number; readonly answer: Answer }

/** What one callback was told. */
export interface Answer {
  /** An outcome, the code of a ClaimError, or `error`. */
  readonly outcome: string
  readonly reply: ReplyAdvice
  readonly recovered: boolean
  /** What the effect returned, or had returned. */
  readonly receipt: string | null
  /** What resolves it later. */
  readonly pending: string | null
  /** Which try of a lease this was; 0 where it is none. */
  readonly attempt: number
  /** What was in flight when an answer was lost, each time. */
  readonly unknown: readonly string[]
  readonly retries: number
  /** Of an error. */
  readonly message: string | null
  readonly elapsedMs: number
}
