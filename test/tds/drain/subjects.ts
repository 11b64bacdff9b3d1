import { expect, onTestFinished } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { Caller } from '../../../src/caller.ts'
import { checkConfig } from '../../../src/check-config.ts'
import type { Bounds } from '../../../src/config.ts'
import type { DrainOptions, DrainResult, RawHandler } from '../../../src/drain/drain-options.ts'
import type { ClaimEvent } from '../../../src/events.ts'
import type { TdsRequest } from '../../support/tds/requests.ts'
import { TdsServer } from '../../support/tds/server.ts'
import { until } from '../../support/until.ts'
import { parameterOf } from '../claims/played-clauses.ts'
import { openDriver } from '../claims/subjects.ts'
import type { Driver, DriverName } from '../claims/subjects.ts'
import { PlayedDeliveries } from './played-deliveries.ts'

export interface TdsWorker extends Driver {
  readonly server: TdsServer
  readonly played: PlayedDeliveries
  readonly drain: (handler: RawHandler, options?: DrainOptions) => Promise<DrainResult>
  readonly events: ClaimEvent[]
  /** An effect that credits 10, and what has come of it. */
  readonly credit: (tx: unknown) => Promise<unknown>
}

/** A worker of one test, whose table is described. */
export async function workerOf(
  driver: DriverName,
  bounds: Bounds = {},
  wrap: (adapter: Adapter<unknown, object>) => Adapter<unknown, object> = (adapter) => adapter,
): Promise<TdsWorker> {
  const played = new PlayedDeliveries()
  const server = await TdsServer.start({ answer: played.answer, cancelled: played.cancelled, closed: played.closed })
  const opened = await openDriver(driver, server)
  onTestFinished(async () => {
    await opened.close()
    await server.stop()
  })
  const database = wrap(opened.adapter)
  const events: ClaimEvent[] = []
  const config = checkConfig({
    database,
    table: 'dbo.deliveries',
    columns: {
      id: 'delivery_id',
      status: 'status',
      version: 'row_version',
      token: 'claim_token',
      claimedAt: 'claimed_at',
      leaseUntil: 'lease_until',
      attempts: 'attempts',
      lastError: 'last_error',
      dueAt: 'due_at',
    },
    states: { waiting: 'Wait', claimed: 'Y', processing: 'Working', failed: 'Failed' },
    timeoutMs: 3000,
    resolveTimeoutMs: 3000,
    ...bounds,
  })
  const caller = new Caller(config, database, (event) => events.push(event))
  const drain: TdsWorker['drain'] = (handler, options = {}) => caller.drain(handler, options)
  await drain({ effect: () => {} })
  events.length = 0
  const credit = (tx: unknown): Promise<unknown> => opened.run(tx, 'update accounts set balance = balance + 10')
  return { ...opened, server, played, drain, events, credit }
}

/** What a run counted, without what is 0. */
export const counted = (counts: object): object =>
  Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0))

/** Nothing is lent, and no session is left in a transaction or with a setting of ours. */
export async function poolIsWhole({ played, lent }: TdsWorker): Promise<void> {
  await until(() => (lent() ?? 0) === 0, 'nothing is lent', 4000)
  expect(
    played.open.map(({ transactions, settings }) => [transactions, settings.isolation, settings.lockTimeout]),
  ).toEqual(played.open.map(() => [0, 2, -1]))
}

const isUpdate = ({ sql }: TdsRequest): boolean => sql.includes('\nupdate [dbo].[deliveries]\n')

/** The state that an UPDATE writes. */
const writes = (request: TdsRequest): unknown => {
  const found = /\nset \[status\] = @(\d+)/.exec(request.sql)
  return isUpdate(request) && found !== null ? parameterOf(request, found[1]) : null
}

export const isPick = ({ sql }: TdsRequest): boolean => sql.includes('readpast')
export const isTake = (request: TdsRequest): boolean => writes(request) === 'Working'
export const isCompletion = (request: TdsRequest): boolean => writes(request) === 'Y'
/** It is given back, or waits for its next attempt. */
export const isReturn = (request: TdsRequest): boolean => writes(request) === 'Wait'
export const isRenewal = (request: TdsRequest): boolean =>
  isUpdate(request) && request.sql.includes('\nset [lease_until] = ')

export const isCommit = ({ kind, sql }: TdsRequest): boolean => kind === 'commit' || sql === 'commit transaction'

/** The so-many-th request of a kind. */
export const nth = (is: (request: TdsRequest) => boolean, number: number): ((request: TdsRequest) => boolean) => {
  let met = 0
  return (request) => is(request) && (met += 1) === number
}
