import type { CallRunner } from '../call-runner.ts'
import { ClaimError } from '../errors.ts'
import { refuseNested } from '../nested.ts'
import { Drain } from './drain.ts'
import type { DrainOptions, DrainResult, RawHandler } from './drain-options.ts'
import { DrainRunner } from './drain-runner.ts'
import { drainTerms } from './drain-terms.ts'

/** Checks what a worker is called with, and runs it. */
export async function runDrain(runner: CallRunner, handler: RawHandler, options: DrainOptions): Promise<DrainResult> {
  const startedAt = performance.now()
  const tell: DrainRunner['tell'] = (what, orderId = null) =>
    runner.tell({ operation: 'drain', orderId, strategy: 'conditional', startedAt, attempt: 1 }, what)
  try {
    const terms = drainTerms(handler, options, runner.config)
    refuseNested(runner.adapter.pool)
    const open = async (): Promise<DrainRunner> =>
      new DrainRunner(runner, await runner.described(null, terms.signal), terms)
    const result = await new Drain(open, terms, tell).run()
    tell({ type: 'outcome', result })
    return result
  } catch (error) {
    if (error instanceof ClaimError && error.code === 'CLAIM_CONFIG') runner.forget()
    tell({ type: 'failed', error })
    throw error
  }
}
