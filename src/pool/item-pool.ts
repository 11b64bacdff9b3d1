import type { Adapter, Session } from '../adapters/adapter.ts'
import { ClaimError } from '../errors.ts'
import { refuseNested } from '../nested.ts'
import {
  bindDraw,
  bindOwner,
  checkDrawOptions,
  CONFIRM_OPTIONS,
  COUNT_OPTIONS,
  DRAW_OPTIONS,
  EXPIRE_OPTIONS,
  REFILL_OPTIONS,
  RELEASE_OPTIONS,
} from './bind-draw.ts'
import { BoundedQueue } from './bounded-queue.ts'
import type { CheckedPoolConfig } from './check-pool-config.ts'
import { confirm } from './confirm.ts'
import { countItems, freeAtMost } from './count.ts'
import type { DrawAnswer } from './draw-call.ts'
import { draw } from './draws.ts'
import type { Draw } from './draws.ts'
import { drawsTogether } from './draws-together.ts'
import type { DrawsTogether } from './draws-together.ts'
import { EXPIRED_AT_ONCE } from './expire-unit.ts'
import type { PoolEventHook } from './pool-events.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { ConfirmResult, DrawResult, PoolCounts, ReleaseResult } from './pool-outcome.ts'
import { PoolRunner } from './pool-runner.ts'
import type { PoolProgress } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'
import { listOf } from './queue-list.ts'
import { refill } from './refill.ts'
import { release } from './release.ts'
import { drawResult } from './results.ts'
import { StockWatch } from './stock-watch.ts'
import { sweep } from './sweep.ts'

/** Carries out the calls on one pool. */
export class ItemPoolCaller {
  readonly #runner: PoolRunner
  readonly #queue: BoundedQueue | null
  readonly #together: DrawsTogether
  readonly #stock: StockWatch | null

  constructor(config: CheckedPoolConfig, adapter: Adapter<unknown, object>, onEvent: PoolEventHook | undefined) {
    const runner = new PoolRunner(config, adapter, onEvent)
    this.#runner = runner
    this.#queue = config.queue === null ? null : new BoundedQueue(config.queue, config.queueTimeoutMs)
    this.#together = drawsTogether(runner, this.#queue)
    this.#stock =
      config.lowStock === null
        ? null
        : new StockWatch(config.lowStock, (of, most) => freeAtMost(runner, of, most, runner.progress(null)))
  }

  async claimNext(owner: unknown, options: RawDrawOptions): Promise<DrawResult<unknown, unknown>> {
    const runner = this.#runner
    return await this.#telling(owner, options, DRAW_OPTIONS, async (progress, described, joined) => {
      const strategy = runner.strategyFor(options.strategy, described)
      progress.pick = strategy
      const request = { owner: bindOwner(owner, described.table), count: options.count ?? 1 }
      const answer = this.#mayJoinOthers(options)
        ? await this.#together(options, strategy, request, described)
        : await this.#alone({ described, requests: [request], options, joined, progress })
      if (joined === null && (answer?.is === 'given' || answer?.is === 'exhausted')) this.#drawn(options)
      return drawResult(answer, joined !== null)
    })
  }

  async confirm(owner: unknown, options: RawDrawOptions): Promise<ConfirmResult<unknown, unknown>> {
    this.#requireReservations('confirm')
    return await this.#telling(owner, options, CONFIRM_OPTIONS, (progress, described, joined) =>
      confirm(this.#runner, described, owner, options, joined, progress),
    )
  }

  async release(owner: unknown, options: RawDrawOptions): Promise<ReleaseResult> {
    return await this.#telling(owner, options, RELEASE_OPTIONS, (progress, described, joined) =>
      release(this.#runner, described, owner, options, joined, progress),
    )
  }

  async expire(options: RawDrawOptions): Promise<{ readonly freed: number }> {
    this.#requireReservations('expire')
    const described = await this.#checked(options, EXPIRE_OPTIONS)
    let freed = 0
    for (;;) {
      const swept = await sweep(this.#runner, described, options, null, this.#runner.progress(null))
      if (swept === null) throw timedOut('the reservations were freed')
      freed += swept.freed
      if (swept.found < EXPIRED_AT_ONCE) return { freed }
    }
  }

  async refill(options: RawDrawOptions): Promise<{ readonly queued: number }> {
    const queue = this.#queue
    if (queue === null) throw new ClaimError('CLAIM_CONFIG', 'refill() needs a queue, and the pool has none.')
    const described = await this.#checked(options, REFILL_OPTIONS)
    const bound = bindDraw(options, described.table)
    const { where: _any, ...bounds } = options
    if (described.table.reservedUntil !== null) await this.expire(bounds)
    return {
      queued: await refill(this.#runner, described, queue, listOf(this.#runner.config, options), options, bound),
    }
  }

  async count(options: RawDrawOptions): Promise<PoolCounts> {
    const described = await this.#checked(options, COUNT_OPTIONS)
    const counts = await countItems(this.#runner, described, options)
    if (counts === null) throw timedOut('the items were counted')
    return counts
  }

  async #alone(wanted: Omit<Draw, 'shape' | 'values'>): Promise<DrawAnswer | undefined> {
    const bound = bindDraw(wanted.options, wanted.described.table)
    return (await draw(this.#runner, this.#queue, { ...wanted, ...bound }))[0]
  }

  /** Those with bounds, an effect or a transaction of their own are drawn on their own. */
  #mayJoinOthers(options: RawDrawOptions): boolean {
    const { effect, transaction, count = 1, timeoutMs, lockTimeoutMs, retries, signal } = options
    const ofItsOwn = [effect, transaction, timeoutMs, lockTimeoutMs, retries, signal].some(
      (given) => given !== undefined,
    )
    return !ofItsOwn && count === 1 && this.#runner.config.drawTogether > 1
  }

  #drawn(options: RawDrawOptions): void {
    const { scope, where = {} } = options
    this.#stock?.drawn(listOf(this.#runner.config, options), { scope, where })
  }

  #requireReservations(method: string): void {
    if (this.#runner.config.reservedUntil !== null) return
    throw new ClaimError(
      'CLAIM_CONFIG',
      `${method}() needs reservations: configure states.reserved and columns.reservedUntil.`,
    )
  }

  async #checked(options: RawDrawOptions, known: readonly string[]): Promise<DescribedPool> {
    checkDrawOptions(options, this.#runner.config, known)
    refuseNested(this.#runner.adapter.pool)
    return await this.#runner.described(null, options.signal)
  }

  /** A call of one owner. */
  async #telling<Result extends DrawResult<unknown, unknown> | ConfirmResult<unknown, unknown> | ReleaseResult>(
    owner: unknown,
    options: RawDrawOptions,
    known: readonly string[],
    work: (progress: PoolProgress, described: DescribedPool, joined: Session<unknown> | null) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.#runner
    const progress = runner.progress(owner, options.strategy)
    try {
      checkDrawOptions(options, runner.config, known)
      if (options.transaction === undefined) refuseNested(runner.adapter.pool)
      const joined = options.transaction === undefined ? null : runner.adapter.join(options.transaction)
      const result = await work(progress, await runner.described(joined, options.signal), joined)
      runner.tell(progress, { type: 'outcome', result })
      return result
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') runner.forget()
      runner.tell(progress, { type: 'failed', error })
      throw error
    }
  }
}

const timedOut = (what: string): ClaimError => new ClaimError('CLAIM_TIMEOUT', `timeoutMs passed before ${what}.`)
