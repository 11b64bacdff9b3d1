import { bindDraw } from './bind-draw.ts'
import type { BoundedQueue } from './bounded-queue.ts'
import type { DrawAnswer, DrawRequest } from './draw-call.ts'
import { DrawTogether } from './draw-together.ts'
import { draw } from './draws.ts'
import type { PickStrategy } from './pool-config.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'

/** Draws for one owner, together with whoever asks for the same at the same time. */
export type DrawsTogether = (
  options: RawDrawOptions,
  strategy: PickStrategy,
  request: DrawRequest,
  described: DescribedPool,
) => Promise<DrawAnswer>

/** The requests of one pool, by what they have in common: scope, conditions, columns, strategy. */
export function drawsTogether(runner: PoolRunner, queue: BoundedQueue | null): DrawsTogether {
  const groups = new Map<string, DrawTogether>()

  function groupOf(
    { scope, where = {}, read = [], reserveMs }: RawDrawOptions,
    strategy: PickStrategy,
    { table }: DescribedPool,
  ): DrawTogether {
    const conditions = Object.entries(where).map(([name, value]) => [name, text(value)])
    const key = JSON.stringify([strategy, text(scope), conditions, read, reserveMs])
    const known = groups.get(key)
    if (known !== undefined) return known
    const options: RawDrawOptions = {
      ...(scope === undefined ? {} : { scope }),
      ...(reserveMs === undefined ? {} : { reserveMs }),
      where,
      read,
    }
    // What cannot be bound is refused before anybody waits for it.
    bindDraw(options, table)
    const drawAll = async (requests: readonly DrawRequest[]): Promise<readonly DrawAnswer[]> => {
      const progress = runner.progress(null, strategy)
      const described = await runner.described(null, undefined)
      const bound = bindDraw(options, described.table)
      if (requests.length > 1) runner.tell(progress, { type: 'drawn_together', requests: requests.length })
      return await draw(runner, queue, { described, requests, ...bound, options, joined: null, progress })
    }
    const { drawTogether, timeoutMs } = runner.config
    const group = new DrawTogether(drawAll, drawTogether, timeoutMs, () => groups.delete(key))
    groups.set(key, group)
    return group
  }

  return (options, strategy, request, described) => groupOf(options, strategy, described).draw(request)
}

const text = (value: unknown): unknown =>
  value instanceof Uint8Array ? ['bytes', Buffer.from(value).toString('hex')] : [typeof value, String(value)]
