import { fixed, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import { RefusedValue } from './codec.ts'
import type { ClockCodec, Codec, LeaseCodec, VersionCodec } from './codec.ts'
import type { ColumnDescription } from './dialect.ts'
import { encodeBytes, encodeDecimal, encodeInteger, encodeText, encodeUuid } from './values.ts'

type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric' | 'uuid'

/** The rules in their order. https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
function affinity({ type }: ColumnDescription): Affinity {
  if (type === 'uuid') return 'uuid' // numeric by the rules; but no uuid looks like a number
  if (type.includes('int')) return 'integer'
  if (/char|clob|text/.test(type)) return 'text'
  if (type.includes('blob') || type.includes('binary')) return 'blob'
  if (/real|floa|doub/.test(type)) return 'real'
  return 'numeric'
}

export function sqliteCodec(column: ColumnDescription): Codec | null {
  switch (affinity(column)) {
    case 'integer':
      return integer
    case 'text':
      return text('text', encodeText)
    case 'uuid':
      return text('uuid', encodeUuid)
    case 'blob':
      return bytes(column)
    case 'numeric':
      return column.type === '' ? null : numeric
    case 'real':
      return null // floats have no exact values to compare
  }
}

/** `id = ?` alone finds order 1 for `' 1'`, `'01'` and `'1e0'`; the second condition compares what is written. */
const integer: Codec = {
  kind: 'integer',
  encode: encodeInteger,
  equals: (name, value) => sql`${name} = ${value}\n  and cast(${name} as text) = ${value}`,
  matches: (name, value) => sql`${name} is ${value}\n  and cast(${name} as text) is ${value}`,
  text: (name) => sql`cast(${name} as text)`,
}

/** The bytes are compared beside: the column may be `collate nocase` or `rtrim`. */
const text = (kind: string, encode: Codec['encode']): Codec => ({
  kind,
  encode,
  equals: (name, value) => sql`${name} = ${value}\n  and cast(${name} as blob) = cast(${value} as blob)`,
  matches: (name, value) => sql`${name} is ${value}\n  and cast(${name} as blob) is cast(${value} as blob)`,
  text: (name) => sql`cast(${name} as text)`,
})

/** `blob(16)`, or a name with `uuid` in it, takes the text of a uuid too. */
function bytes({ type }: ColumnDescription): Codec {
  const length = /\((\d+)\)/.exec(type)?.[1]
  return {
    kind: length === undefined ? 'bytes' : `${length} bytes`,
    encode: (value) => encodeBytes(value, length === undefined ? null : Number(length)),
    equals: (name, value) => sql`${name} = ${value}`,
    matches: (name, value) => sql`${name} is ${value}`,
    text: (name) => sql`lower(hex(${name}))`,
  }
}

/**
 * DECIMAL is kept as an integer or a double: 15 significant digits are sure to come back, so more are refused.
 * https://www.sqlite.org/floatingpoint.html
 */
const numeric: Codec = {
  kind: 'decimal',
  encode(value) {
    const decimal = encodeDecimal(value)
    if (typeof decimal === 'string' && decimal.replace(/^-?0*\.?0*|\./g, '').length > 15) {
      throw new RefusedValue(`is '${decimal}': SQLite keeps no more than 15 significant digits of a decimal`)
    }
    return decimal
  },
  equals: (name, value) => sql`${name} = cast(${value} as numeric)`,
  matches: (name, value) => sql`${name} is cast(${value} as numeric)`,
  text: (name) => sql`cast(${name} as text)`,
}

const isTime = ({ type }: ColumnDescription): boolean => /timestamp|datetime/.test(type)

/** An integer that counts. A time is taken too; SQLite's clock gives milliseconds, and the status guard stands beside. */
export function sqliteVersion(column: ColumnDescription): VersionCodec | null {
  if (affinity(column) === 'integer') return { ...integer, next: (name) => sql`coalesce(${name}, 0) + 1` }
  if (!isTime(column)) return null
  return { ...text('time', encodeText), next: () => fixed(`strftime('%Y-%m-%d %H:%M:%f', 'now')`) }
}

/** Text in ISO 8601, UTC; or, in an integer column, seconds since 1970. */
export function sqliteClock(column: ColumnDescription): ClockCodec | null {
  if (affinity(column) === 'integer') {
    return { kind: 'time', now: fixed('unixepoch()'), milliseconds: (name: Template) => sql`${name} * 1000` }
  }
  if (affinity(column) === 'text' || isTime(column)) {
    return {
      kind: 'time',
      now: fixed(`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`),
      milliseconds: (name: Template) => sql`cast(round((julianday(${name}) - 2440587.5) * 86400000) as integer)`,
    }
  }
  return null
}

/** The same; of whole seconds one more than it takes, because a part of the present one has passed. */
export function sqliteLease(column: ColumnDescription): LeaseCodec | null {
  const clock = sqliteClock(column)
  if (clock === null) return null
  if (affinity(column) === 'integer') {
    return {
      ...clock,
      after: (ms) => sql`unixepoch() + (cast(${ms} as integer) + 1999) / 1000`,
      remainingMs: (name) => sql`(${name} - unixepoch()) * 1000`,
    }
  }
  return {
    ...clock,
    after: (ms) => sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (${ms} / 1000.0) || ' seconds')`,
    remainingMs: (name) => sql`cast(round((julianday(${name}) - julianday('now')) * 86400000) as integer)`,
  }
}
