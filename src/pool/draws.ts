import type { Session } from '../adapters/adapter.ts'
import type { SqlValue } from '../sql.ts'
import { padded } from '../padded.ts'
import type { BoundedQueue } from './bounded-queue.ts'
import type { Candidates, DrawAnswer, DrawCall, DrawRequest } from './draw-call.ts'
import { DrawUnit } from './draw-unit.ts'
import { EXPIRED_AT_ONCE } from './expire-unit.ts'
import type { PoolShape } from './pool-names.ts'
import { bindNewToken } from './bind-draw.ts'
import { POOL_NAMES } from './pool-names.ts'
import type { RawDrawOptions } from './pool-options.ts'
import type { PoolProgress, PoolRunner } from './pool-runner.ts'
import type { DescribedPool } from './pool-table.ts'
import { drawFromQueue } from './queued-draws.ts'
import { listOf } from './queue-list.ts'
import { sweep } from './sweep.ts'

/** What is drawn, for whom, and where. */
export interface Draw {
  readonly described: DescribedPool
  readonly requests: readonly DrawRequest[]
  readonly shape: PoolShape
  readonly values: ReadonlyMap<string, SqlValue>
  readonly options: RawDrawOptions
  readonly joined: Session<unknown> | null
  readonly progress: PoolProgress
}

/** Draws for one owner, or for several together. Nobody is told that there are none before what has expired is free. */
export async function draw(
  runner: PoolRunner,
  queue: BoundedQueue | null,
  wanted: Draw,
): Promise<readonly DrawAnswer[]> {
  const { described, requests, options, joined, progress } = wanted
  const fromTable = runner.tableStrategy(described.table)
  const strategy = progress.pick
  const drawFrom = (some: readonly DrawRequest[], candidates: Candidates | null): Promise<readonly DrawAnswer[]> => {
    const how = strategy === 'queue' && candidates === null ? fromTable : strategy
    return drawOnce(runner, { ...wanted, requests: some }, how, candidates)
  }
  let answers =
    strategy === 'queue' && queue !== null
      ? await drawFromQueue(requests, queue, listOf(runner.config, options), drawFrom, (reason, error) =>
          runner.tell(progress, { type: 'queue_fallback', reason, error }),
        )
      : await drawFrom(requests, null)

  for (;;) {
    const without = answers.flatMap(({ is }, index) => (is === 'exhausted' ? [index] : []))
    if (without.length === 0 || described.table.reservedUntil === null) return answers
    // Whether or not there were any left: somebody else may have freed them since this draw has looked.
    const swept = await sweep(runner, described, options, joined, progress)
    const again =
      swept === null
        ? []
        : await drawFrom(
            requests.filter((_request, index) => without.includes(index)),
            null,
          )
    answers = answers.map((answer, index) =>
      answer.is === 'exhausted' ? (again[without.indexOf(index)] ?? { is: 'contended' }) : answer,
    )
    // Those that were freed may not be what was asked for, and others may be over, too.
    if (swept === null || swept.found < EXPIRED_AT_ONCE) return answers
  }
}

async function drawOnce(
  runner: PoolRunner,
  { described, requests, shape, values: given, options, joined, progress }: Draw,
  strategy: DrawCall['strategy'],
  candidates: Candidates | null,
): Promise<readonly DrawAnswer[]> {
  const { table } = described
  const values = new Map(given)
  padded(requests).forEach(({ owner }, index) => values.set(POOL_NAMES.owner(index), owner))
  bindNewToken(values, table)
  const isOne = requests.length === 1 && requests[0]?.count === 1
  const call: DrawCall = {
    ...runner.base(described, options, progress),
    ...described,
    strategy,
    requests,
    shape,
    values,
    reserveMs: options.reserveMs ?? null,
    candidates,
    needsTransaction: strategy === 'skip_locked' || !isOne || options.effect !== undefined,
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
  return await runner.decide(call, runner.bounds(options), joined, progress)
}
