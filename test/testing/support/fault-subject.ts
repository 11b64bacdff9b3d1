import type { Adapter } from '../../../src/adapters/adapter.ts'
import { Caller } from '../../../src/caller.ts'
import { checkConfig } from '../../../src/check-config.ts'
import type { DialectName } from '../../../src/dialects/dialect.ts'
import type { ClaimEvent } from '../../../src/events.ts'
import type { RawOptions } from '../../../src/options.ts'
import type { ClaimResult } from '../../../src/outcome.ts'
import { withFaults } from '../../../src/testing/index.ts'
import type { Fault, Faults } from '../../../src/testing/index.ts'
import type { OwnTransaction, Subject } from '../../contract/subject.ts'
import { openSubject } from '../../tds/claims/subjects.ts'
import type { DriverName } from '../../tds/claims/subjects.ts'

/** A database through one adapter, as far as faults need it. */
export interface FaultSubject {
  readonly family: DialectName
  readonly adapter: Adapter<unknown, object>
  readonly table: string
  readonly newOrder: () => Promise<number>
  readonly statusOf: (id: number) => Promise<string>
  /** Through an effect's handle: 42 more on the account. */
  readonly credit: (tx: unknown) => unknown
  readonly balance: () => Promise<number>
  readonly begin: () => Promise<{ readonly tx: unknown; readonly rollback: () => Promise<unknown> }>
  readonly close: () => Promise<unknown>
}

const CREDIT = 'update accounts set balance = balance + 42'

export function onDatabase({ family, adapter, shop, through, begin, close }: Subject): FaultSubject {
  return {
    family,
    adapter,
    table: 'orders',
    newOrder: () => shop.newOrder(),
    statusOf: (id) => shop.statusOf(id),
    credit: (tx) => through(tx, `${CREDIT} where id = 1`),
    balance: () => shop.balanceOf(1),
    begin: (): Promise<OwnTransaction> => begin(),
    close,
  }
}

/** On the test server that speaks SQL Server's protocol. */
export async function overTds(driver: DriverName): Promise<FaultSubject> {
  const { adapter, shop, run, begin, close } = await openSubject(driver)
  let orders = 0
  return {
    family: 'mssql',
    adapter,
    table: 'dbo.orders',
    newOrder: async () => shop.add((orders += 1)),
    statusOf: async (id) => shop.statusOf(id),
    credit: (tx) => run(tx, CREDIT),
    balance: async () => shop.balance,
    begin,
    close,
  }
}

export interface FaultyClaims {
  readonly claimOnce: (id: unknown, options?: RawOptions) => Promise<ClaimResult<unknown>>
  readonly faults: Faults
  /** Why claims were tried again. */
  readonly retries: () => unknown[]
}

/** Claims without a token, so that what is unknown stays unknown; the table is described before any fault is armed. */
export async function faultyClaims(subject: FaultSubject, ...faults: readonly Fault[]): Promise<FaultyClaims> {
  const database = withFaults(subject.adapter)
  const events: ClaimEvent[] = []
  const config = checkConfig({
    database,
    table: subject.table,
    columns: { id: 'order_id', status: 'status', version: 'row_version' },
    states: { waiting: 'Wait', claimed: 'Y' },
  })
  const caller = new Caller(config, database, (event) => events.push(event))
  await caller.claimOnce(await subject.newOrder(), {})
  database.faults.arm(...faults)
  return {
    claimOnce: (id, options = {}) => caller.claimOnce(id, options),
    faults: database.faults,
    retries: () => events.flatMap((event) => (event.type === 'retry' ? [event.reason] : [])),
  }
}

/** The outcome, or the code of what was thrown. */
export const endOf = (call: Promise<ClaimResult<unknown>>): Promise<unknown> =>
  call.then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  )
