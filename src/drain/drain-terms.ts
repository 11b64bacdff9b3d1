import { checkLockTime, checkOptions } from '../bind.ts'
import { checkBounds, refuseUnknownKeys } from '../check-config.ts'
import type { Bounds, CheckedConfig } from '../config.ts'
import { ClaimError } from '../errors.ts'
import {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_WORK_MS,
  LEAST_LEASE_MS,
  MOST_MS,
  requireLeaseColumns,
} from '../lease/lease-options.ts'
import type { DrainOptions, RawHandler } from './drain-options.ts'
import { mostRows } from '../padded.ts'
import { boundsOf } from '../tries.ts'
import type { CallBounds } from '../tries.ts'

/** The handler and the options of a run, with their defaults. */
export interface DrainTerms {
  readonly handler: RawHandler
  readonly bounds: CallBounds
  readonly batchSize: number
  readonly concurrency: number
  readonly leaseMs: number
  readonly maxAttempts: number
  readonly isRetryable: (error: unknown) => boolean
  readonly backoff: { readonly firstMs: number; readonly factor: number; readonly mostMs: number }
  readonly workTimeoutMs: number
  readonly stopAfterMs: number
  /** `null`: it returns when nothing is due. */
  readonly pollMs: number | null
  /** `null`: never. */
  readonly progressMs: number | null
  readonly signal: AbortSignal | undefined
}

const HANDLER_KEYS = ['effect', 'work', 'batch', 'read', 'set']
const BOUND_KEYS = ['timeoutMs', 'lockTimeoutMs', 'retries', 'resolveTimeoutMs'] as const satisfies (keyof Bounds)[]
const OPTION_KEYS = [
  'batchSize',
  'concurrency',
  'leaseMs',
  'maxAttempts',
  'backoff',
  'poll',
  'signal',
  'stopAfterMs',
  'isRetryable',
  'workTimeoutMs',
  'progress',
  ...BOUND_KEYS,
]
const DEFAULT_LEASE_MS = 30_000
const DEFAULT_BATCH = 10
const DEFAULT_STOP_MS = 10_000
const DEFAULT_BACKOFF = { firstMs: 1000, factor: 2, mostMs: 3_600_000 }

const input = (message: string): ClaimError => new ClaimError('CLAIM_INPUT', message)

/** Throws `CLAIM_CONFIG` where the table is not configured for a worker, `CLAIM_INPUT` for what the call says. */
export function drainTerms(handler: RawHandler, options: DrainOptions, config: CheckedConfig): DrainTerms {
  checkHandler(handler, config)
  if (!isObject(options)) throw input('The options are not an object.')
  refuseUnknownKeys(options, OPTION_KEYS, 'drain()', input)
  checkBounds(options, input)
  checkLockTime(options, config)
  requireLeaseColumns('drain()', config)

  const { failed } = config.states
  const { batchSize = handler.work === undefined ? DEFAULT_BATCH : 1, concurrency = 1 } = options
  const { leaseMs = DEFAULT_LEASE_MS, workTimeoutMs = DEFAULT_WORK_MS, stopAfterMs = DEFAULT_STOP_MS } = options
  const { maxAttempts = failed === null ? Infinity : DEFAULT_MAX_ATTEMPTS, isRetryable = () => true } = options
  // One UPDATE names them all.
  whole('batchSize', batchSize, 1, mostRows(config.id.length))
  whole('concurrency', concurrency, 1, 1000)
  whole('leaseMs', leaseMs, LEAST_LEASE_MS, MOST_MS)
  if (maxAttempts !== Infinity) whole('maxAttempts', maxAttempts, 1, MOST_MS)
  if (maxAttempts !== Infinity && failed === null) {
    throw input('maxAttempts is given, but states.failed is not configured: there is no state to put the order in.')
  }
  if (typeof isRetryable !== 'function') throw input('isRetryable is not a function.')
  if (workTimeoutMs !== Infinity) whole('workTimeoutMs', workTimeoutMs, 1, MOST_MS)
  whole('stopAfterMs', stopAfterMs, 0, MOST_MS)
  return {
    handler,
    bounds: boundsOf(options, config),
    batchSize,
    concurrency,
    leaseMs,
    maxAttempts,
    isRetryable,
    backoff: checkedBackoff(options, config),
    workTimeoutMs,
    stopAfterMs,
    pollMs: interval('poll', options.poll),
    progressMs: interval('progress', options.progress),
    signal: options.signal,
  }
}

function checkHandler(handler: RawHandler, config: CheckedConfig): void {
  if (!isObject(handler)) {
    throw input('drain() is given no handler. Pass { effect }, { work } or { batch }.')
  }
  const { work, batch, effect, read, set } = handler
  refuseUnknownKeys(handler, HANDLER_KEYS, 'The handler', input)
  for (const [name, part] of Object.entries({ work, batch, effect })) {
    if (part !== undefined && typeof part !== 'function') throw input(`${name} is not a function.`)
  }
  if (work === undefined && batch === undefined && effect === undefined) {
    throw input('The handler does nothing. Give it an effect, work or batch.')
  }
  if (batch !== undefined && (work !== undefined || effect !== undefined)) {
    throw input('batch excludes work and effect: it is the one effect of the whole batch.')
  }
  const forEffect = { effect: work ?? batch ?? effect, ...(read && { read }), ...(set && { set }) }
  checkOptions(forEffect, config, ['effect', 'read', 'set'])
}

function checkedBackoff({ backoff }: DrainOptions, config: CheckedConfig): DrainTerms['backoff'] {
  if (backoff === undefined) return DEFAULT_BACKOFF
  if (!isObject(backoff)) throw input('backoff is not an object.')
  refuseUnknownKeys(backoff, Object.keys(DEFAULT_BACKOFF), 'backoff', input)
  if (config.dueAt === null) {
    throw input('backoff is given, but columns.dueAt is not configured: there is nowhere to write when to try again.')
  }
  const merged = { ...DEFAULT_BACKOFF, ...backoff }
  whole('backoff.firstMs', merged.firstMs, 0, MOST_MS)
  whole('backoff.mostMs', merged.mostMs, 0, MOST_MS)
  if (!(Number.isFinite(merged.factor) && merged.factor >= 1)) {
    throw input(`backoff.factor is ${merged.factor}. It is a number, 1 or more.`)
  }
  return merged
}

function interval(name: string, given: { readonly intervalMs: number } | undefined): number | null {
  if (given === undefined) return null
  if (!isObject(given)) throw input(`${name} is not an object: { intervalMs }.`)
  refuseUnknownKeys(given, ['intervalMs'], name, input)
  whole(`${name}.intervalMs`, given.intervalMs, 1, MOST_MS)
  return given.intervalMs
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw input(`${name} is ${String(value)}. It is a whole number from ${least} to ${most}.`)
}

/**
 * How long an order waits after so many attempts, in milliseconds: up to a tenth more or less than asked for, because
 * those that failed together would come together.
 */
export function pauseAfter(attempts: number, { firstMs, factor, mostMs }: DrainTerms['backoff']): number {
  if (firstMs === 0) return 0 // which the power of a large factor, Infinity, would make NaN
  const asked = Math.min(mostMs, firstMs * factor ** Math.min(1000, Math.max(0, attempts - 1)))
  return Math.min(MOST_MS, Math.round(asked * (0.9 + Math.random() * 0.2)))
}
