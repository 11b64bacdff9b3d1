import assert from 'node:assert/strict'
import { asText } from '../../src/dialects/values.ts'
import { ORDERS } from '../support/orders.ts'
import { rowOf } from './recharge.ts'
import { claimsOn } from './subject.ts'
import type { ClaimsUnderTest, Subject, TestedClaims } from './subject.ts'

/** Longer than any of these tests takes. */
export const LEASE_MS = 30_000

/** Leases are what they are by any strategy: one is enough to run them with. */
export const ONE_STRATEGY = ['conditional'] as const

/** Claims on the shop's orders with every column that leases know of. */
export const leasesOn = (subject: Subject, { config, ...under }: ClaimsUnderTest): TestedClaims =>
  claimsOn(subject, { ...under, config: { ...ORDERS.leases, ...config } })

/** By the clock of the database: what is left of a lease in milliseconds, and a time that has just passed. */
const CLOCK = {
  mysql: {
    remainingMs: 'timestampdiff(microsecond, utc_timestamp(6), lease_until) / 1000',
    past: 'utc_timestamp(6) - interval 1 second',
  },
  mssql: {
    remainingMs: 'datediff_big(millisecond, sysutcdatetime(), lease_until)',
    past: 'dateadd(second, -1, sysutcdatetime())',
  },
  sqlite: {
    remainingMs: `cast(round((julianday(lease_until) - julianday('now')) * 86400000) as integer)`,
    past: `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-1 seconds')`,
  },
} as const satisfies Record<Subject['family'], { readonly remainingMs: string; readonly past: string }>

export interface LeasedOrder {
  readonly status: unknown
  readonly token: unknown
  readonly version: unknown
  readonly attempts: number
  readonly lastError: unknown
  readonly result: unknown
  readonly claimedAt: unknown
  readonly leaseMs: number | null
}

export async function leasedOrder(subject: Subject, id: number): Promise<LeasedOrder> {
  const { remainingMs } = CLOCK[subject.family]
  const row = await rowOf(subject, id)
  const [lease] = await subject.query(`select ${remainingMs} as remaining from orders where order_id = ${id}`)
  const remaining = asText(lease?.['remaining'])
  return {
    status: row['status'],
    token: row['claim_token'],
    version: row['row_version'],
    attempts: Number(row['attempts']),
    lastError: row['last_error'],
    result: row['result'],
    claimedAt: row['claimed_at'],
    leaseMs: remaining === null ? null : Number(remaining),
  }
}

/** The lease has been over for a second. */
export const letLeaseRunOut = ({ query, family }: Subject, id: number): Promise<unknown> =>
  query(`update orders set lease_until = ${CLOCK[family].past} where order_id = ${id}`)

/** A whole lease is left, but for what the test has taken. */
export function assertWholeLease(leaseMs: unknown): void {
  assert(typeof leaseMs === 'number' && leaseMs > LEASE_MS - 10_000 && leaseMs <= LEASE_MS, `${String(leaseMs)} ms`)
}
