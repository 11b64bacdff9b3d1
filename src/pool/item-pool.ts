import { ClaimError } from '../errors.ts'
import type { CallBase } from '../call.ts'
import { refuseNested } from '../nested.ts'
import type { Adapter } from '../adapters/adapter.ts'
import { asText } from '../dialects/values.ts'
import { bindDraw, bindOwner, checkDrawOptions, COUNT_OPTIONS, DRAW_OPTIONS, RELEASE_OPTIONS } from './bind-draw.ts'
import type { CheckedPoolConfig } from './check-pool-config.ts'
import type { DrawAnswer } from './draw-call.ts'
import { DrawTogether } from './draw-together.ts'
import type { PickStrategy } from './pool-config.ts'
import type { PoolEventHook } from './pool-events.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { DrawResult, PoolCounts, ReleaseResult } from './pool-outcome.ts'
import { PoolRunner } from './pool-runner.ts'
import type { PoolProgress } from './pool-runner.ts'
import { POOL_FIELDS, POOL_NAMES } from './pool-statements.ts'
import { ReadUnit, ReleaseUnit } from './release-unit.ts'

type Result = DrawResult<unknown, unknown>

/** Carries out the calls on one pool. */
export class ItemPoolCaller {
  readonly #runner: PoolRunner
  /** By what the requests have in common: scope, columns, strategy. */
  readonly #together = new Map<string, DrawTogether>()

  constructor(config: CheckedPoolConfig, adapter: Adapter<unknown, object>, onEvent: PoolEventHook | undefined) {
    this.#runner = new PoolRunner(config, adapter, onEvent)
  }

  async claimNext(owner: unknown, options: RawDrawOptions): Promise<Result> {
    return await this.#telling(owner, options, async (progress) => {
      const runner = this.#runner
      checkDrawOptions(options, runner.config, DRAW_OPTIONS)
      if (options.transaction === undefined) refuseNested(runner.adapter.pool)
      const joined = options.transaction === undefined ? null : runner.adapter.join(options.transaction)
      const described = await runner.described(joined, options.signal)
      const strategy = runner.strategyFor(options.strategy, described)
      progress.pick = strategy
      const request = { owner: bindOwner(owner, described.table), count: options.count ?? 1 }
      const bound = bindDraw(options, described.table)
      const answer = this.#mayJoinOthers(options)
        ? await this.#drawnTogether(options, strategy).draw(request)
        : (await runner.draw(described, [request], bound, options, joined, progress))[0]
      return resultOf(answer, options.transaction !== undefined)
    })
  }

  async release(owner: unknown, options: RawDrawOptions): Promise<ReleaseResult> {
    return await this.#telling(owner, options, async (progress) => {
      const runner = this.#runner
      checkDrawOptions(options, runner.config, RELEASE_OPTIONS)
      if (options.transaction === undefined) refuseNested(runner.adapter.pool)
      const joined = options.transaction === undefined ? null : runner.adapter.join(options.transaction)
      const described = await runner.described(joined, options.signal)
      const values = bindDraw(options, described.table).values.set(
        POOL_NAMES.owner(0),
        bindOwner(owner, described.table),
      )
      const nothing: ReleaseResult = { outcome: 'nothing_held' }
      const call: CallBase<ReleaseResult> = {
        ...runner.base(described, options, progress),
        table: described.table,
        needsTransaction: false,
        busy: { outcome: 'busy' },
        won: (items) => ({ outcome: 'released', items: Number(items) }),
        recovered: null,
        newUnit(session, lockTimeoutMs) {
          const template = (alone: boolean) => described.statements.release(alone)
          return new ReleaseUnit(this, session, lockTimeoutMs, template, values, nothing)
        },
        inDoubt: () => null,
      }
      return await runner.decide(call, runner.bounds(options), joined, progress)
    })
  }

  async count(options: RawDrawOptions): Promise<PoolCounts> {
    const runner = this.#runner
    checkDrawOptions(options, runner.config, COUNT_OPTIONS)
    const progress = this.#progress(null)
    const described = await runner.described(null, options.signal)
    const { shape, values } = bindDraw(options, described.table)
    const { statements } = described
    const templates = [statements.count('free', shape), statements.count('taken', shape)]
    const call: CallBase<PoolCounts | null> = {
      ...runner.base(described, options, progress),
      table: described.table,
      needsTransaction: false,
      busy: null,
      won: () => null,
      recovered: null,
      newUnit(session, lockTimeoutMs) {
        return new ReadUnit<PoolCounts | null>(this, session, lockTimeoutMs, templates, values, ([free, taken]) => ({
          free: numberIn(free),
          taken: numberIn(taken),
        }))
      },
      inDoubt: () => null,
    }
    const counts = await runner.decide(call, runner.bounds(options), null, progress)
    if (counts === null) throw new ClaimError('CLAIM_TIMEOUT', 'timeoutMs passed before the items were counted.')
    return counts
  }

  /** Those with bounds, an effect or a transaction of their own are drawn on their own. */
  #mayJoinOthers({
    effect,
    transaction,
    count = 1,
    timeoutMs,
    lockTimeoutMs,
    retries,
    signal,
  }: RawDrawOptions): boolean {
    const ofItsOwn = [effect, transaction, timeoutMs, lockTimeoutMs, retries, signal].some(
      (given) => given !== undefined,
    )
    return !ofItsOwn && count === 1 && this.#runner.config.drawTogether > 1
  }

  #drawnTogether(options: RawDrawOptions, strategy: PickStrategy): DrawTogether {
    const { scope, where = {}, read = [] } = options
    const key = JSON.stringify([
      strategy,
      text(scope),
      Object.entries(where).map(([name, value]) => [name, text(value)]),
      read,
    ])
    const known = this.#together.get(key)
    if (known !== undefined) return known
    const runner = this.#runner
    const common: RawDrawOptions = {
      ...(scope === undefined ? {} : { scope }),
      where,
      read,
    }
    const together = new DrawTogether(
      async (requests) => {
        const progress = this.#progress(null, strategy)
        const described = await runner.described(null, undefined)
        const bound = bindDraw(common, described.table)
        if (requests.length > 1) runner.tell(progress, { type: 'drawn_together', requests: requests.length })
        return await runner.draw(described, requests, bound, common, null, progress)
      },
      runner.config.drawTogether,
      runner.config.timeoutMs,
    )
    this.#together.set(key, together)
    return together
  }

  #progress(owner: unknown, pick: PickStrategy = 'conditional'): PoolProgress {
    return {
      operation: 'claimOnce',
      orderId: owner,
      strategy: 'conditional',
      pick,
      startedAt: performance.now(),
      attempt: 1,
    }
  }

  async #telling<Answer>(
    owner: unknown,
    options: RawDrawOptions,
    work: (progress: PoolProgress) => Promise<Answer>,
  ): Promise<Answer> {
    const progress = this.#progress(owner, options.strategy)
    try {
      const result = await work(progress)
      this.#runner.tell(progress, { type: 'outcome', result })
      return result
    } catch (error) {
      if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') this.#runner.forget()
      this.#runner.tell(progress, { type: 'failed', error })
      throw error
    }
  }
}

const text = (value: unknown): unknown =>
  value instanceof Uint8Array ? ['bytes', Buffer.from(value).toString('hex')] : [typeof value, String(value)]

const numberIn = (rows: readonly Readonly<Record<string, unknown>>[] | undefined): number =>
  Number(asText(rows?.[0]?.[POOL_FIELDS.found]) ?? 0)

function resultOf(answer: DrawAnswer | undefined, provisional: boolean): Result {
  switch (answer?.is) {
    case 'given': {
      const { items, value, recovered } = answer
      return { outcome: 'claimed', reply: 'handled', items, value, recovered, provisional }
    }
    case 'held':
      return answer.asAsked
        ? { outcome: 'duplicate', reply: 'handled', items: answer.items, provisional }
        : { outcome: 'mismatch', reply: 'review', items: answer.items, provisional }
    case 'exhausted':
      return { outcome: 'exhausted', reply: 'review', provisional }
    case 'contended':
    case 'missed':
    case undefined:
      return { outcome: 'contended', reply: 'call_again', provisional }
  }
}
