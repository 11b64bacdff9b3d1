import type { CheckedConfig } from './config.ts'
import { ClaimError } from './errors.ts'
import type { RawOptions } from './options.ts'

/** What has to be known of a claim to find out later, and elsewhere, what became of it. */
export interface Pending extends Pick<RawOptions, 'expect' | 'paymentId' | 'set'> {
  readonly orderId: unknown
  readonly token: string | null
  /** It had an effect, without which it must not be claimed now. */
  readonly effect: boolean
}

const VERSION = 1

/** As text that can be stored, or sent to another process of the shop. It holds the token: a secret. */
export function encodePending(pending: Pending, { table }: CheckedConfig): string {
  return Buffer.from(JSON.stringify({ ...(pack({ ...pending }) as object), version: VERSION, table })).toString(
    'base64url',
  )
}

export function decodePending(text: unknown, { table }: CheckedConfig): Pending {
  const refuse = (why: string): ClaimError =>
    new ClaimError(
      'CLAIM_INPUT',
      `pending ${why}. Pass the text that an UnknownClaimError or a provisional result has.`,
    )
  if (typeof text !== 'string') throw refuse('is no string')
  let raw: Readonly<Record<string, unknown>>
  try {
    raw = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof raw
  } catch {
    throw refuse('cannot be read')
  }
  if (typeof raw !== 'object' || raw === null || raw['version'] !== VERSION) throw refuse('is of another version')
  if (raw['table'] !== table)
    throw refuse(`is of the table "${String(raw['table'])}", and these are claims on "${table}"`)
  const { version, table: _table, ...packed } = raw
  return unpack(packed) as Pending
}

/** What JSON does not have is wrapped in an object with one key that no column has. */
const KEY = '\u0000'

function pack(value: unknown): unknown {
  if (typeof value === 'bigint') return { [KEY]: 'bigint', value: value.toString() }
  if (value instanceof Date) return { [KEY]: 'Date', value: value.toISOString() }
  if (value instanceof Uint8Array) return { [KEY]: 'Buffer', value: Buffer.from(value).toString('base64') }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, pack(part)]))
}

function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const parts = value as Readonly<Record<string, unknown>>
  const packed = String(parts['value'])
  switch (parts[KEY]) {
    case 'bigint':
      return BigInt(packed)
    case 'Date':
      return new Date(packed)
    case 'Buffer':
      return Buffer.from(packed, 'base64')
    default:
      return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, unpack(part)]))
  }
}
