import type { Session } from '../adapters/adapter.ts'
import { bindDraw } from './bind-draw.ts'
import { ExpireUnit } from './expire-unit.ts'
import type { ExpireCall, Sweep } from './expire-unit.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { PoolProgress, PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'

/** Frees some reservations of the scope whose time is over. `null`: others had their rows for too long. */
export async function sweep(
  runner: PoolRunner,
  described: DescribedPool,
  { effect: _ofTheDraw, where: _any, ...options }: RawDrawOptions,
  joined: Session<unknown> | null,
  progress: PoolProgress,
): Promise<Sweep | null> {
  const call: ExpireCall = {
    ...runner.base(described, options, progress),
    ...described,
    values: bindDraw(options, described.table).values,
    needsTransaction: false,
    busy: null,
    won: (value) => value as Sweep,
    recovered: null,
    newUnit(this: ExpireCall, session, lockTimeoutMs) {
      return new ExpireUnit(this, session, lockTimeoutMs)
    },
    inDoubt(this: ExpireCall) {
      return { ...this, resolving: true }
    },
  }
  return await runner.decide(call, runner.bounds(options), joined, progress)
}
