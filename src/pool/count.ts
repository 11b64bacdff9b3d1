import type { Row } from '../adapters/adapter.ts'
import { asText } from '../dialects/values.ts'
import { readingCall } from '../read-unit.ts'
import type { SqlValue, Template } from '../sql.ts'
import { bindDraw } from './bind-draw.ts'
import type { Stock } from './pool-config.ts'
import { POOL_FIELDS } from './pool-names.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { PoolCounts } from './pool-outcome.ts'
import type { PoolProgress, PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'

/** `null`: it took too long. */
export async function countItems(
  runner: PoolRunner,
  described: DescribedPool,
  options: RawDrawOptions,
): Promise<PoolCounts | null> {
  const { shape, values } = bindDraw(options, described.table)
  const states = (['free', 'taken', 'reserved'] as const).slice(0, described.table.reservedUntil === null ? 2 : 3)
  const templates = states.map((state) => described.reads.count(state, shape))
  return await read(
    runner,
    described,
    options,
    runner.progress(null),
    templates,
    values,
    ([free, taken, reserved]) => ({
      free: numberIn(free),
      taken: numberIn(taken),
      reserved: numberIn(reserved),
    }),
  )
}

/** How many free items there are; no more than so many are counted. */
export async function freeAtMost(
  runner: PoolRunner,
  { scope, where }: Omit<Stock, 'free'>,
  most: number,
  progress: PoolProgress,
): Promise<number> {
  const described = await runner.described(null, undefined)
  const options = { ...(scope === undefined ? {} : { scope }), where } as RawDrawOptions
  const { shape, values } = bindDraw(options, described.table)
  const templates = [described.reads.someFree(most, shape)]
  const free = await read(runner, described, options, progress, templates, values, ([rows]) => rows?.length ?? 0)
  return free ?? most
}

/** Reads, and changes nothing. `null`: it took too long. */
export async function read<Result>(
  runner: PoolRunner,
  described: DescribedPool,
  options: RawDrawOptions,
  progress: PoolProgress,
  templates: readonly Template[],
  values: ReadonlyMap<string, SqlValue>,
  result: (rows: readonly (readonly Row[])[]) => Result,
): Promise<Result | null> {
  const base = { ...runner.base(described, options, progress), table: described.table }
  const call = readingCall(base, { templates, values, result })
  return await runner.decide(call, runner.bounds(options), null, progress)
}

const numberIn = (rows: readonly Row[] | undefined): number => Number(asText(rows?.[0]?.[POOL_FIELDS.found]) ?? 0)
