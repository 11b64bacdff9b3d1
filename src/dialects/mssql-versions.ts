import { fixed, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import type { ClockCodec, LeaseCodec, VersionCodec } from './codec.ts'
import type { ColumnDescription } from './dialect.ts'
import { baseType, integer, RANGES } from './mssql-columns.ts'
import { encodeBytes } from './values.ts'

/**
 * `rowversion` (the old name is `timestamp`) is eight bytes that the server moves on with every update of the row. It is
 * read and compared as bytes: through a number it would be rounded.
 * https://learn.microsoft.com/sql/t-sql/data-types/rowversion-transact-sql
 */
export function mssqlVersion(column: ColumnDescription): VersionCodec | null {
  const type = baseType(column)
  if (type === 'timestamp' || type === 'rowversion') {
    const equals = (name: Template, value: Template): Template => sql`${name} = cast(${value} as varbinary(8))`
    return {
      kind: 'rowversion',
      encode: (value) => encodeBytes(value, 8),
      equals,
      matches: equals,
      text: (name) => sql`cast(${name} as varbinary(8))`,
      next: null,
    }
  }
  const range = RANGES[type]
  if (range === undefined || type === 'bit') return null
  return { ...integer(type, range), next: (name) => sql`coalesce(${name}, 0) + 1` }
}

/** What has no time zone is written and read as UTC. An integer holds seconds since 1970. */
export function mssqlClock(column: ColumnDescription): ClockCodec | null {
  const type = baseType(column)
  const now = fixed('sysutcdatetime()')
  if (type === 'datetime2' || type === 'datetime' || type === 'smalldatetime') {
    const epoch = fixed("cast('1970-01-01' as datetime2(7))")
    return { kind: 'time', now, milliseconds: (name) => sql`datediff_big(millisecond, ${epoch}, ${name})` }
  }
  if (type === 'datetimeoffset') {
    const epoch = fixed("cast('1970-01-01 00:00:00 +00:00' as datetimeoffset(7))")
    return { kind: 'time', now, milliseconds: (name) => sql`datediff_big(millisecond, ${epoch}, ${name})` }
  }
  if (type === 'int' || type === 'bigint') {
    const seconds = fixed("datediff_big(second, cast('1970-01-01' as datetime2(7)), sysutcdatetime())")
    return { kind: 'time', now: seconds, milliseconds: (name) => sql`cast(${name} as bigint) * 1000` }
  }
  return null
}

/**
 * The same, with milliseconds at least (DATETIME has 1/300 s); of whole seconds one more than it takes, because a part of
 * the present one has passed.
 */
export function mssqlLease(column: ColumnDescription): LeaseCodec | null {
  const clock = mssqlClock(column)
  const type = baseType(column)
  if (clock === null || type === 'smalldatetime') return null
  if (type === 'int' || type === 'bigint') {
    return {
      ...clock,
      after: (ms) => sql`${clock.now} + (cast(${ms} as bigint) + 1999) / 1000`,
      remainingMs: (name) => sql`(cast(${name} as bigint) - ${clock.now}) * 1000`,
    }
  }
  if (/^datetime(?:2|offset)\([0-2]\)/.test(column.type)) return null
  return {
    ...clock,
    after: (ms) => sql`dateadd(millisecond, cast(${ms} as int), sysutcdatetime())`,
    remainingMs: (name) => sql`datediff_big(millisecond, ${clock.now}, ${name})`,
  }
}
