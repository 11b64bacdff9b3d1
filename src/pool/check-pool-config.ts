import { checkBounds, refuseUnknownKeys } from '../check-config.ts'
import { ClaimError } from '../errors.ts'
import type { State } from '../outcome.ts'
import type { CandidateQueue } from './candidate-queue.ts'
import { PICK_STRATEGIES } from './pool-config.ts'
import type { LowStock, PickStrategy, PoolColumns, PoolStates } from './pool-config.ts'

/** The configuration, checked and with its defaults. */
export interface CheckedPoolConfig {
  readonly table: string
  readonly id: string
  readonly status: string
  readonly owner: string
  readonly slot: string
  readonly scope: string | null
  readonly takenAt: string | null
  readonly token: string | null
  readonly reservedUntil: string | null
  readonly states: { readonly free: State; readonly taken: State; readonly reserved: State | null }
  /** `null`: as the server can. */
  readonly strategy: PickStrategy | null
  readonly drawTogether: number
  readonly queue: CandidateQueue | null
  readonly queueTimeoutMs: number
  readonly lowStock: Required<LowStock> | null
  readonly timeoutMs: number
  readonly lockTimeoutMs: number | 'server' | null
  readonly retries: number
}

/** The configuration as callers without types may give it. */
export interface RawPoolConfig {
  readonly database: unknown
  readonly table: string
  readonly columns: PoolColumns<string>
  readonly states: PoolStates
  readonly strategy?: PickStrategy
  readonly drawTogether?: number
  readonly queue?: CandidateQueue
  readonly queueTimeoutMs?: number
  readonly lowStock?: LowStock
  readonly timeoutMs?: number
  readonly lockTimeoutMs?: number | 'server'
  readonly retries?: number
}

const config = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

const CONFIG_KEYS = [
  'database',
  'table',
  'columns',
  'states',
  'strategy',
  'drawTogether',
  'queue',
  'queueTimeoutMs',
  'lowStock',
  'timeoutMs',
  'lockTimeoutMs',
  'retries',
  'onEvent',
]
const NEEDED = ['id', 'status', 'owner', 'slot'] as const
const COLUMN_KEYS = [...NEEDED, 'scope', 'takenAt', 'token', 'reservedUntil'] as const

const DEFAULT_TIMEOUT_MS = 2000
const DEFAULT_DRAW_TOGETHER = 64
const DEFAULT_QUEUE_MS = 200
const DEFAULT_STOCK_MS = 1000
/** Looking at more takes longer than a draw should be followed by. */
const MOST_STOCK = 100_000
/** More make statements that databases take long to plan. */
export const MOST_AT_ONCE = 100

/** What can be checked without the database. Throws `CLAIM_CONFIG`. */
export function checkPoolConfig(raw: RawPoolConfig): CheckedPoolConfig {
  refuseUnknownKeys(raw, CONFIG_KEYS, 'createPool()', config)
  const { table, columns, strategy, drawTogether = DEFAULT_DRAW_TOGETHER } = raw
  const { queue = null, queueTimeoutMs = DEFAULT_QUEUE_MS } = raw
  if (typeof raw.database !== 'object' || raw.database === null || !('dialect' in raw.database)) {
    throw config('database is not an adapter. Pass mysql(pool), mssql(pool), sqlite(db) or kysely(db).')
  }
  if (typeof table !== 'string' || table === '') throw config('table is missing. Pass the name of the table of items.')
  checkColumns(columns)
  const states = checkedStates(raw)
  if (strategy !== undefined) checkPickStrategy(strategy, config)
  if (!(Number.isInteger(drawTogether) && drawTogether >= 1 && drawTogether <= MOST_AT_ONCE)) {
    throw config(`drawTogether is ${drawTogether}. It is a whole number from 1 to ${MOST_AT_ONCE}.`)
  }
  checkQueue(queue, strategy, queueTimeoutMs)
  checkBounds({ timeoutMs: DEFAULT_TIMEOUT_MS, ...raw }, config)
  return Object.freeze({
    table,
    id: columns.id,
    status: columns.status,
    owner: columns.owner,
    slot: columns.slot,
    scope: columns.scope ?? null,
    takenAt: columns.takenAt ?? null,
    token: columns.token ?? null,
    reservedUntil: columns.reservedUntil ?? null,
    states,
    strategy: strategy ?? null,
    drawTogether,
    queue,
    queueTimeoutMs,
    lowStock: checkedLowStock(raw.lowStock),
    timeoutMs: raw.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    lockTimeoutMs: raw.lockTimeoutMs ?? null,
    retries: raw.retries ?? 3,
  })
}

function checkColumns(columns: PoolColumns<string>): void {
  if (typeof columns !== 'object' || columns === null) throw config(`columns is missing. Name ${NEEDED.join(', ')}.`)
  refuseUnknownKeys(columns, COLUMN_KEYS, 'columns', config)
  const missing = NEEDED.find((key) => columns[key] === undefined)
  if (missing !== undefined) throw config(`columns.${missing} is missing. Name ${NEEDED.join(', ')}.`)
  const names = COLUMN_KEYS.flatMap((key) => columns[key] ?? [])
  if (names.some((name) => typeof name !== 'string' || name === '')) throw config('columns holds an empty name.')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw config(`columns names "${twice}" twice. Each column has one meaning.`)
}

function checkedStates({ states, columns }: RawPoolConfig): CheckedPoolConfig['states'] {
  if (typeof states !== 'object' || states === null) throw config('states is missing. Pass { free, taken }.')
  refuseUnknownKeys(states, ['free', 'taken', 'reserved'], 'states', config)
  const { free, taken, reserved = null } = states
  for (const state of [free, taken, ...(reserved === null ? [] : [reserved])]) {
    if (typeof state !== 'string' && !Number.isSafeInteger(state)) {
      throw config(`states holds ${String(state)}. A state is a string or a whole number.`)
    }
  }
  if ((reserved === null) !== (columns.reservedUntil === undefined)) {
    throw config('Reservations need both states.reserved and columns.reservedUntil. Name both, or neither.')
  }
  return Object.freeze({ free, taken, reserved })
}

function checkQueue(queue: CandidateQueue | null, strategy: PickStrategy | undefined, timeoutMs: number): void {
  if (queue !== null && !(['pop', 'push', 'replace'] as const).every((name) => typeof queue[name] === 'function')) {
    throw config('queue is no queue of candidates. Pass redisQueue(client) of claim-once/redis.')
  }
  if (strategy === 'queue' && queue === null) {
    throw config('The strategy is "queue", but queue is missing. Pass redisQueue(client) of claim-once/redis.')
  }
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0 && timeoutMs <= 2 ** 31 - 1)) {
    throw config(`queueTimeoutMs is ${timeoutMs}. It is a number of milliseconds greater than 0.`)
  }
}

function checkedLowStock(lowStock: LowStock | undefined): Required<LowStock> | null {
  if (lowStock === undefined) return null
  if (typeof lowStock !== 'object' || lowStock === null) throw config('lowStock is no object. Pass { below, notify }.')
  refuseUnknownKeys(lowStock, ['below', 'notify', 'everyMs'], 'lowStock', config)
  const { below, notify, everyMs = DEFAULT_STOCK_MS } = lowStock
  if (!(Number.isInteger(below) && below >= 1 && below <= MOST_STOCK)) {
    throw config(`lowStock.below is ${below}. It is a whole number from 1 to ${MOST_STOCK}.`)
  }
  if (typeof notify !== 'function') throw config('lowStock.notify is not a function.')
  if (!(Number.isFinite(everyMs) && everyMs >= 0 && everyMs <= 2 ** 31 - 1)) {
    throw config(`lowStock.everyMs is ${everyMs}. It is a number of milliseconds, 0 or more.`)
  }
  return { below, notify, everyMs }
}

export function checkPickStrategy(strategy: PickStrategy, fail: (message: string) => ClaimError): void {
  if (PICK_STRATEGIES.includes(strategy)) return
  throw fail(`strategy is "${String(strategy)}". It is one of: ${PICK_STRATEGIES.join(', ')}.`)
}
