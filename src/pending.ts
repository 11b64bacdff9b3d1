import type { CheckedConfig } from './config.ts'
import { ClaimError } from './errors.ts'
import type { RawOptions } from './options.ts'

/** What has to be known of a claim to find out later, and elsewhere, what became of it. */
export interface Pending extends Pick<RawOptions, 'expect' | 'paymentId' | 'set'> {
  readonly orderId: unknown
  readonly token: string | null
  /** It had an effect, or work of the caller's in his transaction, without which it must not be claimed now. */
  readonly hasWork: boolean
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
  let raw: unknown
  try {
    raw = unpack(JSON.parse(Buffer.from(text, 'base64url').toString()))
  } catch {
    throw refuse('cannot be read')
  }
  if (typeof raw !== 'object' || raw === null) throw refuse('cannot be read')
  const { version, table: of, ...pending } = raw as Readonly<Record<string, unknown>>
  if (version !== VERSION) throw refuse('is of another version')
  if (of !== table) throw refuse(`is of the table "${String(of)}", and these are claims on "${table}"`)
  const { token, hasWork } = pending
  if (!(token === null || typeof token === 'string') || typeof hasWork !== 'boolean') throw refuse('cannot be read')
  return pending as unknown as Pending
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
