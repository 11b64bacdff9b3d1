import type { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { messageOf } from '../../errors.ts'
import type { ReplyAdvice } from '../../outcome.ts'
import { isThenable } from '../thenable.ts'
import { UNKNOWN_ORDER } from './event.ts'
import type { Operation } from '../../events.ts'
import type { EventOf } from './event.ts'
import type { NewEvent } from './history.ts'

/** The call that is under way. */
export interface CallScope {
  readonly call: string
  readonly order: unknown
}

/** What of a history the watch needs. */
export interface Recorder {
  readonly record: (event: NewEvent) => void
  readonly nextCall: () => string
  readonly scopes: AsyncLocalStorage<CallScope>
  readonly now: () => number
}

type Method = (...parameters: readonly unknown[]) => unknown
type Options = Readonly<Record<string, unknown>>
type Outcome = Omit<EventOf<'outcome'>, 'order' | 'call' | 'operation' | 'at' | 'process' | 'number' | 'actor'>
type Failure = Omit<EventOf<'error'>, 'order' | 'call' | 'operation' | 'at' | 'process' | 'number' | 'actor'>

const OPERATIONS = ['claimOnce', 'leaseOnce', 'moveOnce', 'reset', 'resolve'] as const satisfies readonly Operation[]

/** Records every call of the claims' methods. What else they have is passed on. */
export function watchClaims<Claims extends object>(claims: Claims, recorder: Recorder): Claims {
  const watched: Record<string, unknown> = {}
  for (const operation of OPERATIONS) {
    const method: unknown = Reflect.get(claims, operation)
    if (typeof method !== 'function') continue
    watched[operation] = (subject: unknown, options?: unknown): unknown =>
      watchCall(operation, method.bind(claims) as Method, subject, isObject(options) ? options : {}, recorder)
  }
  return Object.freeze({ ...claims, ...watched })
}

async function watchCall(
  operation: Operation,
  method: Method,
  subject: unknown,
  options: Options,
  recorder: Recorder,
): Promise<unknown> {
  const { record, nextCall, scopes, now } = recorder
  const call = nextCall()
  // What `resolve` takes is opaque: the order is told by the claim that was left unknown.
  const order = operation === 'resolve' ? UNKNOWN_ORDER : subject
  const claim = operation === 'resolve' ? { claim: fingerprint(subject) } : {}
  const { strategy, paymentId } = options
  const payment = isText(paymentId) ? { payment: String(paymentId) } : {}
  record({
    kind: 'started',
    order,
    call,
    operation,
    ...claim,
    ...payment,
    ...(typeof strategy === 'string' ? { strategy } : {}),
  })
  const lease = new WatchedLease(order, call, options, recorder)
  const recorded = { ...options, ...watchEffect(options, order, call, record), ...lease.option }
  try {
    const result = await scopes.run({ call, order }, () => method(subject, recorded))
    const outcome = toldOutcome(result)
    // What is done in the caller's transaction is done when he commits it.
    const provisional = options['transaction'] === undefined ? {} : { provisional: true }
    record({ ...outcome, order, call, operation, ...claim, ...payment, ...provisional })
    if (outcome.outcome === 'claimed') lease.ended('lease_completed', now())
    return result
  } catch (error) {
    const told = toldError(error)
    record({ ...told, order, call, operation, ...claim })
    if (told.code === 'CLAIM_LOST') lease.ended('lease_lost', now())
    else if (told.code !== 'CLAIM_UNKNOWN') lease.ended('lease_given_back', now())
    watchResolve(error, recorder)
    throw error
  }
}

/** The error of an unknown claim can resolve it itself. */
function watchResolve(error: unknown, recorder: Recorder): void {
  if (!isObject(error)) return
  const { pending, resolve } = error
  if (pending === undefined || typeof resolve !== 'function') return
  const method: Method = (_pending, ...parameters) => Reflect.apply(resolve, error, parameters)
  const watched = (options?: unknown): unknown =>
    watchCall('resolve', method, pending, isObject(options) ? options : {}, recorder)
  Object.defineProperty(error, 'resolve', { value: watched, configurable: true })
}

/** A run is recorded as it begins: what a process was doing when it was killed is known. */
function watchEffect(options: Options, order: unknown, call: string, record: Recorder['record']): Options {
  const { effect } = options
  if (typeof effect !== 'function') return {}
  const watched: Method = (tx, claimed, context) => {
    record({ kind: 'effect_ran', order, call, attempt: attemptIn(context) ?? 1 })
    return Reflect.apply(effect, options, [tx, claimed, context])
  }
  return { effect: watched }
}

/** The lease of a call, as its `work` shows it. */
class WatchedLease {
  readonly option: Options
  readonly #named: { readonly order: unknown; readonly call: string }
  readonly #record: Recorder['record']
  #held: { attempt?: number; workEnded?: number } | null = null

  constructor(order: unknown, call: string, options: Options, { record, now }: Recorder) {
    this.#named = { order, call }
    this.#record = record
    const { work, leaseMs } = options
    if (typeof work !== 'function') {
      this.option = {}
      return
    }
    const watched: Method = (claimed, context) => {
      const attempt = attemptIn(context)
      const held: { attempt?: number; workEnded?: number } = attempt === undefined ? {} : { attempt }
      this.#held = held
      record({
        kind: 'lease_taken',
        ...this.#named,
        ...(attempt === undefined ? {} : { attempt }),
        ...(typeof leaseMs === 'number' ? { leaseMs } : {}),
      })
      const done: unknown = Reflect.apply(work, options, [claimed, context])
      if (!isThenable(done)) {
        held.workEnded = now()
        return done
      }
      return Promise.resolve(done).finally(() => (held.workEnded = now()))
    }
    this.option = { work: watched }
  }

  /** The earliest time at which it may have ended is when the work was over. */
  ended(kind: 'lease_completed' | 'lease_given_back' | 'lease_lost', at: number): void {
    if (this.#held === null) return
    const { attempt, workEnded } = this.#held
    this.#held = null
    this.#record({ kind, ...this.#named, ...(attempt === undefined ? {} : { attempt }), since: workEnded ?? at })
  }
}

/** What is known of a result, whatever it is the result of. */
export function toldOutcome(result: unknown): Outcome {
  const { outcome, reply, recovered, provisional } = isObject(result) ? result : {}
  return {
    kind: 'outcome',
    outcome: String(outcome),
    ...(isReply(reply) ? { reply } : {}),
    ...(recovered === true ? { recovered } : {}),
    ...(provisional === true ? { provisional } : {}),
  }
}

export function toldError(error: unknown): Failure {
  const { code, reply, pending } = isObject(error) ? error : {}
  return {
    kind: 'error',
    message: messageOf(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(isReply(reply) ? { reply } : {}),
    ...(pending === undefined ? {} : { claim: fingerprint(pending) }),
  }
}

/** What resolves a claim holds its token, which is a secret: a history has its fingerprint. */
const fingerprint = (pending: unknown): string =>
  createHash('sha256').update(String(pending)).digest('hex').slice(0, 12)

const attemptIn = (context: unknown): number | undefined =>
  isObject(context) && typeof context['attempt'] === 'number' ? context['attempt'] : undefined

const isObject = (value: unknown): value is Options => typeof value === 'object' && value !== null

const isText = (value: unknown): value is string | number | bigint =>
  ['string', 'number', 'bigint'].includes(typeof value)

const isReply = (value: unknown): value is ReplyAdvice =>
  value === 'handled' || value === 'call_again' || value === 'review'
