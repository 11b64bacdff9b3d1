import { u8 } from './bytes.ts'
import { COLLATION } from './collation.ts'
import type { TdsErrorDetails } from './tokens.ts'
import { done, DONE, environment, errorToken, loginAcknowledged } from './tokens.ts'

export interface TdsLogin {
  readonly user: string
  readonly password: string
  readonly database: string
  readonly application: string
  readonly host: string
  readonly packetSize: number
}

/** The errors to answer, or to answer nothing at all: `hang` leaves the socket open, `cut` destroys it. */
export type Refusal = TdsErrorDetails | readonly TdsErrorDetails[] | 'hang' | 'cut'

/** What SQL Server answers to a login that it refuses: the reason, if it tells one, and 18456 last. */
export const REFUSALS = {
  wrongPassword: (user: string): readonly TdsErrorDetails[] => [
    { number: 18456, class: 14, message: `Login failed for user '${user}'.` },
  ],
  noDatabase: (user: string, database: string): readonly TdsErrorDetails[] => [
    {
      number: 4060,
      class: 11,
      message: `Cannot open database "${database}" requested by the login. The login failed.`,
    },
    { number: 18456, class: 14, message: `Login failed for user '${user}'.` },
  ],
}

/** MS-TDS 2.2.6.4 "LOGIN7": a table of offsets and lengths, the texts after it. */
export function readLogin(payload: Buffer): TdsLogin {
  const bytesAt = (entry: number): Buffer => {
    const start = payload.readUInt16LE(entry)
    return payload.subarray(start, start + payload.readUInt16LE(entry + 2) * 2)
  }
  const textAt = (entry: number) => bytesAt(entry).toString('utf16le')
  // Each byte had its halves exchanged, and was then xor-ed with 0xA5.
  const password = bytesAt(44).map((byte) => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 0xff)
  return {
    packetSize: payload.readUInt32LE(8),
    host: textAt(36),
    user: textAt(40),
    password: Buffer.from(password).toString('utf16le'),
    application: textAt(48),
    database: textAt(68),
  }
}

/** MS-TDS 2.2.6.5 "PRELOGIN": version, and ENCRYPT_NOT_SUP. */
export function preloginReply(): Buffer {
  const options: readonly (readonly [number, Buffer])[] = [
    [0x00, Buffer.of(16, 0, 0x10, 0, 0, 0)],
    [0x01, u8(0x02)],
  ]
  let offset = options.length * 5 + 1
  const table = options.map(([token, data]) => {
    const entry = Buffer.alloc(5)
    entry.writeUInt8(token, 0)
    entry.writeUInt16BE(offset, 1)
    entry.writeUInt16BE(data.length, 3)
    offset += data.length
    return entry
  })
  return Buffer.concat([...table, u8(0xff), ...options.map(([, data]) => data)])
}

export const acceptedLogin = ({ database, packetSize }: TdsLogin): Buffer =>
  Buffer.concat([
    environment.database(database, 'master'),
    environment.collation(COLLATION),
    loginAcknowledged(),
    environment.packetSize(packetSize),
    done(DONE.final),
  ])

export const refusedLogin = (errors: readonly TdsErrorDetails[]): Buffer =>
  Buffer.concat([...errors.map(errorToken), done(DONE.error)])
