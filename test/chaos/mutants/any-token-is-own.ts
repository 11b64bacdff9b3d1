import type { Template } from '../../../src/sql.ts'
import { FIELDS } from '../../../src/names.ts'
import type { Mutant } from './mutant.ts'

/** Whoever claimed the order: a call that finds out what became of it takes the claim for its own. */
export const mutant: Mutant = {
  adapter: (adapter) => ({
    ...adapter,
    dialect: {
      ...adapter.dialect,
      read: (clauses, lock, surroundings) =>
        adapter.dialect.read({ ...clauses, columns: clauses.columns.map(always) }, lock, surroundings),
    },
  }),
}

/** `(…) as claim_own_token` → `1 as claim_own_token` */
const always = (column: Template): Template =>
  column.sql.endsWith(` as ${FIELDS.ownToken}`) ? { sql: `1 as ${FIELDS.ownToken}`, names: [] } : column
