import { fixed, sql } from '../sql.ts'
import type { SqlValue, Template } from '../sql.ts'
import { RefusedValue } from './codec.ts'
import type { ColumnDescription } from './dialect.ts'
import { bytesParameter, canHold } from './mssql-columns.ts'
import { describeValue } from './values.ts'

/** Values go as text or bytes, for the server to convert. A `Date` is written in UTC, as mssql does by default. */
export function mssqlSetValue(value: unknown, column: ColumnDescription): SqlValue {
  const isBytes = column.type.includes('binary')
  if (value === null) return null
  if (value instanceof Uint8Array) {
    if (isBytes) return bytesParameter(value)
    throw new RefusedValue(`is a Buffer, and the column is ${column.type}`)
  }
  if (isBytes) throw new RefusedValue(`is ${describeValue(value)}. A column of type ${column.type} takes a Buffer`)
  if (value instanceof Date) return dateText(value, column)
  if (typeof value === 'string') return writtenText(value, column)
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  throw new RefusedValue(`is ${describeValue(value)}, which is no value of a column`)
}

/** What the server would make of it without a word: 1900-01-01 or 0 of nothing, a question mark of what it cannot hold. */
function writtenText(value: string, { type, characterSet }: ColumnDescription): string {
  if (value.trim() === '' && !/char|text|xml|variant/.test(type)) {
    throw new RefusedValue(`is empty, and the column is ${type}. Leave it out, or give null`)
  }
  if (!canHold(characterSet, value))
    throw new RefusedValue(`has characters that ${type} in ${characterSet} cannot hold`)
  return value
}

function dateText(value: Date, { type }: ColumnDescription): string {
  if (Number.isNaN(value.getTime())) throw new RefusedValue('is an invalid Date')
  const text = value.toISOString()
  if (type.startsWith('datetimeoffset')) return text
  return type === 'date' ? text.slice(0, 10) : text.slice(0, -1)
}

/** For a comparison by order: a column of another type than its parameter would be converted, row by row. */
export function typedParameter(value: Template, { type, collation }: ColumnDescription): Template {
  const own = collation === null ? value : sql`${value} collate ${fixed(collation)}`
  return sql`cast(${own} as ${fixed(type)})`
}

/** Text goes into most columns as it is; there is no implicit way from text to money or bytes, nor a safe one to dates. */
export function castParameter(value: Template, { type }: ColumnDescription): Template {
  if (type.includes('binary')) return sql`cast(${value} as varbinary(max))`
  if (type.includes('money')) return sql`cast(${value} as ${fixed(type)})`
  if (/^(?:small)?datetime$/.test(type)) return sql`cast(${value} as datetime2(7))`
  return value
}
