import type { Session } from '../adapters/adapter.ts'
import type { CallBase } from '../call.ts'
import { bindDraw, bindOwner } from './bind-draw.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { ReleaseResult } from './pool-outcome.ts'
import type { PoolProgress, PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'
import { ReleaseUnit } from './release-unit.ts'

/** Gives back everything that an owner has. */
export async function release(
  runner: PoolRunner,
  described: DescribedPool,
  owner: unknown,
  options: RawDrawOptions,
  joined: Session<unknown> | null,
  progress: PoolProgress,
): Promise<ReleaseResult> {
  const { table, changes } = described
  const { values } = bindDraw(options, table)
  values.set(POOL_NAMES.owner(0), bindOwner(owner, table))
  const nothing: ReleaseResult = { outcome: 'nothing_held' }
  const call: CallBase<ReleaseResult> = {
    ...runner.base(described, options, progress),
    table,
    needsTransaction: false,
    busy: { outcome: 'busy' },
    won: (items) => ({ outcome: 'released', items: Number(items) }),
    recovered: null,
    newUnit(session, lockTimeoutMs) {
      return new ReleaseUnit(this, session, lockTimeoutMs, (alone) => changes.release(alone), values, nothing)
    },
    inDoubt: () => null,
  }
  return await runner.decide(call, runner.bounds(options), joined, progress)
}
