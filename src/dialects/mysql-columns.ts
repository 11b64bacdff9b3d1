import { fixed, sql } from '../sql.ts'
import type { Template } from '../sql.ts'
import type { ClockCodec, Codec, LeaseCodec, VersionCodec } from './codec.ts'
import type { ColumnDescription } from './dialect.ts'
import {
  charactersOfPage,
  encodeBytes,
  encodeDateTime,
  encodeDecimal,
  encodeInteger,
  encodeText,
  encodeUuid,
} from './values.ts'

/** `varchar(64)` → `varchar`, `bigint(20) unsigned zerofill` → `bigint`. */
const baseType = (column: ColumnDescription): string => /^[a-z]+/.exec(column.type)?.[0] ?? column.type

const INTEGERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year']
const TEXTS = ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum']
const BYTES = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']

export function mysqlCodec(column: ColumnDescription): Codec | null {
  const type = baseType(column)
  if (INTEGERS.includes(type)) return integer(column)
  if (TEXTS.includes(type)) return text(column)
  if (BYTES.includes(type)) return bytes(column)
  if (type === 'uuid') return uuid
  if (type === 'decimal') return decimal
  if (type === 'datetime' || type === 'timestamp' || type === 'date') return dateTime
  return null // float, double, bit, json, geometry: nothing that could be compared exactly
}

/**
 * `id = ?` alone finds order 1 for `' 1'`, `'1.0'` and `'1e0'`; the second condition compares what is written. The
 * first one keeps the index. The parameter is always a string: MySQL keeps a prepared parameter's type, and once it
 * has been a number, strings are compared as floating point.
 * https://dev.mysql.com/doc/refman/9.0/en/type-conversion.html
 */
function integer(column: ColumnDescription): Codec {
  const zerofill = column.type.includes('zerofill') ? Number(/\((\d+)\)/.exec(column.type)?.[1] ?? 0) : 0
  // A ZEROFILL column shows its number padded; the cast takes the padding off again.
  const digits = (name: Template): Template =>
    zerofill > 0 ? sql`cast(cast(${name} as unsigned) as char)` : sql`cast(${name} as char)`
  return {
    kind: 'integer',
    encode: (value) =>
      typeof value === 'string' && value.length === zerofill && /^0*\d+$/.test(value)
        ? encodeInteger(value.replace(/^0+(?=\d)/, ''))
        : encodeInteger(value),
    equals: (name, value) => sql`${name} = ${value}\n  and ${digits(name)} = ${value}`,
    matches: (name, value) => sql`${name} <=> ${value}\n  and ${digits(name)} <=> ${value}`,
    text: digits,
  }
}

/**
 * The first condition has the column's own character set and collation, whatever those of the connection are: else a
 * parameter that the column's character set cannot hold makes the server convert the *column*, which scans and locks
 * the whole table. The second compares bytes: collations take `a`, `á`, `A` and `a ` for the same.
 */
function text(column: ColumnDescription): Codec {
  const native = column.characterSet !== null && column.collation !== null
  const converted = (value: Template): Template =>
    native ? sql`convert(${value} using ${fixed(column.characterSet)}) collate ${fixed(column.collation)}` : value
  const exact = (value: Template): Template => sql`cast(convert(${value} using utf8mb4) as binary)`
  return {
    kind: 'text',
    encode(value) {
      const given = encodeText(value)
      return typeof given === 'string' && canHold(column.characterSet, given) ? given : undefined
    },
    equals: (name, value) => sql`${name} = ${converted(value)}\n  and ${exact(name)} = ${exact(value)}`,
    matches: (name, value) => sql`${name} <=> ${converted(value)}\n  and ${exact(name)} <=> ${exact(value)}`,
    text: (name) => sql`cast(${name} as char)`,
  }
}

/** MySQL's latin1 is Windows-1252. https://dev.mysql.com/doc/refman/9.0/en/charset-we-sets.html */
const LATIN1 = charactersOfPage('1252')

/**
 * What a character set cannot hold, no row of the column does; and under a strict sql_mode MariaDB answers the attempt
 * to convert it with an error. Of sets that are not listed the server is asked.
 */
function canHold(characterSet: string | null, text: string): boolean {
  const every = (isHeld: (character: string) => boolean): boolean => Array.from(text).every(isHeld)
  if (characterSet === 'ascii') return every((character) => character <= '\x7f')
  if (characterSet === 'latin1') return every((character) => LATIN1.has(character))
  if (characterSet === 'utf8mb3' || characterSet === 'utf8') return every(({ length }) => length === 1)
  return true
}

/** `binary(16)` takes a uuid too. Bytes are compared as bytes, so one condition is exact. */
function bytes(column: ColumnDescription): Codec {
  const length = baseType(column) === 'binary' ? column.maxLength : null
  return {
    kind: length === null ? 'bytes' : `${length} bytes`,
    encode: (value) => encodeBytes(value, length),
    equals: (name, value) => sql`${name} = ${value}`,
    matches: (name, value) => sql`${name} <=> ${value}`,
    text: (name) => sql`lower(hex(${name}))`,
  }
}

/** MariaDB's own type. It reads many spellings; ours is the canonical one. */
const uuid: Codec = {
  kind: 'uuid',
  encode: encodeUuid,
  equals: (name, value) => sql`${name} = ${value}\n  and cast(${name} as char) = ${value}`,
  matches: (name, value) => sql`${name} <=> ${value}\n  and cast(${name} as char) <=> ${value}`,
  text: (name) => sql`cast(${name} as char)`,
}

/** The cast holds every digit that `encodeDecimal` lets through, so nothing is rounded into a match. */
const decimal: Codec = {
  kind: 'decimal',
  encode: encodeDecimal,
  equals: (name, value) => sql`${name} = cast(${value} as decimal(65, 30))`,
  matches: (name, value) => sql`${name} <=> cast(${value} as decimal(65, 30))`,
  text: (name) => sql`cast(${name} as char)`,
}

const dateTime: Codec = {
  kind: 'date or time',
  encode: encodeDateTime,
  equals: (name, value) => sql`${name} = cast(${value} as datetime(6))`,
  matches: (name, value) => sql`${name} <=> cast(${value} as datetime(6))`,
  text: (name) => sql`cast(${name} as char)`,
}

/**
 * An integer that counts, or a time with microseconds. Two writers within one microsecond share a time, and a clock
 * may be set back; so ours always moves it forward, and the status guard stands beside it.
 */
export function mysqlVersion(column: ColumnDescription): VersionCodec | null {
  const type = baseType(column)
  if (INTEGERS.includes(type) && type !== 'year') {
    return { ...integer(column), next: (name) => sql`coalesce(${name}, 0) + 1` }
  }
  if (/^(?:timestamp|datetime)\(6\)/.test(column.type)) {
    const next = (name: Template): Template =>
      sql`greatest(current_timestamp(6), coalesce(${name} + interval 1 microsecond, current_timestamp(6)))`
    return { ...dateTime, next }
  }
  return null
}

/**
 * A DATETIME has no time zone: it is written and read as UTC. A TIMESTAMP is an instant that is shown in the
 * session's zone: `utc_timestamp()` written into it would be shifted. An integer holds seconds since 1970.
 */
export function mysqlClock(column: ColumnDescription): ClockCodec | null {
  const type = baseType(column)
  if (type === 'datetime') {
    return {
      kind: 'time',
      now: fixed('utc_timestamp(6)'),
      milliseconds: (name) => sql`timestampdiff(microsecond, '1970-01-01 00:00:00', ${name}) div 1000`,
    }
  }
  if (type === 'timestamp') {
    return {
      kind: 'time',
      now: fixed('current_timestamp(6)'),
      milliseconds: (name) => sql`floor(unix_timestamp(${name}) * 1000)`,
    }
  }
  if (type === 'int' || type === 'bigint') {
    return { kind: 'time', now: fixed('unix_timestamp()'), milliseconds: (name) => sql`${name} * 1000` }
  }
  return null
}

/**
 * Only what does not depend on the session's time zone, where an hour comes twice in autumn: a DATETIME in UTC, with
 * milliseconds at least, or an integer of seconds: one more than it takes, because a part of the present one has passed.
 */
export function mysqlLease(column: ColumnDescription): LeaseCodec | null {
  const clock = mysqlClock(column)
  if (clock === null || baseType(column) === 'timestamp') return null
  if (baseType(column) !== 'datetime') {
    return {
      ...clock,
      after: (ms) => sql`unix_timestamp() + ceiling(cast(${ms} as signed) / 1000) + 1`,
      remainingMs: (name) => sql`(cast(${name} as signed) - unix_timestamp()) * 1000`,
    }
  }
  if (!/\([3-6]\)/.test(column.type)) return null
  return {
    ...clock,
    after: (ms) => sql`timestampadd(microsecond, cast(${ms} as signed) * 1000, utc_timestamp(6))`,
    remainingMs: (name) => sql`timestampdiff(microsecond, utc_timestamp(6), ${name}) div 1000`,
  }
}
