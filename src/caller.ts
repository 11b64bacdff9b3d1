import { randomUUID } from 'node:crypto'
import type { Adapter, Session } from './adapters/adapter.ts'
import { aborted, callersTransactionLost, notOpened, unavailable } from './attempt.ts'
import type { Call, Kind, Progress } from './call.ts'
import type { CheckedConfig, StrategyName } from './config.ts'
import { Deadline, Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import type { EventDetail, EventHook, RetryReason } from './events.ts'
import { TableOnFirstUse } from './first-use.ts'
import type { DescribedTable } from './first-use.ts'
import { bindId, bindOptions, checkOptions, CLAIM_OPTIONS, RESET_OPTIONS } from './bind.ts'
import type { RawOptions } from './options.ts'
import type { ClaimResult, ResetResult } from './outcome.ts'
import { isCounted, lockTimeoutFor, pauseBefore } from './retry.ts'
import { runAttempt } from './run.ts'
import type { SqlValue } from './sql.ts'
import { NAMES } from './statements.ts'
import { conditional } from './strategies/conditional.ts'
import { optimistic } from './strategies/optimistic.ts'
import { pessimistic } from './strategies/pessimistic.ts'
import { reset } from './strategies/reset.ts'
import type { Strategy } from './strategies/strategy.ts'

const STRATEGY = { optimistic, conditional, pessimistic } as const satisfies Record<StrategyName, Strategy>

/** Carries out the calls on one table: checks them, and tries until they are decided or their time is over. */
export class Caller {
  readonly #config: CheckedConfig
  readonly #adapter: Adapter<unknown, object>
  readonly #onEvent: EventHook | undefined
  readonly #firstUse: TableOnFirstUse<unknown>
  readonly #strategies: Readonly<Record<StrategyName, Strategy>>

  constructor(
    config: CheckedConfig,
    adapter: Adapter<unknown, object>,
    onEvent: EventHook | undefined,
    strategies: Readonly<Record<StrategyName, Strategy>> = STRATEGY,
  ) {
    this.#strategies = strategies
    this.#config = config
    this.#adapter = adapter
    this.#onEvent = onEvent
    this.#firstUse = new TableOnFirstUse(config, adapter)
  }

  claimOnce(orderId: unknown, options: RawOptions): Promise<ClaimResult<unknown>> {
    const strategy = options.strategy ?? this.#config.strategy
    const joined = options.transaction !== undefined
    const token = this.#config.token === null ? null : randomUUID()
    return this.#call<ClaimResult<unknown>>(orderId, options, {
      known: CLAIM_OPTIONS,
      strategy,
      decide: this.#strategies[strategy],
      won: (value) => ({
        outcome: 'claimed',
        reply: 'handled',
        value,
        recovered: false,
        provisional: joined,
        ...(joined && token !== null ? { token } : {}),
      }),
      busy: { outcome: 'busy', reply: 'call_again', provisional: joined },
      unknownId: { outcome: 'not_found', reply: 'call_again', provisional: joined },
      token,
    })
  }

  reset(orderId: unknown, options: RawOptions): Promise<ResetResult> {
    return this.#call<ResetResult>(orderId, options, {
      known: RESET_OPTIONS,
      strategy: this.#config.strategy,
      decide: reset,
      won: () => ({ outcome: 'reset' }),
      busy: { outcome: 'busy' },
      unknownId: { outcome: 'not_found' },
      token: null,
    })
  }

  async #call<Result extends ClaimResult<unknown> | ResetResult>(
    orderId: unknown,
    options: RawOptions,
    kind: Kind<Result>,
  ): Promise<Result> {
    const progress: Progress = { orderId, strategy: kind.strategy, startedAt: performance.now(), attempt: 1 }
    try {
      checkOptions(options, this.#config, kind.known)
      const session = options.transaction === undefined ? null : this.#adapter.join(options.transaction)
      const described = this.#firstUse.known ?? (await this.#describe(session, options.signal))
      const id = bindId(orderId, this.#config, described.table)
      const result =
        id === undefined ? kind.unknownId : await this.#decide(id, options, kind, described, session, progress)
      this.#tell(progress, { type: 'outcome', result })
      return result
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') this.#firstUse.forget()
      this.#tell(progress, { type: 'failed', error })
      throw error
    }
  }

  #decide<Result>(
    id: Map<string, SqlValue>,
    options: RawOptions,
    { decide, won, busy, token }: Kind<Result>,
    described: DescribedTable,
    session: Session<unknown> | null,
    progress: Progress,
  ): Promise<Result> {
    const { shape, values } = bindOptions(options, described.table, this.#adapter.dialect, id)
    addOwnValues(values, described, token)
    const deadline = new Deadline(options.timeoutMs ?? this.#config.timeoutMs, options.signal)
    const call: Call<Result> = {
      ...described,
      decide,
      won,
      busy,
      config: this.#config,
      adapter: this.#adapter,
      shape,
      values,
      effect: options.effect,
      joined: session !== null,
      deadline,
      ownTransaction: !described.table.server.autocommit,
      effectFailed: (error) => this.#tell(progress, { type: 'effect_failed', error }),
      connectionDestroyed: () => this.#tell(progress, { type: 'connection_destroyed' }),
    }
    return this.#tryUntilDecided(call, options, session, progress)
  }

  async #tryUntilDecided<Result>(
    call: Call<Result>,
    options: RawOptions,
    joined: Session<unknown> | null,
    progress: Progress,
  ): Promise<Result> {
    const { deadline, adapter, table } = call
    const retries = options.retries ?? this.#config.retries
    const lockTimeoutMs = options.lockTimeoutMs ?? this.#config.lockTimeoutMs
    let otherwise = (): Result => call.busy
    try {
      for (let counted = 0; ; progress.attempt += 1) {
        const opened = joined ?? this.#open(deadline)
        const session = opened instanceof Promise ? await opened : opened
        if (session === null) {
          return progress.attempt > 1
            ? otherwise()
            : unavailable(new Error('no connection became free within timeoutMs'))
        }
        const bound = lockTimeoutFor({
          lockTimeoutMs,
          timeoutMs: options.timeoutMs ?? this.#config.timeoutMs,
          remainingMs: deadline.remainingMs,
          attempt: progress.attempt,
          stepMs: adapter.dialect.lockWaitStepMs,
          shortestMs: adapter.dialect.shortestLockWaitMs(table.server),
        })
        if (bound === 'no time') {
          session.release()
          return otherwise()
        }
        const end = await runAttempt(call, session, progress.attempt, bound)
        if (end.is === 'done') return end.result
        otherwise = end.otherwise
        if (isCounted(end.reason)) counted += 1
        if (counted > retries) return otherwise()
        if (end.reason === 'held' && isNumber(lockTimeoutMs) && deadline.elapsedMs >= lockTimeoutMs) return otherwise()
        this.#tell(progress, { type: 'retry', reason: end.reason, error: end.error })
        if (!(await this.#pause(call, progress.attempt, end.reason))) return otherwise()
      }
    } finally {
      deadline.stop()
    }
  }

  /** Waits before the next attempt; `false`: there is no time for one. */
  async #pause({ deadline, joined }: Call, attempt: number, reason: RetryReason): Promise<boolean> {
    try {
      await deadline.pause(pauseBefore(attempt, reason))
      return true
    } catch (thrown) {
      if (!(thrown instanceof Interruption)) throw thrown
      if (joined) throw callersTransactionLost(thrown)
      if (thrown.by === 'signal') throw aborted(thrown)
      return false
    }
  }

  /** A pool at its limit lets wait without end; the call does not: `null`. A connection that comes too late goes back. */
  #open(deadline: Deadline): Session<unknown> | null | Promise<Session<unknown> | null> {
    let opening: Promise<Session<unknown>> | undefined
    const failed = (error: unknown): null => {
      if (!(error instanceof Interruption)) return notOpened(error, this.#adapter.dialect)
      opening?.then((late) => late.release()).catch(() => {})
      if (error.by === 'signal') throw aborted(error)
      return null
    }
    try {
      deadline.check()
      const opened = this.#adapter.open(deadline)
      if (!(opened instanceof Promise)) return opened
      opening = opened
    } catch (error) {
      return failed(error)
    }
    return deadline.race(opening).catch(failed)
  }

  /** A caller who gives up does not wait for the description, which others may wait for. */
  async #describe(session: Session<unknown> | null, signal: AbortSignal | undefined): Promise<DescribedTable> {
    if (session !== null) return await this.#firstUse.describeOn(session)
    const describing = this.#firstUse.describe()
    if (signal === undefined) return await describing
    const waiting = new Deadline(Infinity, signal)
    try {
      return await waiting.race(describing)
    } catch (error) {
      if (error instanceof Interruption) throw aborted(error)
      throw error
    } finally {
      waiting.stop()
    }
  }

  #tell({ orderId, strategy, attempt, startedAt }: Progress, what: EventDetail): void {
    if (this.#onEvent === undefined) return
    const elapsedMs = Math.round(performance.now() - startedAt)
    try {
      const told = this.#onEvent({ ...what, orderId, strategy, attempt, elapsedMs })
      if (told instanceof Promise) told.catch(() => {})
    } catch {
      // A log must not decide a payment.
    }
  }
}

function addOwnValues(values: Map<string, SqlValue>, { table }: DescribedTable, token: string | null): void {
  values.set(NAMES.waiting, table.states.waiting)
  values.set(NAMES.claimed, table.states.claimed)
  if (table.token !== null && token !== null) values.set(NAMES.token, table.token.codec.encode(token) ?? null)
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
