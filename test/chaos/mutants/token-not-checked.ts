import { NAMES } from '../../../src/names.ts'
import type { Mutant } from './mutant.ts'
import { withUpdates } from './mutant.ts'

/** Whoever has worked on an order completes it, though it was taken over meanwhile. */
export const mutant: Mutant = {
  adapter: withUpdates((part, where) => (where && part.names.includes(NAMES.token) ? null : part)),
}
