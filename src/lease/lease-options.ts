import { createHash } from 'node:crypto'
import type { Call } from '../call.ts'
import type { CheckedConfig } from '../config.ts'
import { ClaimError } from '../errors.ts'
import type { RawLeaseOptions } from '../options.ts'
import { NAMES } from '../names.ts'

/** The options of a lease with their defaults. */
export interface LeaseTerms {
  readonly leaseMs: number
  readonly maxAttempts: number
  readonly takeover: boolean
  readonly workTimeoutMs: number
  readonly isRetryable: (error: unknown) => boolean
}

export const MOST_MS = 2 ** 31 - 1
/** Below it more leases would run out by a busy event loop than by a dead process. */
export const LEAST_LEASE_MS = 100
export const DEFAULT_WORK_MS = 600_000
export const DEFAULT_MAX_ATTEMPTS = 10

const input = (message: string): ClaimError => new ClaimError('CLAIM_INPUT', message)

/** Throws `CLAIM_CONFIG` where the table is not configured for leases, `CLAIM_INPUT` for what the call says. */
export function leaseTerms(options: RawLeaseOptions, config: CheckedConfig): LeaseTerms {
  requireLeaseColumns('leaseOnce()', config)
  const { leaseMs, work, effect, takeover = true, isRetryable = () => true } = options
  const { workTimeoutMs = DEFAULT_WORK_MS } = options
  const { maxAttempts = config.states.failed === null ? Infinity : DEFAULT_MAX_ATTEMPTS } = options
  if (!(Number.isInteger(leaseMs) && leaseMs >= LEAST_LEASE_MS && leaseMs <= MOST_MS)) {
    throw input(`leaseMs is ${leaseMs}. It is a whole number of milliseconds, ${LEAST_LEASE_MS} or more.`)
  }
  if (typeof work !== 'function') throw input('work is not a function.')
  if (effect !== undefined && typeof effect !== 'function') throw input('effect is not a function.')
  if (typeof isRetryable !== 'function') throw input('isRetryable is not a function.')
  if (typeof takeover !== 'boolean') throw input('takeover is neither true nor false.')
  if (!(workTimeoutMs > 0 && (workTimeoutMs === Infinity || workTimeoutMs <= MOST_MS))) {
    throw input(`workTimeoutMs is ${workTimeoutMs}. It is a number of milliseconds greater than 0.`)
  }
  if (!(maxAttempts === Infinity || (Number.isInteger(maxAttempts) && maxAttempts >= 1))) {
    throw input(`maxAttempts is ${maxAttempts}. It is a whole number, 1 or more.`)
  }
  if (maxAttempts !== Infinity && config.states.failed === null) {
    throw input('maxAttempts is given, but states.failed is not configured: there is no state to put the order in.')
  }
  const { idempotencyKey } = options
  if (idempotencyKey !== undefined && (typeof idempotencyKey !== 'string' || idempotencyKey === '')) {
    throw input('idempotencyKey is not a text.')
  }
  return { leaseMs, maxAttempts, takeover, workTimeoutMs, isRetryable }
}

/** Throws `CLAIM_CONFIG` where the table is not configured for leases. */
export function requireLeaseColumns(method: string, { token, leaseUntil, attempts, states }: CheckedConfig): void {
  const needed = {
    'columns.token': token,
    'columns.leaseUntil': leaseUntil,
    'columns.attempts': attempts,
    'states.processing': states.processing,
  }
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === null ? [name] : []))
  if (missing.length === 0) return
  throw new ClaimError(
    'CLAIM_CONFIG',
    `${method} needs ${missing.join(', ')}, which ${missing.length > 1 ? 'are' : 'is'} not configured. It needs ` +
      `${Object.keys(needed).join(', ')}.`,
  )
}

/**
 * The same in every attempt of the order, whoever makes it and whenever: made of the table's name and the id alone. Not
 * the token, which is another one in each attempt: with that an attempt after a takeover would pay again.
 */
export function idempotencyKeyOf({ config, values }: Pick<Call, 'config' | 'values'>): string {
  const id = config.id.map((_column, index) => {
    const value = values.get(NAMES.id(index))
    return value instanceof Uint8Array ? `0x${Buffer.from(value).toString('hex')}` : String(value)
  })
  const hash = createHash('sha256')
    .update(JSON.stringify(['claim-once', config.idempotencyNamespace, config.table, ...id]))
    .digest()
  // A UUID of version 8: of one's own making. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
