import type { Session } from '../adapters/adapter.ts'
import { bindDraw, bindNewToken, bindOwner } from './bind-draw.ts'
import { ConfirmUnit } from './confirm-unit.ts'
import type { Confirmation, ConfirmCall } from './confirm-unit.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { ConfirmResult } from './pool-outcome.ts'
import type { PoolProgress, PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'
import { confirmResult } from './results.ts'

/** What an owner has reserved is his for good. */
export async function confirm(
  runner: PoolRunner,
  described: DescribedPool,
  owner: unknown,
  options: RawDrawOptions,
  joined: Session<unknown> | null,
  progress: PoolProgress,
): Promise<ConfirmResult<unknown, unknown>> {
  const { table } = described
  const { shape, values } = bindDraw(options, table)
  const request = { owner: bindOwner(owner, table), count: 1 }
  values.set(POOL_NAMES.owner(0), request.owner)
  bindNewToken(values, table)
  const call: ConfirmCall = {
    ...runner.base(described, options, progress),
    ...described,
    request,
    shape,
    values,
    needsTransaction: options.effect !== undefined,
    busy: { is: 'busy' },
    won: (value) => value as Confirmation,
    recovered: null,
    newUnit(this: ConfirmCall, session, lockTimeoutMs) {
      return new ConfirmUnit(this, session, lockTimeoutMs)
    },
    // It begins with the question what the owner has.
    inDoubt(this: ConfirmCall) {
      return { ...this, resolving: true }
    },
  }
  return confirmResult(await runner.decide(call, runner.bounds(options), joined, progress), joined !== null)
}
