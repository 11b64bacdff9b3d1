import type { Adapter, Session } from '../adapters/adapter.ts'
import type { CallBase, Progress } from '../call.ts'
import { Deadline } from '../deadline.ts'
import { ClaimError } from '../errors.ts'
import { tellHook } from '../event-hook.ts'
import { TableOnFirstUse } from '../first-use.ts'
import { statementOf } from '../in-doubt.ts'
import { decideOrResolve } from '../resolution.ts'
import { boundsOf } from '../tries.ts'
import type { CallBounds } from '../tries.ts'
import type { CheckedPoolConfig } from './check-pool-config.ts'
import type { PickStrategy, TableStrategy } from './pool-config.ts'
import type { PoolEvent, PoolEventHook } from './pool-events.ts'
import type { RawDrawOptions } from './pool-options.ts'
import { fitPool } from './pool-table.ts'
import type { DescribedPool, PoolTable } from './pool-table.ts'

/** Beyond the call's own time, to find out what became of a draw that nobody has answered, in milliseconds. */
const RESOLVE_MS = 2000

/** How far a call has come, for its events. */
export interface PoolProgress extends Progress {
  /** As it is known so far. */
  pick: PickStrategy
}

/** Everything that the calls on one pool share: the database, the table's description, the hook for events. */
export class PoolRunner {
  readonly config: CheckedPoolConfig
  readonly adapter: Adapter<unknown, object>
  readonly #onEvent: PoolEventHook | undefined
  readonly #firstUse: TableOnFirstUse<unknown, DescribedPool>

  constructor(config: CheckedPoolConfig, adapter: Adapter<unknown, object>, onEvent: PoolEventHook | undefined) {
    this.config = config
    this.adapter = adapter
    this.#onEvent = onEvent
    this.#firstUse = new TableOnFirstUse(config.table, adapter, fitPool(config, adapter))
  }

  /** A call that begins now. */
  progress(owner: unknown, pick: PickStrategy = 'conditional'): PoolProgress {
    return {
      operation: 'claimOnce',
      orderId: owner,
      strategy: 'conditional',
      pick,
      startedAt: performance.now(),
      attempt: 1,
    }
  }

  /** The table, described when it is first needed. */
  async described(joined: Session<unknown> | null, signal: AbortSignal | undefined): Promise<DescribedPool> {
    return this.#firstUse.known ?? (await this.#firstUse.describeFor(joined, signal))
  }

  /** The table does not look as described any more. */
  forget(): void {
    this.#firstUse.forget()
  }

  bounds(options: RawDrawOptions): CallBounds {
    return boundsOf(options, { ...this.config, resolveTimeoutMs: RESOLVE_MS })
  }

  /** The strategy of a call; of one that names none as the configuration says, or as the server can. */
  strategyFor(given: PickStrategy | undefined, { table }: DescribedPool): PickStrategy {
    const chosen = given ?? this.config.strategy
    if (chosen === 'skip_locked' && !table.skipsLocked) {
      throw new ClaimError(
        'CLAIM_CONFIG',
        `The strategy is "skip_locked", which the server (${table.server.version}) does not have. Use "conditional".`,
      )
    }
    if (chosen === 'queue' && this.config.queue === null) {
      throw new ClaimError('CLAIM_INPUT', 'The strategy is "queue", but the pool is configured without queue.')
    }
    return chosen ?? this.tableStrategy(table)
  }

  /** How items are picked where there are no candidates. */
  tableStrategy(table: PoolTable): TableStrategy {
    return table.skipsLocked ? 'skip_locked' : 'conditional'
  }

  /** What every call on the pool is made of. */
  base(
    described: DescribedPool,
    options: RawDrawOptions,
    progress: PoolProgress,
  ): Pick<CallBase, 'adapter' | 'effect' | 'joined' | 'resolving' | 'deadline' | 'learned' | 'tell' | 'gaveUp'> {
    return {
      adapter: this.adapter,
      effect: options.effect,
      joined: options.transaction !== undefined,
      resolving: false,
      deadline: new Deadline(this.#remainingMs(options, progress), options.signal),
      learned: { ownTransaction: !described.table.server.autocommit, effectRan: false, collisions: 0 },
      gaveUp: () => (options.signal?.aborted === true ? options.signal : undefined),
      tell: (what) => {
        if (IN_TRANSACTION.includes(what.type)) this.tell(progress, what)
      },
    }
  }

  /** Tries until the call is decided, and finds out what nobody has answered. */
  async decide<Result>(
    call: CallBase<Result>,
    bounds: CallBounds,
    joined: Session<unknown> | null,
    progress: PoolProgress,
  ): Promise<Result> {
    const decided = await decideOrResolve(call, bounds, joined, progress)
    if (decided.is === 'done') return decided.result
    throw new ClaimError(
      'CLAIM_UNKNOWN',
      `No answer came to the ${statementOf(decided.phase)}, and what became of it could not be ` +
        'found out in time. Call again: who has been given items is given the same.',
      decided.error,
    )
  }

  /** Of the time of a call that is made of several transactions. */
  #remainingMs({ timeoutMs = this.config.timeoutMs }: RawDrawOptions, { startedAt }: PoolProgress): number {
    return Math.max(1, timeoutMs - (performance.now() - startedAt))
  }

  tell({ orderId: owner, pick: strategy, attempt, startedAt }: PoolProgress, what: object): void {
    if (this.#onEvent === undefined) return
    const elapsedMs = Math.round(performance.now() - startedAt)
    tellHook(this.#onEvent, { ...what, owner, strategy, attempt, elapsedMs } as PoolEvent)
  }
}

const IN_TRANSACTION: readonly string[] = ['retry', 'effect_failed', 'connection_destroyed', 'unknown']
