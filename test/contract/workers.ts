import type { RawLeaseOptions, WorkContext } from '../../src/options.ts'
import type { LeaseResult } from '../../src/outcome.ts'
import { heldWork } from '../support/held-work.ts'
import { LEASE_MS } from './leased-order.ts'
import type { TestedClaims } from './subject.ts'

/** Somebody who has leased an order, and works until told to end. */
export interface Worker extends WorkContext {
  readonly result: Promise<LeaseResult<unknown>>
  /** The work returns this. Gives what `leaseOnce` then comes to. */
  readonly end: (value?: unknown) => Promise<LeaseResult<unknown>>
  /** The work throws this. */
  readonly fail: (error: unknown) => Promise<LeaseResult<unknown>>
}

/** Begins to work for an order. Throws where it is not leased. */
export type StartWork = (
  claims: TestedClaims,
  id: number,
  options?: Partial<Omit<RawLeaseOptions, 'work'>>,
) => Promise<Worker>

/** Runs a case with workers. Whoever still works when it ends, for whatever reason, ends then. */
export async function withWorkers(run: (startWork: StartWork) => Promise<void>): Promise<void> {
  const started: Worker['end'][] = []
  const startWork: StartWork = async (claims, id, options = {}) => {
    const { work, context, end, fail } = heldWork()
    const result = claims.leaseOnce(id, { leaseMs: LEASE_MS, ...options, work })
    result.catch(() => {})
    const after = (change: (value: unknown) => void) => (value?: unknown) => {
      change(value)
      return result
    }
    started.push(after(end))
    const notLeased = result.then(({ outcome }): never => {
      throw new Error(`The order is not leased: ${outcome}.`)
    })
    return { ...(await Promise.race([context, notLeased])), result, end: after(end), fail: after(fail) }
  }
  try {
    await run(startWork)
  } finally {
    await Promise.allSettled(started.map((end) => end()))
  }
}
