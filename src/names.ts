import type { StateName } from './transitions.ts'

/** The parameters' names. */
export const NAMES = {
  id: (index: number): string => `id ${index}`,
  /** Of one of several rows. */
  idOf: (row: number, index: number): string => `id ${row} ${index}`,
  /** The row after which the next ones come. */
  after: (index: number): string => `after ${index}`,
  state: (name: StateName): string => name,
  version: 'version',
  token: 'token',
  paymentId: 'paymentId',
  leaseMs: 'leaseMs',
  pauseMs: 'pauseMs',
  error: 'error',
  result: 'result',
  set: (column: string): string => `set ${column}`,
  expect: (column: string): string => `expect ${column}`,
} as const

/** What a read of the order is called in its row. */
export const FIELDS = {
  status: 'claim_status',
  version: 'claim_version',
  claimedAtMs: 'claim_claimed_at_ms',
  paymentId: 'claim_payment_id',
  samePayment: 'claim_same_payment',
  ownToken: 'claim_own_token',
  leaseMs: 'claim_lease_ms',
  attempts: 'claim_once__attempts',
  id: (index: number): string => `claim_once__id_${index}`,
  leased: 'claim_once__leased',
  found: 'claim_once__found',
  result: 'claim_result',
  autocommit: 'claim_autocommit',
  open: 'claim_in_transaction',
  readOnly: 'claim_read_only',
  actual: (index: number): string => `claim_actual_${index}`,
  matches: (index: number): string => `claim_matches_${index}`,
} as const
