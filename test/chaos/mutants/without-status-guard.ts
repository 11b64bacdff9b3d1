import { withoutGuards } from '../../races/worker/without-guards.ts'
import type { Mutant } from './mutant.ts'

/** The UPDATE claims whatever the order's status is. */
export const mutant: Mutant = { adapter: (adapter) => withoutGuards(adapter, ['status guard']) }
