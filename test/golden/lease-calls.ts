import { randomUUID } from 'node:crypto'
import type { Caller } from '../../src/caller.ts'
import type { CheckedConfig } from '../../src/config.ts'
import { FIELDS } from '../../src/names.ts'
import type { RawLeaseOptions } from '../../src/options.ts'
import { encodePending } from '../../src/pending.ts'
import type { Statement } from '../../src/sql.ts'
import type { TransactionWatch } from '../../src/watch.ts'
import { until } from '../support/until.ts'
import { SCRIPTS } from './recorded.ts'
import type { Script } from './recorded.ts'

export interface ShownCall {
  readonly name: string
  readonly script: Script
  readonly call: (caller: Caller, sent: readonly Statement[]) => Promise<unknown>
}

const FIRST = SCRIPTS['first callback']

const credit = (tx: unknown): Promise<string> =>
  (tx as TransactionWatch).pass('update accounts set balance = balance + 1', async () => 'paid')

const fail = (): never => {
  throw new Error('not now')
}

/** Nothing is thrown on: what is shown is what was sent. */
const whateverBecomes = async (call: Promise<unknown>): Promise<unknown> => await call.catch((error: unknown) => error)

/** The order is leased for the first time. */
const LEASED: Script = () => ({ row: { [FIELDS.status]: 'Wait', [FIELDS.attempts]: '1' }, changes: 1 })

/** Somebody has leased it, and let the lease run out; what changes a waiting order changes nothing. */
const RUN_OUT: Script = ({ parameters }) => ({
  row: { [FIELDS.status]: 'Working', [FIELDS.leaseMs]: '-1', [FIELDS.attempts]: '2' },
  changes: parameters.includes('Wait') ? 0 : 1,
})

/** A bare claim that nobody has answered. */
const PENDING = encodePending(
  { orderId: '1', token: randomUUID(), expect: { amount: '42.00' }, paymentId: 'p-1', hasWork: false },
  { table: 'shop.order' } as CheckedConfig,
)

const lease =
  (options: Partial<RawLeaseOptions> = {}) =>
  (caller: Caller): Promise<unknown> =>
    whateverBecomes(caller.leaseOnce('1', { leaseMs: 30_000, work: () => 'done', ...options }))

const isRenewal = ({ sql, parameters }: Statement): boolean => sql.includes('update') && parameters.includes('100')

export const LEASE_CALLS: readonly ShownCall[] = [
  {
    name: 'taken, and ended',
    script: LEASED,
    call: lease({ expect: { amount: '42.00' }, paymentId: 'p-1', set: { note: 'paid' }, read: ['account_id'] }),
  },
  { name: 'ended with an effect', script: LEASED, call: lease({ read: ['account_id'], effect: credit }) },
  {
    name: 'renewed',
    script: LEASED,
    async call(caller, sent) {
      const renewals = (): number => sent.filter(isRenewal).length
      await caller.leaseOnce('1', { leaseMs: 100, work: () => until(() => renewals() > 1, 'the lease is renewed') })
    },
  },
  { name: 'given back', script: LEASED, call: lease({ work: fail }) },
  { name: 'failed for good', script: LEASED, call: lease({ work: fail, maxAttempts: 1 }) },
  { name: 'taken over', script: RUN_OUT, call: lease({ expect: { amount: '42.00' } }) },
]

/** What else is done to an order, and asked of it. */
export const OTHER_CALLS: readonly ShownCall[] = [
  {
    name: 'moved',
    script: FIRST,
    call: (caller) => caller.moveOnce('1', { to: 'Expired', expect: { amount: '42.00' }, set: { note: 'too late' } }),
  },
  {
    name: 'moved, with an effect',
    script: FIRST,
    call: (caller) => caller.moveOnce('1', { to: 'Expired', effect: credit }),
  },
  {
    name: 'claimed, and the result of its effect kept',
    script: FIRST,
    call: (caller) => caller.claimOnce('1', { effect: credit }),
  },
  {
    name: 'the failure of its effect noted',
    script: FIRST,
    call: (caller) => whateverBecomes(caller.claimOnce('1', { effect: fail })),
  },
  {
    name: 'found out by its token: it was claimed',
    script: () => ({ row: { [FIELDS.status]: 'Y', [FIELDS.ownToken]: 1 }, changes: 0 }),
    call: (caller) => caller.resolve(PENDING, {}),
  },
  {
    name: 'put back after it had failed',
    script: ({ parameters }) => ({
      row: { [FIELDS.status]: 'Failed' },
      changes: parameters.includes('Failed') ? 1 : 0,
    }),
    call: (caller) => caller.reset('1', {}),
  },
]
