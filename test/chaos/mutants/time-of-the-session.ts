import type { Mutant } from './mutant.ts'
import { withUpdates } from './mutant.ts'

/** Times are those of the session's time zone. */
export const mutant: Mutant = {
  adapter: withUpdates((part) => ({ ...part, sql: part.sql.replaceAll('utc_timestamp(6)', 'current_timestamp(6)') })),
}
