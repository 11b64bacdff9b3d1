import { randomUUID } from 'node:crypto'
import type { Adapter } from './adapters/adapter.ts'
import { CLAIM_OPTIONS, checkLockTime, checkOptions, LEASE_OPTIONS, MOVE_OPTIONS } from './bind.ts'
import { RESET_OPTIONS, RESOLVE_OPTIONS } from './bind.ts'
import type { Call, Progress, Unanswered } from './call.ts'
import { CallRunner } from './call-runner.ts'
import { DEFAULT_RESOLVE_MS } from './check-config.ts'
import type { CheckedConfig, StrategyName } from './config.ts'
import type { DrainOptions, DrainResult, RawHandler } from './drain/drain-options.ts'
import { runDrain } from './drain/run-drain.ts'
import { ClaimError, UnknownClaimError } from './errors.ts'
import type { ResolveBounds } from './errors.ts'
import type { EventHook, Operation } from './events.ts'
import { checkWork, unanswered, unknownMessage, unlessInDoubt, withoutSecrets } from './in-doubt.ts'
import { claimKind, moveKind, resetKind } from './kinds.ts'
import type { Strategies } from './kinds.ts'
import { refuseNested } from './nested.ts'
import { noteFailure } from './note-failure.ts'
import { Lease } from './lease/lease.ts'
import { leaseTerms } from './lease/lease-options.ts'
import type { RawLeaseOptions, RawMoveOptions, RawOptions } from './options.ts'
import type { ClaimResult, LeaseResult, MoveResult, ResetResult } from './outcome.ts'
import { decodePending, encodePending } from './pending.ts'
import type { Pending } from './pending.ts'
import { asResolving } from './order-call.ts'
import { resolveUnknown } from './resolution.ts'
import { STRATEGY } from './kinds.ts'
import type { Task } from './task.ts'
import { tryUntilDecided } from './tries.ts'
import type { Decided } from './tries.ts'

/** Carries out the calls on one table: checks them, and tries until they are decided or their time is over. */
export class Caller {
  readonly #runner: CallRunner
  readonly #strategies: Strategies

  constructor(
    config: CheckedConfig,
    adapter: Adapter<unknown, object>,
    onEvent: EventHook | undefined,
    strategies: Strategies = STRATEGY,
  ) {
    this.#runner = new CallRunner(config, adapter, onEvent)
    this.#strategies = strategies
  }

  claimOnce(orderId: unknown, options: RawOptions): Promise<ClaimResult<unknown>> {
    const { config } = this.#runner
    const strategy = options.strategy ?? config.strategy
    const pending: Pending = {
      orderId,
      token: config.token === null ? null : randomUUID(),
      ...(options.expect === undefined ? {} : { expect: options.expect }),
      ...(options.paymentId === undefined ? {} : { paymentId: options.paymentId }),
      ...(options.set === undefined ? {} : { set: options.set }),
      hasWork: options.effect !== undefined || options.transaction !== undefined,
    }
    return this.#call({
      operation: 'claimOnce',
      ...this.#claim(pending, options, strategy),
      options,
      known: CLAIM_OPTIONS,
      notes: true,
    })
  }

  /** @param options the effect again, and bounds */
  async resolve(text: unknown, options: RawOptions): Promise<ClaimResult<unknown>> {
    const { config } = this.#runner
    const pending = this.#refusing('resolve', null, () => {
      checkOptions(options, config, RESOLVE_OPTIONS)
      const decoded = decodePending(text, config)
      checkWork(decoded, options)
      return decoded
    })
    const { expect, paymentId, set } = pending
    const resolveMs = config.resolveTimeoutMs === 0 ? DEFAULT_RESOLVE_MS : config.resolveTimeoutMs
    const { timeoutMs = resolveMs, ...rest } = options
    return await this.#call({
      operation: 'resolve',
      ...this.#claim(pending, options, 'conditional'),
      options: {
        ...rest,
        resolveTimeoutMs: timeoutMs,
        // There it is asked by a single attempt.
        ...(options.transaction === undefined ? {} : { timeoutMs }),
        ...(expect === undefined ? {} : { expect }),
        ...(paymentId === undefined ? {} : { paymentId }),
        ...(set === undefined ? {} : { set }),
      },
      known: CLAIM_OPTIONS,
      notes: true,
      resolves: { hasToken: pending.token !== null },
    })
  }

  reset(orderId: unknown, options: RawOptions): Promise<ResetResult> {
    return this.#call<ResetResult>({
      operation: 'reset',
      orderId,
      options,
      known: RESET_OPTIONS,
      kind: resetKind,
      strategy: this.#runner.config.strategy,
      notes: false,
      unknown: ({ phase, error }) =>
        unanswered(phase, error, 'Call reset() again: it says "already_waiting" if it stands.'),
    })
  }

  async leaseOnce(orderId: unknown, options: RawLeaseOptions): Promise<LeaseResult<unknown>> {
    const runner = this.#runner
    const progress = this.#progress('leaseOnce', orderId, 'conditional')
    try {
      checkOptions(options, runner.config, LEASE_OPTIONS)
      checkLockTime(options, runner.config)
      const terms = leaseTerms(options, runner.config)
      refuseNested(runner.adapter.pool)
      const described = await runner.described(null, options.signal)
      const result = await new Lease(runner, described, orderId, options, terms, progress).run()
      runner.tell(progress, { type: 'outcome', result })
      return result
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') runner.forget()
      runner.tell(progress, { type: 'failed', error })
      throw error
    }
  }

  drain(handler: RawHandler, options: DrainOptions): Promise<DrainResult> {
    return runDrain(this.#runner, handler, options)
  }

  async moveOnce(orderId: unknown, options: RawMoveOptions): Promise<MoveResult<unknown>> {
    const { config } = this.#runner
    const { to, ...rest } = this.#refusing('moveOnce', orderId, () => {
      const { closed } = config.states
      if (closed.includes((options as Partial<RawMoveOptions> | undefined)?.to ?? '')) return options
      const known = closed.length > 0 ? closed.join(', ') : 'none is configured'
      throw new ClaimError('CLAIM_INPUT', `The state to move to is none of states.closed: ${known}.`)
    })
    return await this.#call<MoveResult<unknown>>({
      operation: 'moveOnce',
      orderId,
      options: rest,
      known: MOVE_OPTIONS,
      kind: moveKind(to, options.transaction !== undefined),
      strategy: config.strategy,
      notes: false,
      unknown: ({ phase, error }) =>
        unanswered(phase, error, 'Call moveOnce() again: it says "already_moved" if it stands.'),
    })
  }

  /** What is refused before there is a call is told like any other failure. */
  #refusing<Checked>(operation: Operation, orderId: unknown, check: () => Checked): Checked {
    try {
      return check()
    } catch (error) {
      this.#runner.tell(this.#progress(operation, orderId, this.#runner.config.strategy), { type: 'failed', error })
      throw error
    }
  }

  #progress(operation: Operation, orderId: unknown, strategy: StrategyName): Progress {
    return { operation, orderId, strategy, startedAt: performance.now(), attempt: 1 }
  }

  #claim(
    pending: Pending,
    options: RawOptions,
    strategy: StrategyName,
  ): Pick<Task<ClaimResult<unknown>>, 'orderId' | 'kind' | 'strategy' | 'unknown'> {
    const { config } = this.#runner
    const text = (): string => encodePending(pending, config)
    const resolve = (bounds: ResolveBounds = {}): Promise<ClaimResult<unknown>> =>
      this.resolve(text(), {
        ...(options.effect === undefined ? {} : { effect: options.effect }),
        ...(options.read === undefined ? {} : { read: options.read }),
        ...bounds,
      })
    return {
      orderId: pending.orderId,
      strategy,
      kind: claimKind(
        strategy,
        this.#strategies,
        // One that had no token is claimed now, if it is, with a token like any other.
        pending.token ?? (config.token === null ? null : randomUUID()),
        options.transaction === undefined ? null : text,
      ),
      unknown: ({ phase, error }) => new UnknownClaimError(unknownMessage(phase, config), error, text(), resolve),
    }
  }

  async #call<Result extends ClaimResult<unknown> | ResetResult | MoveResult<unknown>>(
    task: Task<Result>,
  ): Promise<Result> {
    const { orderId, options, kind, strategy } = task
    const runner = this.#runner
    const progress = this.#progress(task.operation, orderId, strategy)
    let call: Call<Result> | null = null
    try {
      checkOptions(options, runner.config, task.known)
      if (task.resolves === undefined) checkLockTime(options, runner.config)
      if (options.transaction === undefined) refuseNested(runner.adapter.pool)
      const joined = runner.join(options)
      const known = runner.described(joined, options.signal)
      const described =
        known instanceof Promise
          ? await (task.resolves === undefined ? known : unlessInDoubt(known, task.unknown))
          : known
      call = runner.bind(orderId, options, kind, described, progress)
      let result = kind.unknownId
      if (call !== null) {
        const decided =
          task.resolves === undefined
            ? await runner.decide(call, runner.bounds(options), joined, progress)
            : await this.#resolve(call, options, progress, task.resolves.hasToken)
        if (decided.is === 'unknown') throw task.unknown(decided)
        result = decided.result
      }
      runner.tell(progress, { type: 'outcome', result: withoutSecrets(result) })
      return result
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') runner.forget()
      if (task.notes && call?.learned.effectRan === true) await noteFailure(call, error)
      runner.tell(progress, { type: 'failed', error })
      throw error
    }
  }

  async #resolve<Result extends { readonly outcome: string }>(
    call: Call<Result>,
    options: RawOptions,
    progress: Progress,
    hasToken: boolean,
  ): Promise<Decided<Result>> {
    const bounds = this.#runner.bounds(options)
    const joined = this.#runner.join(options)
    const first: Unanswered = { is: 'unknown', phase: 'claim', error: undefined }
    const asked = asResolving(call)
    if (joined === null) call.deadline.stop()
    const decided =
      joined === null
        ? await resolveUnknown(asked, { ...bounds, signal: options.signal }, progress, first)
        : await tryUntilDecided(asked, bounds, joined, progress)
    const isAnybodys = decided.is === 'done' && decided.result.outcome === 'duplicate'
    return isAnybodys && !(hasToken && call.table.token !== null) ? first : decided
  }
}
