import { bVarByte, bVarChar, i32, u16, u32, u64, u8, usVarChar } from './bytes.ts'
import type { Column } from './columns.ts'
import type { TdsValue } from './values.ts'

/** An ERROR or INFO token. https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-error-severities */
export interface TdsErrorDetails {
  readonly number: number
  readonly message: string
  /** Default: 1. */
  readonly state?: number
  /** The severity. Default: 16 of an error, 0 of an info. From 20 on the server ends the session. */
  readonly class?: number
  /** Default: 1. */
  readonly line?: number
  /** The procedure it was raised in. Default: none. */
  readonly procedure?: string
}

/** MS-TDS 2.2.7.6 "DONE", the status bits. */
export const DONE = { final: 0x00, more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const

const doneToken =
  (token: number) =>
  (status: number, count = 0n): Buffer =>
    Buffer.concat([u8(token), u16(status), u16(0), u64(count)])

export const done = doneToken(0xfd)
export const doneProc = doneToken(0xfe)
export const doneInProc = doneToken(0xff)

/** A token whose content follows its length in bytes. */
const withLength = (token: number, content: Buffer): Buffer => Buffer.concat([u8(token), u16(content.length), content])

const SERVER_NAME = 'tds-double'

const messageToken = (token: number, details: TdsErrorDetails, severity: number): Buffer =>
  withLength(
    token,
    Buffer.concat([
      i32(details.number),
      u8(details.state ?? 1),
      u8(details.class ?? severity),
      usVarChar(details.message),
      bVarChar(SERVER_NAME),
      bVarChar(details.procedure ?? ''),
      u32(details.line ?? 1),
    ]),
  )

export const DEFAULT_SEVERITY = 16
export const errorToken = (details: TdsErrorDetails): Buffer => messageToken(0xaa, details, DEFAULT_SEVERITY)
export const infoToken = (details: TdsErrorDetails): Buffer => messageToken(0xab, details, 0)

const NOTHING = Buffer.alloc(0)
const change = (type: number, now: Buffer, before: Buffer): Buffer =>
  withLength(0xe3, Buffer.concat([u8(type), now, before]))

/** MS-TDS 2.2.7.9 "ENVCHANGE". */
export const environment = {
  database: (now: string, before: string) => change(1, bVarChar(now), bVarChar(before)),
  packetSize: (now: number) => change(4, bVarChar(String(now)), bVarChar('4096')),
  collation: (now: Buffer) => change(7, bVarByte(now), bVarByte(NOTHING)),
  begun: (descriptor: Buffer) => change(8, bVarByte(descriptor), bVarByte(NOTHING)),
  committed: (descriptor: Buffer) => change(9, bVarByte(NOTHING), bVarByte(descriptor)),
  rolledBack: (descriptor: Buffer) => change(10, bVarByte(NOTHING), bVarByte(descriptor)),
  connectionReset: () => change(18, bVarByte(NOTHING), bVarByte(NOTHING)),
}

/** MS-TDS 2.2.7.14 "LOGINACK": SQL_TSQL, TDS 7.4, and a version 16 of the server. */
export const loginAcknowledged = (): Buffer =>
  withLength(
    0xad,
    Buffer.concat([u8(1), Buffer.of(0x74, 0, 0, 0x04), bVarChar('Microsoft SQL Server'), Buffer.of(16, 0, 0x10, 0)]),
  )

const metadata = ({ type }: Column): Buffer => Buffer.concat([u32(type.userType), u16(type.flags), type.info])

/** MS-TDS 2.2.7.4 "COLMETADATA". */
export const columnMetadata = (columns: readonly Column[]): Buffer =>
  Buffer.concat([
    u8(0x81),
    u16(columns.length),
    ...columns.flatMap((column) => [metadata(column), bVarChar(column.name)]),
  ])

/** MS-TDS 2.2.7.19 "ROW". */
export const rowToken = (columns: readonly Column[], values: readonly TdsValue[]): Buffer =>
  Buffer.concat([u8(0xd1), ...columns.map((column, at) => column.type.encode(values[at] ?? null))])

export const returnStatus = (value: number): Buffer => Buffer.concat([u8(0x79), i32(value)])

/** MS-TDS 2.2.7.18 "RETURNVALUE", of an output parameter. */
export const returnValue = (column: Column, value: TdsValue): Buffer =>
  Buffer.concat([u8(0xac), u16(0), bVarChar(column.name), u8(0x01), metadata(column), column.type.encode(value)])
