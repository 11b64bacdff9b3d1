import type { HeldOrder } from '../lease/held-order.ts'
import { leaseLost, workTimedOut } from '../lease/lease-errors.ts'
import { idempotencyKeyOf } from '../lease/lease-options.ts'
import { Renewal } from '../lease/renewal.ts'
import { runWork } from '../lease/run-work.ts'
import { NAMES } from '../names.ts'
import type { SqlValue } from '../sql.ts'
import type { TakenOrder } from './drain-call.ts'
import type { DrainRunner } from './drain-runner.ts'
import type { DrainTerms } from './drain-terms.ts'
import type { HandlerErrors } from './handler-errors.ts'

interface Watched {
  /** Fires when `work` has had its time after the run was to stop. */
  readonly stop: AbortSignal
  readonly errors: HandlerErrors
  /** Whether `work` has been begun: from then on something may have been done outside. */
  readonly begun: { work: boolean }
}

/**
 * One order, from its lease to its claim.
 *
 * 1. `work`, where there is any, outside of any transaction; its lease is renewed meanwhile.
 * 2. The order is claimed, guarded by the token, and the effect runs in that transaction.
 *
 * If the process dies before the COMMIT: the lease runs out, and another worker takes over with the same idempotency key.
 */
export async function completeOrder(
  held: HeldOrder,
  order: TakenOrder,
  leasedAt: number,
  terms: DrainTerms,
  runner: DrainRunner,
  watched: Watched,
): Promise<{ readonly recovered: boolean }> {
  const { effect, work } = terms.handler
  const value = work === undefined ? undefined : await worked(work, held, order, leasedAt, terms, runner, watched)
  return await held.complete({
    value,
    lease: order.attempts,
    effect: effect === undefined ? undefined : watched.errors.watch(effect),
    row: runner.knowsAll ? order.columns : undefined,
    bound: runner.bound,
  })
}

async function worked(
  work: NonNullable<DrainTerms['handler']['work']>,
  held: HeldOrder,
  { attempts, columns, ids }: TakenOrder,
  leasedAt: number,
  { leaseMs, workTimeoutMs }: DrainTerms,
  { runner }: DrainRunner,
  { stop, errors, begun }: Watched,
): Promise<unknown> {
  const watchedWork = errors.watch(work)
  const values = new Map<string, SqlValue>(ids.map((id, index) => [NAMES.id(index), id]))
  const idempotencyKey = idempotencyKeyOf({ config: runner.config, values })
  let takenAt = leasedAt
  // The work counts on the time that is left.
  if (performance.now() - leasedAt > leaseMs / 3) {
    takenAt = performance.now()
    if (!(await held.renew(leaseMs))) throw held.keep(leaseLost('before the work was begun'))
  }
  const renewal = new Renewal({
    lease: attempts,
    leaseMs,
    takenAt,
    renew: () => held.renew(leaseMs),
    tell: held.tell,
    lost: () => held.keep(leaseLost('before the work was done')),
  })
  held.tell({ type: 'leased', lease: attempts, leaseMs })
  begun.work = true
  try {
    return await runWork({
      work: () => watchedWork({ ...columns }, { attempt: attempts, idempotencyKey, signal: renewal.signal }),
      renewal,
      callers: stop,
      timeoutMs: workTimeoutMs,
      timedOut: () => held.keep(workTimedOut(workTimeoutMs)),
    })
  } finally {
    // From here on the row's own lock and the token keep others away; a renewal would only wait for us.
    renewal.stop()
  }
}
