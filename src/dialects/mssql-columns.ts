import type { Row } from '../adapters/adapter.ts'
import { fixed, sql } from '../sql.ts'
import type { SqlValue, Template } from '../sql.ts'
import { RefusedValue } from './codec.ts'
import type { Codec } from './codec.ts'
import type { ColumnDescription } from './dialect.ts'
import {
  asText,
  charactersOfPage,
  encodeBytes,
  encodeDateTime,
  encodeDecimal,
  encodeInteger,
  encodeText,
  encodeUuid,
} from './values.ts'

const UTF_8 = '65001'

/** One row of `sys.columns`. Lengths are in bytes there, -1 is `max`. */
export function describeMssqlColumn(row: Row): ColumnDescription {
  const base = String(row['type']).toLowerCase()
  const bytes = Number(row['max_length'])
  const wide = base === 'nchar' || base === 'nvarchar'
  const sized = wide || ['char', 'varchar', 'binary', 'varbinary'].includes(base)
  const length = bytes < 0 ? null : wide ? bytes / 2 : bytes
  const codePage = asText(row['code_page'])
  const suffix = sized
    ? `(${length ?? 'max'})`
    : base === 'decimal' || base === 'numeric'
      ? `(${Number(row['precision'])},${Number(row['scale'])})`
      : ['datetime2', 'datetimeoffset', 'time'].includes(base)
        ? `(${Number(row['scale'])})`
        : ''
  return {
    name: String(row['name']),
    type: base + suffix,
    nullable: row['is_nullable'] === true || Number(row['is_nullable']) === 1,
    characterSet: wide || codePage === null ? null : codePage === UTF_8 ? 'utf8' : `cp${codePage}`,
    collation: asText(row['collation']),
    members: null,
    maxLength: sized ? length : null,
  }
}

/** `varchar(64)` → `varchar`. */
export const baseType = ({ type }: ColumnDescription): string => /^[a-z]+2?/.exec(type)?.[0] ?? type

/** The values an integer column holds. Anything else would be an overflow, and not an unknown order. */
export const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  bit: [0n, 1n],
  tinyint: [0n, 255n],
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
}

export function mssqlCodec(column: ColumnDescription): Codec | null {
  const type = baseType(column)
  const range = RANGES[type]
  if (range !== undefined) return integer(type, range)
  switch (type) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return text(column)
    case 'binary':
    case 'varbinary':
      return bytes(column)
    case 'uniqueidentifier':
      return uuid
    case 'decimal':
    case 'numeric':
      return decimal(Number(/\((\d+),/.exec(column.type)?.[1]), Number(/,(\d+)\)/.exec(column.type)?.[1]))
    case 'money':
      return decimal(19, 4)
    case 'smallmoney':
      return decimal(10, 4)
    case 'date':
    case 'datetime2':
    case 'smalldatetime':
      return dateTime((value) => sql`cast(${value} as datetime2(7))`)
    case 'datetime':
      // It holds 1/300 s: what is written with three digits means the nearest of them.
      return dateTime((value) => sql`cast(cast(cast(${value} as datetime2(3)) as datetime) as datetime2(7))`)
    default:
      return null // float, real, text, xml, sql_variant, datetimeoffset, time: nothing that could be compared exactly
  }
}

/**
 * A parameter arrives as NVARCHAR, which ranks above the column's type: the server would convert the *column*, scan
 * the table and lock what it has scanned. Cast to the column's own type and collation, it is sought in the index.
 * https://learn.microsoft.com/sql/t-sql/data-types/data-type-precedence-transact-sql
 */
export function cast(parameter: string, column: ColumnDescription): string {
  const { collation, type, maxLength } = column
  if (collation === null) return `cast(${parameter} as ${type})`
  const target = maxLength === null ? type.replace(/\(.*/, '(max)') : type
  return `cast(${parameter} collate ${collation} as ${target})`
}

/** The parameter is what a canonical integer looks like, within the column's range: one condition is exact. */
export function integer(type: string, [least, greatest]: readonly [bigint, bigint]): Codec {
  const typed = (value: Template): Template => sql`cast(${value} as ${fixed(type)})`
  return {
    kind: 'integer',
    encode(value) {
      const canonical = encodeInteger(value)
      if (typeof canonical !== 'string') return undefined
      const number = BigInt(canonical)
      return number >= least && number <= greatest ? canonical : undefined
    },
    equals: (name, value) => sql`${name} = ${typed(value)}`,
    matches: (name, value) => orBothNull(sql`${name} = ${typed(value)}`, name, value),
    text: (name) => sql`cast(${name} as varchar(20))`,
  }
}

/**
 * The first condition is the column's own and served by its index; the second compares code points, because collations
 * take `a`, `á` and `A` for the same; the third counts bytes, because every collation ignores trailing blanks.
 * CHAR and NCHAR pad what they hold with blanks, so there are none of their own.
 */
function text(column: ColumnDescription): Codec {
  const { maxLength, type } = column
  const padded = /^n?char/.test(type)
  const wide = type.startsWith('n')
  const unicode = (name: Template): Template => {
    const whole = wide ? name : sql`cast(${name} as nvarchar(${fixed(unicodeLength(maxLength))}))`
    return padded ? sql`rtrim(${whole})` : whole
  }
  const equals = (name: Template, value: Template): Template => {
    const native = wide
      ? value
      : sql`cast(${value} collate ${fixed(column.collation ?? 'database_default')} as ${fixed(type)})`
    return sql`${name} = ${native}
  and ${unicode(name)} collate Latin1_General_BIN2 = ${value}
  and datalength(${unicode(name)}) = datalength(${value})`
  }
  return {
    kind: 'text',
    encode(value) {
      const given = encodeText(value)
      if (typeof given !== 'string' || (maxLength !== null && given.length > maxLength)) return undefined
      if (!canHold(column.characterSet, given)) return undefined
      if (!padded) return given
      // As the column gives it back: filled up with blanks to its length. Fewer of them are another text.
      const bare = given.replace(/ +$/, '')
      return bare === given || given.length === maxLength ? bare : undefined
    },
    equals,
    matches: (name, value) => orBothNull(equals(name, value), name, value),
    text: unicode,
  }
}

/**
 * What a code page cannot hold becomes a question mark, or the next best letter, without a word: no row of the column
 * has it. Code pages of several bytes a character are not known here; there the second condition tells.
 */
export function canHold(characterSet: string | null, text: string): boolean {
  const [, page] = /^cp(125\d|874)$/.exec(characterSet ?? '') ?? []
  if (page === undefined || Buffer.byteLength(text) === text.length) return true
  const held = charactersOfPage(page)
  return Array.from(text).every((character) => held.has(character))
}

const unicodeLength = (maxLength: number | null): string =>
  maxLength === null || maxLength > 4000 ? 'max' : String(maxLength)

/** No bytes at all go as empty text: tedious declares them as VARBINARY of length 0, which there is not. */
export const bytesParameter = (value: Uint8Array): SqlValue => (value.length === 0 ? '' : Buffer.from(value))

/** Bytes are compared as if the shorter were filled up with zeros, so their number is compared too. */
function bytes(column: ColumnDescription): Codec {
  const length = baseType(column) === 'binary' ? column.maxLength : null
  const equals = (name: Template, value: Template): Template => {
    const typed = sql`cast(${value} as varbinary(${fixed(String(column.maxLength ?? 'max'))}))`
    return length === null
      ? sql`${name} = ${typed}\n  and datalength(${name}) = datalength(${typed})`
      : sql`${name} = ${typed}`
  }
  return {
    kind: length === null ? 'bytes' : `${length} bytes`,
    encode(value) {
      const given = encodeBytes(value, length)
      if (!(given instanceof Uint8Array)) return given
      return column.maxLength !== null && given.length > column.maxLength ? undefined : bytesParameter(given)
    },
    equals,
    matches: (name, value) => orBothNull(equals(name, value), name, value),
    text: (name) => sql`lower(convert(varchar(max), ${name}, 2))`,
  }
}

const uuid: Codec = {
  kind: 'uuid',
  encode: encodeUuid,
  equals: (name, value) => sql`${name} = cast(${value} as uniqueidentifier)`,
  matches: (name, value) => orBothNull(sql`${name} = cast(${value} as uniqueidentifier)`, name, value),
  text: (name) => sql`lower(cast(${name} as char(36)))`,
}

/** Some digits more than the column's, so that a value it cannot hold is not rounded into a match. */
function decimal(precision: number, scale: number): Codec {
  const digits = Math.min(scale + 6, 38 - (precision - scale))
  const equals = (name: Template, value: Template): Template =>
    sql`${name} = cast(${value} as decimal(38, ${fixed(String(digits))}))`
  return {
    kind: 'decimal',
    encode(value) {
      const given = encodeDecimal(value)
      if (typeof given !== 'string') return undefined
      const [whole = '', fraction = ''] = given.replace(/^-?0*/, '').split('.')
      if (whole.length <= 38 - digits && fraction.replace(/0+$/, '').length <= digits) return given
      throw new RefusedValue(`is ${given}, which has more digits than the column could hold`)
    },
    equals,
    matches: (name, value) => orBothNull(equals(name, value), name, value),
    text: (name) => sql`cast(cast(${name} as decimal(${fixed(`${precision}, ${scale}`)})) as varchar(41))`,
  }
}

/** DATETIME2 reads year, month and day in this order in every language; DATETIME does not. */
function dateTime(typed: (value: Template) => Template): Codec {
  const equals = (name: Template, value: Template): Template => sql`cast(${name} as datetime2(7)) = ${typed(value)}`
  return {
    kind: 'date or time',
    encode: encodeDateTime,
    equals,
    matches: (name, value) => orBothNull(equals(name, value), name, value),
    text: (name) => sql`convert(varchar(27), cast(${name} as datetime2(7)), 121)`,
  }
}

/** There is no null-safe comparison before SQL Server 2022. */
const orBothNull = (condition: Template, name: Template, value: Template): Template =>
  sql`(${condition}\n   or ${name} is null and ${value} is null)`
