import type { Mutant } from './mutant.ts'
import { withUpdates } from './mutant.ts'

/** Times are those of whoever writes them, and not of the database. */
export const mutant: Mutant = {
  adapter: withUpdates((part) => ({ ...part, sql: part.sql.replaceAll('utc_timestamp(6)', ownTime()) })),
}

/** Beside the database's time, by what this process' clock is off: statements are built once, and kept. */
function ownTime(): string {
  const offMs = Date.now() - (performance.timeOrigin + performance.now())
  return `timestampadd(second, ${Math.round(offMs / 1000)}, utc_timestamp(6))`
}
