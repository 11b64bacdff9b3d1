import type { ByteReader } from './bytes.ts'
import { fromLittleEndian } from './bytes.ts'
import { dateOf, datetime2Of, datetimeOf, smalldatetimeOf, timeOf } from './times.ts'
import type { TdsValue } from './values.ts'
import { decimalText, guidOf } from './values.ts'

/** A type as TYPE_INFO tells it (MS-TDS 2.2.5.6), and how a value of it is read. */
export interface WireType {
  /** As one would declare it: `nvarchar(4000)`, `varbinary(max)`, `decimal(18,2)`. */
  readonly name: string
  read(reader: ByteReader): TdsValue
}

type Decode = (bytes: Buffer) => TdsValue

const integer: Decode = (bytes) =>
  bytes.length === 8
    ? bytes.readBigInt64LE()
    : bytes.length === 1
      ? bytes.readUInt8()
      : bytes.readIntLE(0, bytes.length)
const float: Decode = (bytes) => (bytes.length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE())
const bit: Decode = (bytes) => bytes.readUInt8() !== 0
const datetime: Decode = (bytes) => (bytes.length === 4 ? smalldatetimeOf(bytes) : datetimeOf(bytes))
// The two halves of money stand in middle-endian order, the high one first.
const money: Decode = (bytes) => {
  const units =
    bytes.length === 4
      ? BigInt(bytes.readInt32LE())
      : (BigInt(bytes.readInt32LE()) << 32n) | BigInt(bytes.readUInt32LE(4))
  return decimalText(units < 0n ? -units : units, { negative: units < 0n, scale: 4 })
}
const decimal =
  (scale: number): Decode =>
  (bytes) =>
    decimalText(fromLittleEndian(bytes.subarray(1)), { negative: bytes.readUInt8() === 0, scale })
const unicode: Decode = (bytes) => bytes.toString('utf16le')
// The double's collation is of code page 1252, of which this is all but 27 characters.
const ansi: Decode = (bytes) => bytes.toString('latin1')
const binary: Decode = (bytes) => Buffer.from(bytes)

/** BYTELEN_TYPE: one byte of length before the value, zero for null. */
const byteLength = (name: string, decode: Decode): WireType => ({
  name,
  read(reader) {
    const length = reader.u8()
    return length === 0 ? null : decode(reader.take(length))
  },
})

const sized = (names: Record<number, string>, reader: ByteReader, decode: Decode): WireType => {
  const size = reader.u8()
  const name = names[size]
  if (name === undefined) throw new Error(`No type of this family is ${size} bytes long.`)
  return byteLength(name, decode)
}

const decimals = (name: string, reader: ByteReader): WireType => {
  reader.u8()
  const precision = reader.u8()
  const scale = reader.u8()
  return byteLength(`${name}(${precision},${scale})`, decimal(scale))
}

const scaled = (name: string, reader: ByteReader, decode: (bytes: Buffer, scale: number) => TdsValue): WireType => {
  const scale = reader.u8()
  return byteLength(`${name}(${scale})`, (bytes) => decode(bytes, scale))
}

const MAX = 0xffff

/** USHORTLEN_TYPE: two bytes of length before the value, 0xFFFF for null; of length 0xFFFF it is a "max" type. */
function shortLength(name: string, reader: ByteReader, { bytesEach, collated, decode }: Characters): WireType {
  const size = reader.u16()
  if (collated) reader.take(5)
  if (size === MAX) return { name: `${name}(max)`, read: (from) => readPartially(from, decode) }
  return {
    name: `${name}(${size / bytesEach})`,
    read(from) {
      const length = from.u16()
      return length === MAX ? null : decode(from.take(length))
    },
  }
}

interface Characters {
  readonly bytesEach: 1 | 2
  readonly collated: boolean
  readonly decode: Decode
}
const UNICODE: Characters = { bytesEach: 2, collated: true, decode: unicode }
const ANSI: Characters = { bytesEach: 1, collated: true, decode: ansi }
const BINARY: Characters = { bytesEach: 1, collated: false, decode: binary }

/** LONGLEN_TYPE, of the types that "max" has replaced. */
function longLength(name: string, reader: ByteReader, { collated, decode }: Characters): WireType {
  reader.u32()
  if (collated) reader.take(5)
  return {
    name,
    read(from) {
      const length = from.u32()
      return length === 0xffff_ffff ? null : decode(from.take(length))
    },
  }
}

const PLP_NULL = 0xffff_ffff_ffff_ffffn

/** MS-TDS 2.2.5.2.3 "Partially Length-Prefixed": chunks, until an empty one. */
function readPartially(reader: ByteReader, decode: Decode): TdsValue {
  if (reader.u64() === PLP_NULL) return null
  const chunks: Buffer[] = []
  for (let length = reader.u32(); length > 0; length = reader.u32()) chunks.push(reader.take(length))
  return decode(Buffer.concat(chunks))
}

const INTEGERS = { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' }

/** By the numbers of MS-TDS 2.2.5.4 "Data Type Definitions"; these are the types that tedious sends. */
const TYPES: Readonly<Record<number, (reader: ByteReader) => WireType>> = {
  0x22: (reader) => longLength('image', reader, BINARY),
  0x23: (reader) => longLength('text', reader, ANSI),
  0x63: (reader) => longLength('ntext', reader, UNICODE),
  0x24: (reader) => sized({ 16: 'uniqueidentifier' }, reader, guidOf),
  0x26: (reader) => sized(INTEGERS, reader, integer),
  0x28: () => byteLength('date', dateOf),
  0x29: (reader) => scaled('time', reader, timeOf),
  0x2a: (reader) => scaled('datetime2', reader, datetime2Of),
  // The offset that follows says only where the client lives: the time before it is UTC.
  0x2b: (reader) => scaled('datetimeoffset', reader, datetime2Of),
  0x68: (reader) => sized({ 1: 'bit' }, reader, bit),
  0x6a: (reader) => decimals('decimal', reader),
  0x6c: (reader) => decimals('numeric', reader),
  0x6d: (reader) => sized({ 4: 'real', 8: 'float' }, reader, float),
  0x6e: (reader) => sized({ 4: 'smallmoney', 8: 'money' }, reader, money),
  0x6f: (reader) => sized({ 4: 'smalldatetime', 8: 'datetime' }, reader, datetime),
  0xa5: (reader) => shortLength('varbinary', reader, BINARY),
  0xa7: (reader) => shortLength('varchar', reader, ANSI),
  0xad: (reader) => shortLength('binary', reader, BINARY),
  0xaf: (reader) => shortLength('char', reader, ANSI),
  0xe7: (reader) => shortLength('nvarchar', reader, UNICODE),
  0xef: (reader) => shortLength('nchar', reader, UNICODE),
}

export function readType(reader: ByteReader): WireType {
  const id = reader.u8()
  const type = TYPES[id]
  if (!type) throw new Error(`A parameter of type 0x${id.toString(16)} is not known to the TDS double.`)
  return type(reader)
}
