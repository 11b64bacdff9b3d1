import { fromLittleEndian, littleEndian } from './bytes.ts'

// MS-TDS 2.2.5.5.1.8 "Date/Times". A Date holds whole milliseconds: what is finer is rounded.

const DAY_MS = 86_400_000
/** From 0001-01-01 to 1970-01-01. */
const DAYS_TO_1970 = 719_162
const YEAR_1900 = Date.UTC(1900, 0, 1)

/** The bytes that a time of this scale takes. */
export const timeWidth = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5)

export const datetimeOf = (bytes: Buffer): Date =>
  new Date(YEAR_1900 + bytes.readInt32LE(0) * DAY_MS + Math.round((bytes.readUInt32LE(4) * 10) / 3))

export const smalldatetimeOf = (bytes: Buffer): Date =>
  new Date(YEAR_1900 + bytes.readUInt16LE(0) * DAY_MS + bytes.readUInt16LE(2) * 60_000)

export const dateOf = (bytes: Buffer): Date => new Date((Number(fromLittleEndian(bytes)) - DAYS_TO_1970) * DAY_MS)

/** On 1970-01-01, as the drivers have it. */
export const timeOf = (bytes: Buffer, scale: number): Date =>
  new Date(Math.round((Number(fromLittleEndian(bytes)) * 1000) / 10 ** scale))

export const datetime2Of = (bytes: Buffer, scale: number): Date =>
  new Date(
    dateOf(bytes.subarray(timeWidth(scale)).subarray(0, 3)).getTime() +
      timeOf(bytes.subarray(0, timeWidth(scale)), scale).getTime(),
  )

export function datetimeBytes(value: Date): Buffer {
  const days = Math.floor((value.getTime() - YEAR_1900) / DAY_MS)
  const bytes = Buffer.alloc(8)
  bytes.writeInt32LE(days, 0)
  bytes.writeUInt32LE(Math.round(((value.getTime() - YEAR_1900 - days * DAY_MS) * 3) / 10), 4)
  return bytes
}

export function datetime2Bytes(value: Date, scale: number): Buffer {
  const days = Math.floor(value.getTime() / DAY_MS)
  const ticks = Math.floor(((value.getTime() - days * DAY_MS) * 10 ** scale) / 1000)
  return Buffer.concat([littleEndian(BigInt(ticks), timeWidth(scale)), littleEndian(BigInt(days + DAYS_TO_1970), 3)])
}
