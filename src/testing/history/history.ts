import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import { messageOf } from '../../errors.ts'
import type { ClaimEvent, EventHook } from '../../events.ts'
import { orderKey } from './event.ts'
import type { Happening, HistoryEvent, Stamp } from './event.ts'
import { toldError, toldOutcome, watchClaims } from './watch-claims.ts'
import type { CallScope } from './watch-claims.ts'

/** A happening as it is given to `record`: the order may be named by its id. */
export type NewEvent = Happening extends infer One
  ? One extends Happening
    ? { readonly [Key in keyof One]: Key extends 'order' ? unknown : One[Key] }
    : never
  : never

/** The settings of {@link createHistory}. */
export interface HistoryOptions {
  /** The name of this process in the history. Default: its process id and a random part. */
  readonly process?: string
  /** In whose name events are recorded; see {@link History.by}. Default: the name of the process. */
  readonly actor?: string
  /**
   * Gets every event at once. A process that may be killed writes it to a file synchronously: what is written is known
   * afterwards, and a call that has started and not ended is one that may have done anything.
   */
  readonly onRecord?: (event: HistoryEvent) => void
}

/** Records what happens, for `checkHistory`. */
export interface History {
  /** What has been recorded by this process, in order. */
  readonly events: readonly HistoryEvent[]
  /** Records one event; time, process and actor are added. */
  readonly record: (event: NewEvent) => void
  /** The same history, recorded in the name of another actor. */
  readonly by: (actor: string) => History
  /**
   * The same claims, recorded: each call with its start, its outcome or error, and the runs of its effect and work. They
   * have the type they are given, and synchronous effects stay synchronous.
   */
  readonly watch: <Claims extends object>(claims: Claims) => Claims
  /**
   * For `onEvent` of `createClaims`: retries, failed effects, destroyed connections. For claims that are not watched it
   * records the outcome of each call, too.
   */
  readonly onEvent: EventHook
}

/**
 * Starts a history of claims, to be checked by `checkHistory` or `assertHistory`.
 *
 * @example
 * const history = createHistory()
 * const orders = history.watch(createClaims({ …, onEvent: history.onEvent }))
 * history.record({ kind: 'paid', order: 7 })
 * await race(20, () => orders.claimOnce(7, { effect: recharge }))
 * history.record({ kind: 'final', order: 7, status: 'Y', claimed: true, effects: await entriesOf(7) })
 * assertHistory(history)
 */
export function createHistory(options: HistoryOptions = {}): History {
  const name = options.process ?? `${process.pid}-${randomBytes(3).toString('hex')}`
  const events: HistoryEvent[] = []
  const scopes = new AsyncLocalStorage<CallScope>()
  let calls = 0
  const nextCall = (): string => `${name}#${(calls += 1)}`

  const recorder = (actor: string): History => {
    const record = (event: NewEvent): void => {
      const stamp: Stamp = { at: now(), process: name, number: events.length + 1, actor }
      // What strikes during a call, a fault or a word of the program's own, belongs to its order.
      const within = event.kind === 'fault' || event.kind === 'note' ? scopes.getStore() : undefined
      const named = { ...within, ...event }
      const order = named.order === undefined ? {} : { order: orderKey(named.order) }
      const stamped = Object.freeze({ ...named, ...order, ...stamp }) as HistoryEvent
      events.push(stamped)
      options.onRecord?.(stamped)
    }
    return Object.freeze<History>({
      events,
      record,
      by: recorder,
      watch: (claims) => watchClaims(claims, { record, nextCall, scopes, now }),
      onEvent: (event) => {
        const watched = scopes.getStore() !== undefined
        // The end of a watched call is recorded by its watch.
        if (!watched || !isEnd(event)) record(toldByEvent(event, nextCall, scopes.getStore()))
      },
    })
  }
  return recorder(options.actor ?? name)
}

/** The wall clock as it was when the process started, and on from there: it does not go back. */
const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000

const isEnd = ({ type }: ClaimEvent): boolean => type === 'outcome' || type === 'failed'

function toldByEvent(event: ClaimEvent, nextCall: () => string, scope: CallScope | undefined): NewEvent {
  const { operation, orderId: order, elapsedMs } = event
  // What a worker does makes a timeline readable; it is no call on an order.
  if (operation === 'drain') return note(event)
  if (event.type === 'outcome' || event.type === 'failed') {
    const call = { order, call: nextCall(), since: now() - elapsedMs }
    if (event.type === 'failed') return { ...toldError(event.error), ...call, operation }
    const outcome = toldOutcome(event.result)
    // Which claim was recovered is not told here: all of an order's are taken for one.
    const claim = outcome.recovered === true ? { claim: 'recovered' } : {}
    return { ...outcome, ...call, ...claim, operation }
  }
  if (event.type === 'lease_renewed') {
    const { lease, leaseMs, tookMs } = event
    const call = scope === undefined ? {} : { call: scope.call }
    return { kind: 'lease_renewed', order, ...call, attempt: lease, leaseMs, since: now() - tookMs }
  }
  if (event.type === 'work_failed') {
    // It is being given back: whether it was, a process that dies meanwhile does not tell.
    const call = scope === undefined ? {} : { call: scope.call }
    return { kind: 'lease_given_back', order, ...call, attempt: event.lease, since: now() }
  }
  return note(event)
}

function note(event: ClaimEvent): NewEvent {
  const { orderId: order, type, attempt } = event
  const reason = 'reason' in event ? ` after ${event.reason}` : ''
  const error = 'error' in event && event.error !== undefined ? `: ${messageOf(event.error)}` : ''
  return { kind: 'note', order, what: `attempt ${attempt}: ${type.replaceAll('_', ' ')}${reason}${error}` }
}
