import { randomUUID } from 'node:crypto'
import type { Adapter, Session } from './adapters/adapter.ts'
import { aborted, unavailable } from './attempt.ts'
import type { Call } from './call.ts'
import type { CheckedConfig, StrategyName } from './config.ts'
import { Deadline, Interruption } from './deadline.ts'
import { ClaimError } from './errors.ts'
import type { ClaimEvent, EventHook } from './events.ts'
import { TableOnFirstUse } from './first-use.ts'
import type { DescribedTable } from './first-use.ts'
import { bindId, bindOptions, checkOptions } from './options.ts'
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

  async claimOnce(orderId: unknown, options: RawOptions): Promise<ClaimResult<unknown>> {
    checkOptions(options, this.#config)
    const strategy = options.strategy ?? this.#config.strategy
    const joined = options.transaction !== undefined
    const token = randomUUID()
    return await this.#call<ClaimResult<unknown>>(orderId, options, strategy, {
      decide: this.#strategies[strategy],
      won: (value) => ({
        outcome: 'claimed',
        reply: 'handled',
        value,
        recovered: false,
        provisional: joined,
        ...(joined && this.#config.token !== null ? { token } : {}),
      }),
      busy: { outcome: 'busy', reply: 'call_again', provisional: joined },
      unknownId: { outcome: 'not_found', reply: 'call_again', provisional: joined },
      token,
    })
  }

  async reset(orderId: unknown, options: RawOptions): Promise<ResetResult> {
    checkOptions(options, this.#config, ['transaction', 'timeoutMs', 'lockTimeoutMs', 'retries', 'signal'])
    return await this.#call<ResetResult>(orderId, options, this.#config.strategy, {
      decide: reset,
      won: () => ({ outcome: 'reset' }),
      busy: { outcome: 'busy' },
      unknownId: { outcome: 'not_found' },
      token: randomUUID(),
    })
  }

  async #call<Result extends ClaimResult<unknown> | ResetResult>(
    orderId: unknown,
    options: RawOptions,
    strategy: StrategyName,
    kind: Pick<Call<Result>, 'decide' | 'won' | 'busy'> & { readonly unknownId: Result; readonly token: string },
  ): Promise<Result> {
    const session = options.transaction === undefined ? null : this.#adapter.join(options.transaction)
    const described = this.#firstUse.known ?? (await this.#describe(session))
    const deadline = new Deadline(options.timeoutMs ?? this.#config.timeoutMs, options.signal)
    const progress = { orderId, strategy, deadline, attempt: 1 }
    try {
      const { unknownId, token, ...rest } = kind
      const id = bindId(orderId, this.#config, described.table)
      if (id === undefined) return this.#ended(unknownId, progress)
      const { shape, values } = bindOptions(options, described.table, this.#adapter.dialect)
      const call: Call<Result> = {
        ...rest,
        ...described,
        config: this.#config,
        adapter: this.#adapter,
        shape,
        values: new Map([...id, ...values, ...this.#ownValues(described, token)]),
        effect: options.effect,
        joined: session !== null,
        deadline,
        ownTransaction: false,
        effectFailed: (error) => this.#tell({ type: 'effect_failed', error, ...seen(progress) }),
        connectionDestroyed: () => this.#tell({ type: 'connection_destroyed', ...seen(progress) }),
      }
      return this.#ended(await this.#tryUntilDecided(call, options, session, progress), progress)
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') this.#firstUse.forget()
      this.#tell({ type: 'failed', error, ...seen(progress) })
      throw error
    } finally {
      deadline.stop()
    }
  }

  async #tryUntilDecided<Result>(
    call: Call<Result>,
    options: RawOptions,
    joined: Session<unknown> | null,
    progress: Progress,
  ): Promise<Result> {
    const retries = options.retries ?? this.#config.retries
    const timeoutMs = options.timeoutMs ?? this.#config.timeoutMs
    const configured = options.lockTimeoutMs ?? this.#config.lockTimeoutMs
    for (let counted = 0; ; progress.attempt += 1) {
      const lockTimeoutMs = lockTimeoutFor({
        lockTimeoutMs: configured,
        timeoutMs,
        remainingMs: call.deadline.remainingMs,
        attempt: progress.attempt,
      })
      if (lockTimeoutMs === 'no time') return call.busy
      const session = joined ?? (await this.#open(call.deadline))
      const end = await runAttempt(call, session, progress.attempt, lockTimeoutMs)
      if (end.is === 'done') return end.result
      if (isCounted(end.reason)) counted += 1
      if (counted > retries) return end.otherwise()
      this.#tell({ type: 'retry', reason: end.reason, error: end.error, ...seen(progress) })
      try {
        await call.deadline.pause(pauseBefore(progress.attempt, end.reason))
      } catch (interruption) {
        if (interruption instanceof Interruption && interruption.by === 'signal') throw aborted(interruption)
        return end.otherwise()
      }
    }
  }

  /** A pool at its limit lets wait without end: the call does not. A connection that comes too late goes back. */
  async #open(deadline: Deadline): Promise<Session<unknown>> {
    let opening: Promise<Session<unknown>> | undefined
    try {
      deadline.check()
      const opened = this.#adapter.open(deadline.signal)
      if (!(opened instanceof Promise)) return opened
      opening = opened
      return await deadline.race(opened)
    } catch (error) {
      if (!(error instanceof Interruption)) return unavailable(error)
      void opening?.then((late) => late.release()).catch(() => {})
      if (error.by === 'signal') throw aborted(error)
      return unavailable(new Error('no connection became free within timeoutMs'))
    }
  }

  async #describe(session: Session<unknown> | null): Promise<DescribedTable> {
    return session === null ? await this.#firstUse.describe() : await this.#firstUse.describeOn(session)
  }

  #ownValues({ table }: DescribedTable, token: string): [string, SqlValue][] {
    return [
      [NAMES.waiting, table.states.waiting],
      [NAMES.claimed, table.states.claimed],
      [NAMES.token, table.token?.codec.encode(token) ?? null],
    ]
  }

  #ended<Result extends ClaimResult<unknown> | ResetResult>(result: Result, progress: Progress): Result {
    this.#tell({ type: 'outcome', result, ...seen(progress) })
    return result
  }

  #tell(event: ClaimEvent): void {
    if (this.#onEvent === undefined) return
    try {
      this.#onEvent(event)
    } catch {
      // A log must not decide a payment.
    }
  }
}

interface Progress {
  readonly orderId: unknown
  readonly strategy: StrategyName
  readonly deadline: Deadline
  attempt: number
}

const seen = ({ orderId, strategy, deadline, attempt }: Progress) => ({
  orderId,
  strategy,
  attempt,
  elapsedMs: deadline.elapsedMs,
})
