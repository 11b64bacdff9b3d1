import type { Dialect } from '../../dialects/dialect.ts'
import type { Statement } from '../../sql.ts'
import type { StatementKind } from './fault.ts'

/** Every statement of a claim begins a clause with a line: its UPDATE stands behind settings, and `for update` is none. */
const UPDATES = /^update\b/im
const READS = /^select\b/im

/** What a statement of a claim is for. */
export function kindOf({ sql, control }: Statement, dialect: Dialect): StatementKind {
  if (control !== undefined) return control
  if (sql === dialect.begin.sql) return 'begin'
  if (sql === dialect.commit.sql) return 'commit'
  if (sql === dialect.rollback.sql) return 'rollback'
  if (UPDATES.test(sql)) return 'update'
  return READS.test(sql) ? 'read' : 'other'
}
