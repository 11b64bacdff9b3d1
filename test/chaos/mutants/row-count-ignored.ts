import { withoutGuards } from '../../races/worker/without-guards.ts'
import type { Mutant } from './mutant.ts'

/** An UPDATE that changed no row has won all the same. */
export const mutant: Mutant = { adapter: (adapter) => withoutGuards(adapter, ['row count']) }
