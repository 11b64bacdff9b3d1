import type { VersionCodec } from './dialects/codec.ts'
import { NAMES } from './names.ts'
import { fixed, parameter, sql } from './sql.ts'
import type { Template } from './sql.ts'
import type { Shape } from './statements.ts'
import { columnOf } from './table.ts'
import type { Column, Table, TypedColumn } from './table.ts'
import type { Write } from './transitions.ts'

/** What a change writes, beside the status. Without the column: nothing. `written` assigns the parameter of a name. */
export function assignmentsOf(
  write: Write,
  shape: Shape,
  table: Table,
  written: (column: Column, name: string) => Template,
): readonly (Template | null)[] {
  const { version, token, claimedAt, paymentId, leaseUntil, dueAt, attempts, lastError, result } = table
  switch (write) {
    case 'next version':
      return [version && moved(version)]
    case 'token':
      return [token && written(token, NAMES.token)]
    case 'no token':
      return [token && cleared(token)]
    case 'claimed now':
      return [claimedAt && assign(claimedAt, claimedAt.codec.now)]
    case 'not claimed':
      return [claimedAt && cleared(claimedAt)]
    case 'payment':
      return [shape.paymentId ? paymentId && written(paymentId, NAMES.paymentId) : null]
    case 'no payment':
      return [paymentId && cleared(paymentId)]
    case 'no payment unless due':
      return [paymentId && dueAt === null ? cleared(paymentId) : null]
    case 'lease':
      return [leaseUntil && assign(leaseUntil, leaseUntil.codec.after(parameter(NAMES.leaseMs)))]
    case 'lease over now':
      return [leaseUntil && assign(leaseUntil, leaseUntil.codec.now)]
    case 'no lease':
      return [leaseUntil && cleared(leaseUntil)]
    case 'not due':
      return [dueAt && cleared(dueAt)]
    case 'due now':
      return [dueAt && assign(dueAt, dueAt.codec.now)]
    case 'due now unless it has a time':
      return [dueAt && assign(dueAt, sql`coalesce(${dueAt.sql}, ${dueAt.codec.now})`)]
    case 'due after the lease':
      return [dueAt && assign(dueAt, dueAt.codec.after(parameter(NAMES.leaseMs)))]
    case 'due later':
      return [dueAt && assign(dueAt, dueAt.codec.after(parameter(NAMES.pauseMs)))]
    case 'one more attempt':
      return [attempts && assign(attempts, sql`coalesce(${attempts.sql}, 0) + 1`)]
    case 'one attempt less':
      return [attempts && assign(attempts, sql`case when ${attempts.sql} > 0 then ${attempts.sql} - 1 else 0 end`)]
    case 'no attempts':
      return [attempts && assign(attempts, fixed('0'))]
    case 'error':
      return [lastError && written(lastError, NAMES.error)]
    case 'no error':
      return [lastError && cleared(lastError)]
    case 'result':
      return [result && written(result, NAMES.result)]
    case 'no result':
      return [result && assign(result, fixed(result.description.nullable ? 'null' : "'null'"))]
    case 'set':
      return shape.set.map((name) => written(columnOf(table, name), NAMES.set(name)))
  }
}

export const assign = (column: { readonly sql: Template }, value: Template): Template => sql`${column.sql} = ${value}`

/** `null`: the server moves the version by itself, on every update. */
const moved = (version: TypedColumn<VersionCodec>): Template | null =>
  version.codec.next === null ? null : assign(version, version.codec.next(version.sql))

/** NULL; where the column allows none, the empty text, or what is there already. */
export function cleared(column: TypedColumn<{ readonly kind: string }>): Template {
  if (column.description.nullable) return assign(column, fixed('null'))
  return assign(column, column.codec.kind === 'text' ? fixed("''") : column.sql)
}
