import { littleEndian, u16, u32, u64, u8, ucs2 } from './bytes.ts'
import { datetime2Bytes, datetimeBytes } from './times.ts'
import { COLLATION } from './collation.ts'
import type { TdsValue } from './values.ts'
import { decimalMagnitude, guidBytes } from './values.ts'

type Length = number | 'max'

export type ColumnTypeName =
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'bit'
  | 'float'
  | 'datetime'
  | 'uniqueidentifier'
  | 'rowversion'
  | `nvarchar(${Length})`
  | `varchar(${Length})`
  | `varbinary(${Length})`
  | `binary(${number})`
  | `datetime2(${number})`
  | `decimal(${number},${number})`

export interface ColumnType {
  readonly userType: number
  readonly flags: number
  /** TYPE_INFO, MS-TDS 2.2.5.6. */
  readonly info: Buffer
  /** Fails on a value that such a column cannot hold: then the script is wrong. */
  encode(value: TdsValue): Buffer
}

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/** Of COLMETADATA: the column can be null. */
const NULLABLE = 0x0001

const plain = (info: Buffer, encode: ColumnType['encode']): ColumnType => ({
  userType: 0,
  flags: NULLABLE,
  info,
  encode,
})

/** BYTELEN_TYPE. */
const byteLength = (info: Buffer, bytesOf: (value: NonNullable<TdsValue>) => Buffer): ColumnType =>
  plain(info, (value) => {
    if (value === null) return u8(0)
    const bytes = bytesOf(value)
    return Buffer.concat([u8(bytes.length), bytes])
  })

const integer = (width: 1 | 2 | 4 | 8): ColumnType =>
  byteLength(Buffer.of(0x26, width), (value) => {
    const bytes = Buffer.alloc(width)
    if (width === 8) bytes.writeBigInt64LE(BigInt(expected(value, 'bigint', 'number')))
    else if (width === 1) bytes.writeUInt8(expected(value, 'number'))
    else bytes.writeIntLE(expected(value, 'number'), 0, width)
    return bytes
  })

const MAX = 0xffff
const PLP_NULL = u64(0xffff_ffff_ffff_ffffn)

/** USHORTLEN_TYPE, or in chunks (MS-TDS 2.2.5.2.3) if it is a "max" type. */
function shortLength(
  id: number,
  size: number,
  collation: Buffer,
  bytesOf: (value: NonNullable<TdsValue>) => Buffer,
): ColumnType {
  const info = Buffer.concat([u8(id), u16(size), collation])
  return plain(info, (value) => {
    if (value === null) return size === MAX ? PLP_NULL : u16(MAX)
    const bytes = bytesOf(value)
    if (bytes.length > size && size !== MAX)
      throw new Error(`${bytes.length} bytes do not fit into a column of ${size}.`)
    if (size !== MAX) return Buffer.concat([u16(bytes.length), bytes])
    const chunk = bytes.length > 0 ? [u32(bytes.length), bytes] : []
    return Buffer.concat([u64(BigInt(bytes.length)), ...chunk, u32(0)])
  })
}

/** The value, if it is of one of these types: a script that answers another one is wrong. */
function expected<Name extends keyof TypesByName>(value: unknown, ...names: Name[]): TypesByName[Name] {
  const is = Buffer.isBuffer(value) ? 'Buffer' : value instanceof Date ? 'Date' : typeof value
  if (!names.some((name) => name === is)) throw new TypeError(`A column of ${names.join(' or ')} was given a ${is}.`)
  return value as TypesByName[Name]
}

interface TypesByName {
  string: string
  number: number
  bigint: bigint
  boolean: boolean
  Buffer: Buffer
  Date: Date
}

const unicode = (value: unknown): Buffer => ucs2(expected(value, 'string'))
const ansi = (value: unknown): Buffer => Buffer.from(expected(value, 'string'), 'latin1')
const binary = (value: unknown): Buffer => expected(value, 'Buffer')
const NO_COLLATION = Buffer.alloc(0)

function float(value: unknown): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(expected(value, 'number'))
  return bytes
}

function decimal(precision: number, scale: number): ColumnType {
  const width = precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16
  return byteLength(Buffer.of(0x6a, width + 1, precision, scale), (value) => {
    const { magnitude, negative } = decimalMagnitude(expected(value, 'string'), scale)
    return Buffer.concat([u8(negative ? 0 : 1), littleEndian(magnitude, width)])
  })
}

/** MS-TDS 2.2.5.1.1: a rowversion is eight bytes of the user type "timestamp", and never null. */
const ROWVERSION: ColumnType = { ...shortLength(0xad, 8, NO_COLLATION, binary), userType: 80, flags: 0 }

export function columnType(name: ColumnTypeName): ColumnType {
  const [, family = '', first = '', second = ''] = /^(\w+)(?:\((\w+)(?:,\s*(\d+))?\))?$/.exec(name) ?? []
  const length = (bytesEach: number) => (first === 'max' ? MAX : Number(first) * bytesEach)
  switch (family) {
    case 'tinyint':
      return integer(1)
    case 'smallint':
      return integer(2)
    case 'int':
      return integer(4)
    case 'bigint':
      return integer(8)
    case 'bit':
      return byteLength(Buffer.of(0x68, 1), (value) => u8(expected(value, 'boolean') ? 1 : 0))
    case 'float':
      return byteLength(Buffer.of(0x6d, 8), float)
    case 'datetime':
      return byteLength(Buffer.of(0x6f, 8), (value) => datetimeBytes(expected(value, 'Date')))
    case 'datetime2':
      return byteLength(Buffer.of(0x2a, Number(first)), (value) =>
        datetime2Bytes(expected(value, 'Date'), Number(first)),
      )
    case 'uniqueidentifier':
      return byteLength(Buffer.of(0x24, 16), (value) => guidBytes(expected(value, 'string')))
    case 'decimal':
      return decimal(Number(first), Number(second))
    case 'rowversion':
      return ROWVERSION
    case 'nvarchar':
      return shortLength(0xe7, length(2), COLLATION, unicode)
    case 'varchar':
      return shortLength(0xa7, length(1), COLLATION, ansi)
    case 'varbinary':
      return shortLength(0xa5, length(1), NO_COLLATION, binary)
    case 'binary':
      return shortLength(0xad, length(1), NO_COLLATION, binary)
    default:
      throw new Error(`A column of type ${name} is not known to the TDS double.`)
  }
}
