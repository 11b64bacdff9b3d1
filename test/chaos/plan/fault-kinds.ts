import type { Interception } from '../../support/mysql-line.ts'

/** What an order is claimed by. */
export const ORDER_KINDS = [
  /** `claimOnce` with an effect: exactly once. */
  'effect',
  /** `claimOnce` without one, and the work after it: at most once. */
  'bare',
  /** `leaseOnce`, with work outside and an effect that completes it. */
  'lease',
] as const
export type OrderKind = (typeof ORDER_KINDS)[number]

/**
 * The statements of a call as the proxy tells them apart, and the one place that the worker itself announces (`work`).
 * `took` and `completed` are the COMMITs of a lease's two transactions, `commit` is that of a claim.
 */
export const POINTS = [
  'begin',
  'read',
  'claim',
  'effect',
  'commit',
  'recognise',
  'take',
  'took',
  'work',
  'renew',
  'complete',
  'completed',
] as const
export type Point = (typeof POINTS)[number]

/** When a fault strikes. In `work` there is no statement: it strikes before the outside is called. */
export interface Trigger {
  readonly point: Point
  readonly at: Interception['at']
}

/** What is done to a worker, to the database, or to a line. */
export const DEEDS = [
  /** SIGKILL. */
  'kill worker',
  /** SIGKILL, and a start on what it left. */
  'kill database',
  /** `KILL CONNECTION`, by another connection. */
  'kill connection',
  /** Both ends of the line are told. */
  'cut',
  /** Only the client's end is told: the server keeps the session and its locks. */
  'cut client',
  /** The server does it, and its answer never comes. */
  'silence',
  /** SIGSTOP for longer than a lease, then SIGCONT. */
  'pause',
  /** The client's clock jumps by an hour, forward or back. */
  'clock',
] as const
export type Deed = (typeof DEEDS)[number]

export interface FaultKind {
  readonly name: string
  readonly deed: Deed
  /** The plan chooses one. */
  readonly triggers: readonly Trigger[]
  /** Without which it has no chance: a fault that is planned with it. */
  readonly after?: string
}

const NAME = {
  begin: 'BEGIN',
  read: 'a read of the order',
  claim: 'the claiming UPDATE',
  effect: "the effect's statement",
  commit: 'COMMIT',
  recognise: 'the read that recognises an own claim',
  take: 'the UPDATE that takes a lease',
  took: 'the COMMIT that takes a lease',
  work: 'the work',
  renew: 'the renewal of a lease',
  complete: 'the UPDATE that completes a lease',
  completed: 'the COMMIT that completes a lease',
} as const satisfies Record<Point, string>

const on = (point: Point, at: Trigger['at']): Trigger => ({ point, at })

/** Faults that strike anywhere: one kind each, and the plan chooses among these. */
const ANYWHERE: readonly Trigger[] = [
  on('claim', 'arrival'),
  on('claim', 'forwarded'),
  on('claim', 'answer'),
  on('effect', 'answer'),
  ...(['commit', 'took', 'completed'] as const).flatMap((point) => [
    on(point, 'arrival'),
    on(point, 'forwarded'),
    on(point, 'answer'),
  ]),
  on('work', 'arrival'),
  on('complete', 'answer'),
]

const STATEMENTS = POINTS.filter((point) => point !== 'work')

/** A claim is recognised where it stands and nobody was told. */
const UNHEARD = `line cut after ${NAME.commit}`

const needs = (point: Point): Pick<FaultKind, 'after'> => (point === 'recognise' ? { after: UNHEARD } : {})

export const FAULT_KINDS: readonly FaultKind[] = [
  { name: 'worker killed before the claim', deed: 'kill worker', triggers: [on('claim', 'arrival')] },
  { name: 'worker killed after the claiming UPDATE', deed: 'kill worker', triggers: [on('claim', 'answer')] },
  { name: 'worker killed in the effect', deed: 'kill worker', triggers: [on('effect', 'arrival')] },
  { name: 'worker killed before COMMIT', deed: 'kill worker', triggers: [on('commit', 'arrival')] },
  { name: 'worker killed when COMMIT was sent', deed: 'kill worker', triggers: [on('commit', 'forwarded')] },
  { name: 'worker killed after COMMIT, before its answer', deed: 'kill worker', triggers: [on('commit', 'answer')] },
  {
    name: 'worker killed while it finds out',
    deed: 'kill worker',
    triggers: [on('recognise', 'answer')],
    after: UNHEARD,
  },
  { name: 'worker killed after it took a lease', deed: 'kill worker', triggers: [on('took', 'answer')] },
  { name: 'worker killed during the work', deed: 'kill worker', triggers: [on('work', 'arrival')] },
  { name: 'worker killed before it completed a lease', deed: 'kill worker', triggers: [on('complete', 'arrival')] },
  { name: 'worker killed after it completed a lease', deed: 'kill worker', triggers: [on('completed', 'answer')] },
  { name: 'worker paused for longer than the lease', deed: 'pause', triggers: ANYWHERE },
  { name: 'clock of the client jumped by an hour', deed: 'clock', triggers: ANYWHERE },
  { name: 'database killed (kill -9) and started again', deed: 'kill database', triggers: ANYWHERE },
  { name: 'KILL CONNECTION', deed: 'kill connection', triggers: ANYWHERE.filter(({ point }) => point !== 'work') },
  ...STATEMENTS.flatMap((point): FaultKind[] => [
    { name: `line cut before ${NAME[point]}`, deed: 'cut', triggers: [on(point, 'arrival')], ...needs(point) },
    { name: `line cut after ${NAME[point]}`, deed: 'cut', triggers: [on(point, 'answer')], ...needs(point) },
  ]),
  ...(['claim', 'commit', 'took', 'completed'] as const).flatMap((point): FaultKind[] => [
    { name: `no answer to ${NAME[point]}`, deed: 'silence', triggers: [on(point, 'answer')] },
    { name: `line half cut at ${NAME[point]}`, deed: 'cut client', triggers: [on(point, 'forwarded')] },
  ]),
]

/** Where the calls of each kind of order come past, at the latest once each of them was let through. */
const PASSES = {
  effect: ['begin', 'read', 'claim', 'effect', 'commit', 'recognise'],
  bare: ['claim'],
  lease: ['take', 'took', 'work', 'renew', 'complete', 'effect', 'completed'],
} as const satisfies Record<OrderKind, readonly Point[]>

export const passes = (kind: OrderKind, point: Point): boolean => PASSES[kind].some((passed) => passed === point)

/** How often a kind is planned beside the others, so that all strike about as often. */
export function weightOf(fault: FaultKind): number {
  // It comes with others, which need it.
  if (fault.name === UNHEARD) return 0
  // It needs a second fault, which may keep it from striking.
  if (fault.after !== undefined) return 1.3
  // Orders of several kinds come past there.
  const kinds = ORDER_KINDS.filter((kind) => fault.triggers.some(({ point }) => passes(kind, point)))
  if (kinds.includes('lease') && kinds.includes('effect')) return 0.8
  return 1
}
