import { checkBounds, refuseUnknownKeys } from '../check-config.ts'
import { ClaimError } from '../errors.ts'
import type { State } from '../outcome.ts'
import { PICK_STRATEGIES } from './pool-config.ts'
import type { PickStrategy, PoolColumns, PoolStates } from './pool-config.ts'

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
  readonly states: { readonly free: State; readonly taken: State }
  /** `null`: as the server can. */
  readonly strategy: PickStrategy | null
  readonly drawTogether: number
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
  'timeoutMs',
  'lockTimeoutMs',
  'retries',
  'onEvent',
]
const COLUMN_KEYS = ['id', 'status', 'owner', 'slot', 'scope', 'takenAt', 'token'] as const
const NEEDED = ['id', 'status', 'owner', 'slot'] as const

const DEFAULT_TIMEOUT_MS = 2000
const DEFAULT_DRAW_TOGETHER = 64
/** More make statements that databases take long to plan. */
export const MOST_AT_ONCE = 100

/** What can be checked without the database. Throws `CLAIM_CONFIG`. */
export function checkPoolConfig(raw: RawPoolConfig): CheckedPoolConfig {
  refuseUnknownKeys(raw, CONFIG_KEYS, 'createPool()', config)
  const { table, columns, states, strategy, drawTogether = DEFAULT_DRAW_TOGETHER } = raw
  if (typeof raw.database !== 'object' || raw.database === null || !('dialect' in raw.database)) {
    throw config('database is not an adapter. Pass mysql(pool), mssql(pool), sqlite(db) or kysely(db).')
  }
  if (typeof table !== 'string' || table === '') throw config('table is missing. Pass the name of the table of items.')
  if (typeof columns !== 'object' || columns === null) throw config(`columns is missing. Name ${NEEDED.join(', ')}.`)
  refuseUnknownKeys(columns, COLUMN_KEYS, 'columns', config)
  const missing = NEEDED.find((key) => columns[key] === undefined)
  if (missing !== undefined) throw config(`columns.${missing} is missing. Name ${NEEDED.join(', ')}.`)
  const names = COLUMN_KEYS.flatMap((key) => columns[key] ?? [])
  if (names.some((name) => typeof name !== 'string' || name === '')) throw config('columns holds an empty name.')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw config(`columns names "${twice}" twice. Each column has one meaning.`)
  if (typeof states !== 'object' || states === null) throw config('states is missing. Pass { free, taken }.')
  refuseUnknownKeys(states, ['free', 'taken'], 'states', config)
  for (const state of [states.free, states.taken]) {
    if (typeof state !== 'string' && !Number.isSafeInteger(state)) {
      throw config(`states holds ${String(state)}. A state is a string or a whole number.`)
    }
  }
  if (strategy !== undefined) checkPickStrategy(strategy, config)
  if (!(Number.isInteger(drawTogether) && drawTogether >= 1 && drawTogether <= MOST_AT_ONCE)) {
    throw config(`drawTogether is ${drawTogether}. It is a whole number from 1 to ${MOST_AT_ONCE}.`)
  }
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
    states: Object.freeze({ ...states }),
    strategy: strategy ?? null,
    drawTogether,
    timeoutMs: raw.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    lockTimeoutMs: raw.lockTimeoutMs ?? null,
    retries: raw.retries ?? 3,
  })
}

export function checkPickStrategy(strategy: PickStrategy, fail: (message: string) => ClaimError): void {
  if (PICK_STRATEGIES.includes(strategy)) return
  throw fail(`strategy is "${String(strategy)}". It is one of: ${PICK_STRATEGIES.join(', ')}.`)
}
