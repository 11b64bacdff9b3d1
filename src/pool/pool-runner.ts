import { randomUUID } from 'node:crypto'
import type { Adapter, Session } from '../adapters/adapter.ts'
import type { CallBase, Progress } from '../call.ts'
import { Deadline } from '../deadline.ts'
import { ClaimError } from '../errors.ts'
import { TableOnFirstUse } from '../first-use.ts'
import { resolveUnknown } from '../resolution.ts'
import type { SqlValue } from '../sql.ts'
import { tryUntilDecided } from '../tries.ts'
import type { CallBounds } from '../tries.ts'
import type { CheckedPoolConfig } from './check-pool-config.ts'
import type { DrawAnswer, DrawCall, DrawRequest } from './draw-call.ts'
import { DrawUnit } from './draw-unit.ts'
import type { PickStrategy } from './pool-config.ts'
import type { PoolEvent, PoolEventHook } from './pool-events.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { PoolShape } from './pool-statements.ts'
import { POOL_NAMES } from './pool-statements.ts'
import { fitPool } from './pool-table.ts'
import type { DescribedPool } from './pool-table.ts'

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

  /** The table, described when it is first needed. */
  async described(joined: Session<unknown> | null, signal: AbortSignal | undefined): Promise<DescribedPool> {
    return this.#firstUse.known ?? (await this.#firstUse.describeFor(joined, signal))
  }

  /** The table does not look as described any more. */
  forget(): void {
    this.#firstUse.forget()
  }

  bounds(options: RawDrawOptions): CallBounds {
    const { config } = this
    return {
      timeoutMs: options.timeoutMs ?? config.timeoutMs,
      lockTimeoutMs: options.lockTimeoutMs ?? config.lockTimeoutMs,
      retries: options.retries ?? config.retries,
      resolveTimeoutMs: RESOLVE_MS,
    }
  }

  /** The strategy of a call that names none. */
  strategyFor(given: PickStrategy | undefined, { table }: DescribedPool): PickStrategy {
    const chosen = given ?? this.config.strategy
    const skips = this.adapter.dialect.skipsLocked(table.server)
    if (chosen === 'skip_locked' && !skips) {
      throw new ClaimError(
        'CLAIM_CONFIG',
        `The strategy is "skip_locked", which the server (${table.server.version}) does not have. Use "conditional".`,
      )
    }
    return chosen ?? (skips ? 'skip_locked' : 'conditional')
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
      deadline: new Deadline(options.timeoutMs ?? this.config.timeoutMs, options.signal),
      learned: { ownTransaction: !described.table.server.autocommit, effectRan: false, collisions: 0 },
      gaveUp: () => (options.signal?.aborted === true ? options.signal : undefined),
      tell: (what) => {
        if (IN_TRANSACTION.includes(what.type)) this.tell(progress, what)
      },
    }
  }

  /** Draws for one owner, or for several together. */
  async draw(
    described: DescribedPool,
    requests: readonly DrawRequest[],
    bound: { readonly shape: PoolShape; readonly values: ReadonlyMap<string, SqlValue> },
    options: RawDrawOptions,
    joined: Session<unknown> | null,
    progress: PoolProgress,
  ): Promise<readonly DrawAnswer[]> {
    const { table } = described
    const strategy = progress.pick
    const values = new Map(bound.values)
    requests.forEach(({ owner }, index) => values.set(POOL_NAMES.owner(index), owner))
    if (table.token !== null) values.set(POOL_NAMES.token, table.token.codec.encode(randomUUID()) ?? null)
    const alone = requests.length === 1 && requests[0]?.count === 1
    const call: DrawCall = {
      ...this.base(described, options, progress),
      ...described,
      strategy,
      requests,
      shape: bound.shape,
      values,
      needsTransaction: strategy === 'skip_locked' || !alone || options.effect !== undefined,
      busy: requests.map(() => ({ is: 'contended' })),
      won: (answers) => answers as readonly DrawAnswer[],
      recovered: null,
      newUnit(this: DrawCall, session, lockTimeoutMs) {
        return new DrawUnit(this, session, lockTimeoutMs)
      },
      // The draw itself begins with the question what the owner has.
      inDoubt(this: DrawCall) {
        return { ...this, resolving: true }
      },
    }
    return await this.decide(call, this.bounds(options), joined, progress)
  }

  /** Tries until the call is decided, and finds out what nobody has answered. */
  async decide<Result>(
    call: CallBase<Result>,
    bounds: CallBounds,
    joined: Session<unknown> | null,
    progress: PoolProgress,
  ): Promise<Result> {
    let decided = await tryUntilDecided(call, bounds, joined, progress)
    if (decided.is === 'unknown') {
      call.tell({ type: 'unknown', phase: decided.phase, error: decided.error })
      const inDoubt = call.inDoubt()
      if (inDoubt !== null) decided = await resolveUnknown(inDoubt, bounds, progress, decided)
    }
    if (decided.is === 'done') return decided.result
    throw new ClaimError(
      'CLAIM_UNKNOWN',
      `No answer came to the ${decided.phase === 'commit' ? 'COMMIT' : 'statement'}, and what became of it could not be ` +
        'found out in time. Call again: who has been given items is given the same.',
      decided.error,
    )
  }

  tell({ orderId: owner, pick: strategy, attempt, startedAt }: PoolProgress, what: object): void {
    if (this.#onEvent === undefined) return
    const elapsedMs = Math.round(performance.now() - startedAt)
    try {
      const told = this.#onEvent({ ...what, owner, strategy, attempt, elapsedMs } as PoolEvent)
      if (told instanceof Promise) told.catch(() => {})
    } catch {
      // A log must not decide who gets a card.
    }
  }
}

const IN_TRANSACTION: readonly string[] = ['retry', 'effect_failed', 'connection_destroyed', 'unknown']
