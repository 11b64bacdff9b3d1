import { randomUUID } from 'node:crypto'
import type { Row } from '../adapters/adapter.ts'
import { aborted } from '../attempt.ts'
import type { Call, Kind, Progress } from '../call.ts'
import type { CallRunner } from '../call-runner.ts'
import { Interruption } from '../deadline.ts'
import type { DescribedTable } from '../described-orders.ts'
import { ClaimError } from '../errors.ts'
import { errorText } from '../note-failure.ts'
import type { EffectContext, RawLeaseOptions, RawOptions } from '../options.ts'
import type { LeaseResult } from '../outcome.ts'
import { noResult, resultText } from '../result.ts'
import type { SqlValue } from '../sql.ts'
import { FIELDS, NAMES } from '../names.ts'
import type { Held } from '../strategies/lease.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { Transition } from '../transitions.ts'
import { holderKind, takeKind } from './lease-kinds.ts'
import type { TakeResult } from './lease-kinds.ts'
import { completionHeld, leaseLost, renewalHeld, unknownLease, workTimedOut } from './lease-errors.ts'
import { idempotencyKeyOf } from './lease-options.ts'
import type { LeaseTerms } from './lease-options.ts'
import { Renewal } from './renewal.ts'
import { runWork } from './run-work.ts'

/**
 * One lease, from taking it to its end.
 *
 * 1. The order is leased, in a transaction: token, deadline, attempt. What it was asked for is read with it.
 * 2. `work` runs, outside of any transaction; the lease is renewed meanwhile.
 * 3. The order is claimed, guarded by the token, and the effect that may follow the work runs in that transaction.
 * 4. Where work or effect fail, the order is given back, guarded by the token, or has failed for good.
 *
 * If the process dies after 1: the lease runs out, and the next callback takes over with the same idempotency key.
 */
export class Lease {
  readonly #runner: CallRunner
  readonly #described: DescribedTable
  readonly #orderId: unknown
  readonly #options: RawLeaseOptions
  readonly #terms: LeaseTerms
  readonly #progress: Progress
  readonly #token = randomUUID()
  readonly #kept = new WeakSet<object>()

  constructor(
    runner: CallRunner,
    described: DescribedTable,
    orderId: unknown,
    options: RawLeaseOptions,
    terms: LeaseTerms,
    progress: Progress,
  ) {
    this.#runner = runner
    this.#described = described
    this.#orderId = orderId
    this.#options = options
    this.#terms = terms
    this.#progress = progress
  }

  async run(): Promise<LeaseResult<unknown>> {
    const takenAt = performance.now()
    const { call, result } = await this.#take()
    if (result.outcome !== 'taken' || call === null) return result as Exclude<TakeResult, { outcome: 'taken' }>
    const { [FIELDS.attempts]: counted, ...order } = result.row
    const attempt = Number(counted)
    if (result.wasLeased && attempt > this.#terms.maxAttempts) return await this.#giveUp(attempt)
    let renewal: Renewal | null = null
    try {
      renewal = await this.#begin(takenAt, attempt)
      this.#tell({ type: 'leased', lease: attempt, leaseMs: this.#terms.leaseMs })
      const value = await this.#work(order, attempt, call, renewal)
      // From here on the row's own lock and the token keep others away; a renewal would only wait for us.
      renewal.stop()
      return await this.#complete(value, attempt)
    } catch (error) {
      renewal?.stop()
      // What keeps the work from being begun is not of the work, which has not failed for good.
      const final = (): boolean => renewal !== null && this.#isFinal(error, attempt)
      if (!this.#kept.has(error as object)) await this.#giveBack(error, attempt, final())
      throw error
    }
  }

  /** The lease is renewed from now on; at once, where taking it took long: the work counts on the time that is left. */
  async #begin(takenAt: number, attempt: number): Promise<Renewal> {
    const { signal } = this.#options
    let from = takenAt
    if (performance.now() - takenAt > this.#terms.leaseMs / 3) {
      from = performance.now()
      if (!(await this.#renew())) throw this.#keep(leaseLost('before the work was begun'))
    }
    if (signal?.aborted === true) throw aborted(new Interruption('signal', signal.reason))
    return new Renewal({
      lease: attempt,
      leaseMs: this.#terms.leaseMs,
      takenAt: from,
      renew: () => this.#renew(),
      tell: this.#tell,
      lost: () => this.#keep(leaseLost('before the work was done')),
    })
  }

  async #take(): Promise<{ call: Call<TakeResult> | null; result: TakeResult }> {
    const { work, effect, ...options } = this.#options
    const kind = takeKind(this.#token, this.#terms.leaseMs, this.#terms.takeover)
    const call = this.#bind(kind, options)
    if (call === null) return { call, result: kind.unknownId }
    const decided = await this.#runner.decide(call, this.#runner.bounds(options), null, this.#progress)
    if (decided.is === 'unknown') throw this.#keep(unknownLease(decided, 'taken'))
    return { call, result: decided.result }
  }

  async #work(order: Row, attempt: number, call: Call<TakeResult>, renewal: Renewal): Promise<unknown> {
    const { work, signal, idempotencyKey = idempotencyKeyOf(call) } = this.#options
    return await runWork({
      work: () => work(order, { attempt, idempotencyKey, signal: renewal.signal }),
      renewal,
      callers: signal,
      timeoutMs: this.#terms.workTimeoutMs,
      timedOut: () => this.#keep(workTimedOut(this.#terms.workTimeoutMs)),
    })
  }

  async #complete(value: unknown, attempt: number): Promise<LeaseResult<unknown>> {
    const { effect, read } = this.#options
    const options: RawOptions = {
      ...this.#bounds(),
      ...(effect === undefined
        ? {}
        : {
            effect: (tx: unknown, order: unknown, context: EffectContext) =>
              effect(tx, order, { ...context, value, lease: attempt }),
            ...(read === undefined ? {} : { read }),
          }),
    }
    const tell = this.#tell
    const { table } = this.#described
    const kept = effect === undefined && value !== undefined && table.result !== null
    const text = kept ? resultText(value, { table, config: this.#runner.config, tell }) : null
    const held = await this.#change(TRANSITIONS.complete, [[NAMES.result, text ?? noResult(table)]], options, true)
    switch (held.outcome) {
      case 'done': {
        const first = effect === undefined ? value : held.value
        const done = { outcome: 'claimed', reply: 'handled', value: first, attempt } as const
        return held.recovered ? { ...done, recovered: true } : { ...done, recovered: false }
      }
      case 'lost':
        tell({ type: 'lease_lost' })
        throw this.#keep(leaseLost('before it was done'))
      case 'busy':
        throw this.#keep(completionHeld())
    }
  }

  /** Back to *waiting*, or to *failed*. The error of the work is what the caller is told, whatever becomes of this. */
  async #giveBack(error: unknown, attempt: number, final: boolean): Promise<void> {
    this.#tell({ type: 'work_failed', lease: attempt, error, final })
    try {
      const held = await this.#end(final ? TRANSITIONS.fail : TRANSITIONS.giveBack, error)
      if (held.outcome === 'lost') this.#tell({ type: 'lease_lost' })
      if (held.outcome === 'busy') throw new Error('The order was locked by somebody else. Its lease runs out.')
    } catch (failure) {
      this.#tell({ type: 'failure_not_noted', error: failure })
    }
  }

  /** Where nobody can say whether it may pass, it may. */
  #isFinal(error: unknown, attempt: number): boolean {
    const { maxAttempts, isRetryable } = this.#terms
    if (this.#runner.config.states.failed === null) return false
    try {
      return attempt >= maxAttempts || !isRetryable(error)
    } catch {
      return false
    }
  }

  /** The lease was taken over from somebody who has had the last one that there may be. */
  async #giveUp(attempt: number): Promise<LeaseResult<unknown>> {
    const { failed } = this.#runner.config.states
    const error = new Error(`The order was leased ${attempt - 1} times, and nobody was done with it.`)
    this.#tell({ type: 'work_failed', lease: attempt, error, final: true })
    const held = await this.#end(TRANSITIONS.fail, error)
    return held.outcome === 'done'
      ? { outcome: 'wrong_status', reply: 'review', status: failed, provisional: false }
      : { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false }
  }

  /** An error that the column does not take does not keep the order. */
  async #end(transition: Transition, error: unknown): Promise<Held> {
    const end = (text: SqlValue): Promise<Held> =>
      this.#change(transition, [[NAMES.error, text]], this.#bounds(), false)
    const { table } = this.#described
    try {
      return await end(errorText(error, table))
    } catch (failure) {
      if (!(failure instanceof ClaimError && failure.code === 'CLAIM_REJECTED')) throw failure
      this.#tell({ type: 'failure_not_noted', error: failure })
      return await end(errorText('', table))
    }
  }

  async #renew(): Promise<boolean> {
    const { leaseMs } = this.#terms
    const held = await this.#change(TRANSITIONS.renew, [[NAMES.leaseMs, String(leaseMs)]], this.#bounds(), false)
    if (held.outcome === 'busy') throw renewalHeld()
    return held.outcome === 'done'
  }

  /** @param tells it ends the lease, and can be found out, by the token, what became of it when nobody answers */
  async #change(
    transition: Transition,
    values: readonly (readonly [string, SqlValue])[],
    options: RawOptions,
    tells: boolean,
  ): Promise<Held> {
    const call = this.#bind(holderKind(transition, this.#token, values, tells), options)
    if (call === null) throw new TypeError('The id of a leased order is known.')
    const bounds = this.#runner.bounds(options)
    const decided = await this.#runner.decide(call, bounds, null, { ...this.#progress })
    if (decided.is === 'done') return decided.result
    const unknown = unknownLease(decided, transition.name)
    throw tells ? this.#keep(unknown) : unknown
  }

  #bind<Result>(kind: Kind<Result>, options: RawOptions): Call<Result> | null {
    return this.#runner.bind(this.#orderId, options, kind, this.#described, this.#progress)
  }

  /** Not the caller's signal: what was done outside is to be written down, whether or not somebody still waits for it. */
  #bounds(): RawOptions {
    const { timeoutMs, lockTimeoutMs, retries, resolveTimeoutMs } = this.#options
    return {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
      ...(retries === undefined ? {} : { retries }),
      ...(resolveTimeoutMs === undefined ? {} : { resolveTimeoutMs }),
    }
  }

  /** The order is not this call's any more, may be completed, or its work may still be running: it is not given back. */
  #keep<E extends ClaimError>(error: E): E {
    this.#kept.add(error)
    return error
  }

  readonly #tell: Call['tell'] = (what) => this.#runner.tell(this.#progress, what)
}
