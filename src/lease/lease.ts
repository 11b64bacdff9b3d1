import { randomUUID } from 'node:crypto'
import { aborted } from '../attempt.ts'
import type { Call, Progress } from '../call.ts'
import type { CallRunner } from '../call-runner.ts'
import { Interruption } from '../deadline.ts'
import type { DescribedTable } from '../described-orders.ts'
import { FIELDS } from '../names.ts'
import type { RawLeaseOptions } from '../options.ts'
import type { LeaseResult } from '../outcome.ts'
import { TRANSITIONS } from '../transitions.ts'
import type { Row } from '../adapters/adapter.ts'
import { HeldOrder } from './held-order.ts'
import { takeKind } from './lease-kinds.ts'
import type { TakeResult } from './lease-kinds.ts'
import { leaseLost, unknownLease, workTimedOut } from './lease-errors.ts'
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
  readonly #options: RawLeaseOptions
  readonly #terms: LeaseTerms
  readonly #progress: Progress
  readonly #token = randomUUID()
  readonly #order: HeldOrder

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
    this.#options = options
    this.#terms = terms
    this.#progress = progress
    // Not the caller's signal: what was done outside is to be written down, whether or not somebody still waits for it.
    this.#order = new HeldOrder(runner, described, orderId, this.#token, runner.bounds(options), progress)
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
      if (!this.#order.isKept(error)) await this.#giveBack(error, attempt, final())
      throw error
    }
  }

  /** The lease is renewed from now on; at once, where taking it took long: the work counts on the time that is left. */
  async #begin(takenAt: number, attempt: number): Promise<Renewal> {
    const { signal } = this.#options
    let from = takenAt
    if (performance.now() - takenAt > this.#terms.leaseMs / 3) {
      from = performance.now()
      if (!(await this.#order.renew(this.#terms.leaseMs)))
        throw this.#order.keep(leaseLost('before the work was begun'))
    }
    if (signal?.aborted === true) throw aborted(new Interruption('signal', signal.reason))
    return new Renewal({
      lease: attempt,
      leaseMs: this.#terms.leaseMs,
      takenAt: from,
      renew: () => this.#order.renew(this.#terms.leaseMs),
      tell: this.#tell,
      lost: () => this.#order.keep(leaseLost('before the work was done')),
    })
  }

  async #take(): Promise<{ call: Call<TakeResult> | null; result: TakeResult }> {
    const { work, effect, ...options } = this.#options
    const kind = takeKind(this.#token, this.#terms.leaseMs, this.#terms.takeover)
    const call = this.#runner.bind(this.#order.orderId, options, kind, this.#described, this.#progress)
    if (call === null) return { call, result: kind.unknownId }
    const decided = await this.#runner.decide(call, this.#runner.bounds(options), null, this.#progress)
    if (decided.is === 'unknown') throw this.#order.keep(unknownLease(decided, 'taken'))
    return { call, result: decided.result }
  }

  async #work(order: Row, attempt: number, call: Call<TakeResult>, renewal: Renewal): Promise<unknown> {
    const { work, signal, idempotencyKey = idempotencyKeyOf(call) } = this.#options
    return await runWork({
      work: () => work(order, { attempt, idempotencyKey, signal: renewal.signal }),
      renewal,
      callers: signal,
      timeoutMs: this.#terms.workTimeoutMs,
      timedOut: () => this.#order.keep(workTimedOut(this.#terms.workTimeoutMs)),
    })
  }

  async #complete(value: unknown, lease: number): Promise<LeaseResult<unknown>> {
    const { effect, read } = this.#options
    const held = await this.#order.complete({ value, lease, effect, read })
    const done = { outcome: 'claimed', reply: 'handled', value: held.value, attempt: lease } as const
    return held.recovered ? { ...done, recovered: true } : { ...done, recovered: false }
  }

  /** Back to *waiting*, or to *failed*. The error of the work is what the caller is told, whatever becomes of this. */
  async #giveBack(error: unknown, attempt: number, final: boolean): Promise<void> {
    this.#tell({ type: 'work_failed', lease: attempt, error, final })
    try {
      const held = await this.#order.end(final ? TRANSITIONS.fail : TRANSITIONS.giveBack, error)
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
    const held = await this.#order.end(TRANSITIONS.fail, error)
    return held.outcome === 'done'
      ? { outcome: 'wrong_status', reply: 'review', status: failed, provisional: false }
      : { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false }
  }

  readonly #tell: Call['tell'] = (what) => this.#runner.tell(this.#progress, what)
}
