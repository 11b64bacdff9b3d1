import type { Caller } from '../../src/caller.ts'
import type { DrainOptions, RawHandler } from '../../src/drain/drain-options.ts'
import type { Statement } from '../../src/sql.ts'
import type { TransactionWatch } from '../../src/watch.ts'
import { until } from '../support/until.ts'
import type { Backlog, Hooks } from './recorded-drain.ts'

interface DrainCall {
  readonly name: string
  readonly backlog?: Backlog
  readonly call: (caller: Caller, sent: readonly Statement[], hooks: Hooks) => Promise<unknown>
}

const credit = (tx: unknown): Promise<string> =>
  (tx as TransactionWatch).pass('update accounts set balance = balance + 1', async () => 'paid')

const fail = (): never => {
  throw new Error('not now')
}

const read = ['account_id']
const set = { note: 'sent' }

const drain =
  (handler: RawHandler, options: DrainOptions = {}) =>
  (caller: Caller): Promise<unknown> =>
    caller.drain(handler, options)

/** One order's effect asks the run to stop; those whose turn has not come are given back. */
const stopped = (caller: Caller): Promise<unknown> => {
  const stop = new AbortController()
  return caller.drain({ effect: () => stop.abort() }, { signal: stop.signal })
}

/** The run stops when it has taken what somebody had left, and before it begins with it. */
const stoppedEarly = async (caller: Caller, _sent: readonly Statement[], hooks: Hooks): Promise<unknown> => {
  const stop = new AbortController()
  hooks.onEvent = ({ type }) => {
    if (type === 'taken') stop.abort()
  }
  return await caller.drain({ effect: credit }, { signal: stop.signal })
}

const renewed = (caller: Caller, sent: readonly Statement[]): Promise<unknown> => {
  const stop = new AbortController()
  const isRenewed = (): boolean => sent.some(({ sql }) => /^set .lease_until. = /m.test(sql))
  const effect = async (): Promise<void> => {
    await until(isRenewed, 'those that wait for their turn are renewed')
    stop.abort()
  }
  return caller.drain({ effect }, { leaseMs: 600, signal: stop.signal })
}

/** A loop takes nothing, and looks once. */
const looked = async (caller: Caller, sent: readonly Statement[]): Promise<unknown> => {
  const stop = new AbortController()
  const run = caller.drain({ effect: credit }, { poll: { intervalMs: 300 }, signal: stop.signal })
  await until(() => sent.filter(({ sql }) => /^select /m.test(sql)).length > 1, 'it has looked')
  stop.abort()
  return await run
}

export const DRAIN_CALLS: readonly DrainCall[] = [
  { name: 'one order, claimed with an effect', call: drain({ read, set, effect: credit }) },
  { name: 'one order, whose effect needs the id alone', call: drain({ read: ['order_id'], effect: credit }) },
  { name: 'one order, worked on outside and claimed', call: drain({ read, set, work: () => 'done' }) },
  { name: 'work, and an effect after it', call: drain({ read, work: () => 'done', effect: credit }) },
  { name: 'three orders by one effect', backlog: { due: 3 }, call: drain({ read, set, batch: credit }) },
  {
    name: 'three orders, of which others were faster with one',
    backlog: { due: 3, changed: 2 },
    call: drain({ batch: () => 1 }),
  },
  { name: 'left by somebody, and taken over', backlog: { due: 3, left: true }, call: drain({ effect: credit }) },
  { name: 'failed, to be tried again', call: drain({ effect: fail }, { backoff: { firstMs: 5000 } }) },
  { name: 'failed for good', call: drain({ effect: fail }, { maxAttempts: 1 }) },
  { name: 'renewed, and given back', backlog: { due: 3 }, call: renewed },
  { name: 'given back, as if they had not been taken', backlog: { due: 3 }, call: stopped },
  { name: 'left again, by a run that stops', backlog: { left: true }, call: stoppedEarly },
  { name: 'nothing is due, and a loop looks', backlog: { due: 0 }, call: looked },
  {
    name: 'counted for progress',
    backlog: { due: 0 },
    call: drain({ effect: credit }, { progress: { intervalMs: 3_600_000 } }),
  },
  {
    name: 'no column that says when',
    backlog: { due: 3, undated: true },
    call: drain({ batch: () => 1 }, { batchSize: 5 }),
  },
  {
    name: 'no column that says when; left by somebody',
    backlog: { undated: true, left: true },
    call: drain({ effect: credit }),
  },
]

/** Where locked rows cannot be skipped. */
export const CANDIDATE_CALLS: readonly DrainCall[] = [
  { name: 'three orders, two at a time', backlog: { due: 3 }, call: drain({ work: () => 'done' }, { batchSize: 2 }) },
]
