import { ClaimError, messageOf } from '../errors.ts'
import type { bindDraw } from './bind-draw.ts'
import type { BoundedQueue } from './bounded-queue.ts'
import { read } from './count.ts'
import { idOf, idParameter } from './held-items.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'

type Bound = ReturnType<typeof bindDraw>

/** How many ids are read, and queued, at once. */
const PAGE = 1000
/** How long the queue may take for a page, in milliseconds. */
const IDLE_MS = 5000

/**
 * Puts into the queue what the table says is free, in the place of whatever it holds.
 *
 * An item that is taken while it is read is a candidate that is not free, and is passed over. One that has been popped and
 * not taken yet is a candidate twice, and goes to one owner: by the guarded UPDATE. So may several processes refill at once.
 */
export async function refill(
  runner: PoolRunner,
  described: DescribedPool,
  queue: BoundedQueue,
  list: string,
  options: RawDrawOptions,
  bound: Bound,
): Promise<number> {
  const pages = new Pages(runner, described, options, bound)
  try {
    return await queue.replace(list, pages.read(), IDLE_MS)
  } catch (error) {
    if (pages.failure !== undefined) throw pages.failure
    if (error instanceof ClaimError) throw error
    throw new ClaimError('CLAIM_UNAVAILABLE', `The queue could not be refilled: ${messageOf(error)}`, error)
  }
}

class Pages {
  readonly #runner: PoolRunner
  readonly #described: DescribedPool
  readonly #options: RawDrawOptions
  readonly #bound: Bound
  /** Why the table could not be read; whatever the queue makes of it. */
  failure: Error | undefined

  constructor(runner: PoolRunner, described: DescribedPool, options: RawDrawOptions, bound: Bound) {
    this.#runner = runner
    this.#described = described
    this.#options = options
    this.#bound = bound
  }

  async *read(): AsyncGenerator<readonly string[]> {
    for (let last: string | null = null; ;) {
      const ids: readonly string[] = await this.#page(last)
      if (ids.length > 0) yield ids
      last = ids.at(-1) ?? null
      if (ids.length < PAGE || last === null) return
    }
  }

  async #page(last: string | null): Promise<readonly string[]> {
    const { reads, table } = this.#described
    const { shape } = this.#bound
    const values = new Map(this.#bound.values)
    if (last !== null) values.set(POOL_NAMES.after, idParameter(table.id, last) ?? null)
    const template = reads.freeIds(PAGE, shape, last === null)
    const progress = this.#runner.progress(null)
    try {
      const ids = await read(this.#runner, this.#described, this.#options, progress, [template], values, ([rows]) =>
        (rows ?? []).map(idOf),
      )
      if (ids === null) throw new ClaimError('CLAIM_TIMEOUT', 'timeoutMs passed before a page of free items was read.')
      return ids
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(messageOf(error))
      throw this.failure
    }
  }
}
