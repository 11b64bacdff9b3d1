import { randomUUID } from 'node:crypto'
import type { Row } from '../adapters/adapter.ts'
import type { Call, Kind, Progress } from '../call.ts'
import type { CallRunner } from '../call-runner.ts'
import type { DescribedTable } from '../first-use.ts'
import { errorText } from '../note-failure.ts'
import type { EffectContext, RawLeaseOptions, RawOptions } from '../options.ts'
import type { LeaseResult } from '../outcome.ts'
import { resultText } from '../result.ts'
import type { SqlValue } from '../sql.ts'
import { FIELDS, NAMES } from '../names.ts'
import type { Held } from '../strategies/lease.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { Transition } from '../transitions.ts'
import { holderKind, takeKind } from './lease-kinds.ts'
import type { TakeResult } from './lease-kinds.ts'
import { completionHeld, leaseLost, LeaseKept, unknownLease, workTimedOut } from './lease-errors.ts'
import { idempotencyKeyOf } from './lease-options.ts'
import type { LeaseTerms } from './lease-options.ts'
import { Renewal } from './renewal.ts'

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
    let takenAt = performance.now()
    const { call, result } = await this.#take()
    if (result.outcome !== 'taken' || call === null) return result as Exclude<TakeResult, { outcome: 'taken' }>
    const { [FIELDS.attempts]: counted, ...order } = result.row
    const attempt = Number(counted)
    if (attempt > this.#terms.maxAttempts) return await this.#giveUp(attempt)
    // Taking it took long: the time that is left is not what the work counts on.
    if (performance.now() - takenAt > this.#terms.leaseMs / 2) {
      takenAt = performance.now()
      if (!(await this.#renew())) throw leaseLost('before the work was begun')
    }
    call.tell({ type: 'leased', lease: attempt })
    const renewal = new Renewal({
      leaseMs: this.#terms.leaseMs,
      takenAt,
      renew: () => this.#renew(),
      tell: call.tell,
    })
    try {
      const value = await this.#work(order, attempt, call, renewal)
      return await this.#complete(value, attempt)
    } catch (error) {
      if (!(error instanceof LeaseKept)) await this.#giveBack(error, attempt)
      throw error
    } finally {
      renewal.stop()
    }
  }

  async #take(): Promise<{ call: Call<TakeResult> | null; result: TakeResult }> {
    const { work, effect, ...options } = this.#options
    const kind = takeKind(this.#token, this.#terms.leaseMs, this.#terms.takeover)
    const call = this.#bind(kind, options)
    if (call === null) return { call, result: kind.unknownId }
    const decided = await this.#runner.decide(call, this.#runner.bounds(options), null, this.#progress)
    if (decided.is === 'unknown') throw unknownLease(decided, 'taken')
    return { call, result: decided.result }
  }

  /** Runs the work. It is not waited for when the order is somebody else's, or when it takes longer than it may. */
  async #work(order: Row, attempt: number, call: Call<TakeResult>, renewal: Renewal): Promise<unknown> {
    const { signal: callers, work, idempotencyKey = idempotencyKeyOf(call) } = this.#options
    const giveUp = (): void => renewal.abort(callers?.reason)
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<never>((_resolve, reject) => {
      if (this.#terms.workTimeoutMs === Infinity) return
      timer = setTimeout(() => {
        renewal.stop()
        const error = workTimedOut(this.#terms.workTimeoutMs)
        renewal.abort(error)
        reject(error)
      }, this.#terms.workTimeoutMs)
    })
    tooLong.catch(() => {})
    if (callers?.aborted === true) giveUp()
    else callers?.addEventListener('abort', giveUp, { once: true })
    try {
      const working = Promise.resolve(work(order, { attempt, idempotencyKey, signal: renewal.signal }))
      working.catch(() => {})
      return await Promise.race([working, renewal.lost, tooLong])
    } finally {
      clearTimeout(timer)
      callers?.removeEventListener('abort', giveUp)
    }
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
    const held = await this.#change(TRANSITIONS.complete, [[NAMES.result, text]], options, true)
    switch (held.outcome) {
      case 'done': {
        const first = effect === undefined ? value : held.value
        return { outcome: 'claimed', reply: 'handled', value: first, attempt, recovered: held.recovered }
      }
      case 'lost':
        tell({ type: 'lease_lost' })
        throw leaseLost('before it was done')
      case 'busy':
        throw completionHeld()
    }
  }

  /** Back to *waiting*, or to *failed*. The error of the work is what the caller is told, whatever becomes of this. */
  async #giveBack(error: unknown, attempt: number): Promise<void> {
    const { maxAttempts, isRetryable } = this.#terms
    const { failed } = this.#runner.config.states
    const final = failed !== null && (attempt >= maxAttempts || !isRetryable(error))
    this.#tell({ type: 'work_failed', lease: attempt, error, final })
    try {
      const held = await this.#end(final ? TRANSITIONS.fail : TRANSITIONS.giveBack, error)
      if (held.outcome === 'lost') this.#tell({ type: 'lease_lost' })
    } catch (failure) {
      this.#tell({ type: 'failure_not_noted', error: failure })
    }
  }

  /** The lease was taken over from somebody who has had the last one that there may be. */
  async #giveUp(attempt: number): Promise<LeaseResult<unknown>> {
    const { failed } = this.#runner.config.states
    const error = new Error(`The order was leased ${attempt - 1} times, and nobody was done with it.`)
    this.#tell({ type: 'work_failed', lease: attempt, error, final: true })
    await this.#end(TRANSITIONS.fail, error)
    return { outcome: 'wrong_status', reply: 'review', status: failed, provisional: false }
  }

  #end(transition: Transition, error: unknown): Promise<Held> {
    const text = errorText(error, this.#described.table)
    return this.#change(transition, [[NAMES.error, text]], this.#bounds(), false)
  }

  async #renew(): Promise<boolean> {
    const { leaseMs } = this.#terms
    const held = await this.#change(TRANSITIONS.renew, [[NAMES.leaseMs, String(leaseMs)]], this.#bounds(), false)
    if (held.outcome === 'busy') throw new Error('The order is locked by somebody else.')
    return held.outcome === 'done'
  }

  /** @param tells it can be found out, by the token, what became of it when nobody answers */
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
    if (decided.is === 'unknown') throw unknownLease(decided, transition.name)
    return decided.result
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

  readonly #tell: Call['tell'] = (what) => this.#runner.tell(this.#progress, what)
}
