import type { Bounds, CheckedConfig, ColumnNames, States, StrategyName } from './config.ts'
import { STRATEGIES } from './config.ts'
import { ClaimError } from './errors.ts'
import type { EventHook } from './events.ts'
import type { State } from './outcome.ts'

const config = (message: string): ClaimError => new ClaimError('CLAIM_CONFIG', message)

/** Refuses keys that nobody reads: a misspelt `statas` must not become a default. */
export function refuseUnknownKeys(value: object, known: readonly string[], what: string, fail: typeof config): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key))
  if (unknown.length > 0) {
    throw fail(`${what} has no option "${unknown.join('", "')}". It knows: ${known.join(', ')}.`)
  }
}

const isState = (value: unknown): value is State =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))

export function checkBounds(bounds: Bounds, fail: typeof config): void {
  const { timeoutMs, lockTimeoutMs, retries, resolveTimeoutMs } = bounds
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0 && timeoutMs <= 2 ** 31 - 1)) {
    throw fail(`timeoutMs is ${timeoutMs}. It is a number of milliseconds greater than 0.`)
  }
  if (
    lockTimeoutMs !== undefined &&
    lockTimeoutMs !== 'server' &&
    !(Number.isFinite(lockTimeoutMs) && lockTimeoutMs >= 0)
  ) {
    throw fail(`lockTimeoutMs is ${lockTimeoutMs}. It is a number of milliseconds, or 'server'.`)
  }
  if (typeof lockTimeoutMs === 'number' && timeoutMs !== undefined && lockTimeoutMs >= timeoutMs) {
    throw fail(`lockTimeoutMs (${lockTimeoutMs}) must be smaller than timeoutMs (${timeoutMs}), which it is a part of.`)
  }
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0)) {
    throw fail(`retries is ${retries}. It is a whole number, 0 or more.`)
  }
  if (
    resolveTimeoutMs !== undefined &&
    !(Number.isFinite(resolveTimeoutMs) && resolveTimeoutMs >= 0 && resolveTimeoutMs <= 2 ** 31 - 1)
  ) {
    throw fail(`resolveTimeoutMs is ${resolveTimeoutMs}. It is a number of milliseconds, 0 or more.`)
  }
}

interface RawConfig extends Bounds {
  readonly database: unknown
  readonly table: string
  readonly columns: ColumnNames<string, string | readonly string[]>
  readonly states: States
  readonly strategy?: StrategyName
  readonly resultMaxBytes?: number
  readonly idempotencyNamespace?: string
  readonly onEvent?: EventHook
}

const DEFAULT_TIMEOUT_MS = 2000
/** Together with the call's own time still below the five seconds after which gateways hang up. */
export const DEFAULT_RESOLVE_MS = 2000
const DEFAULT_RESULT_BYTES = 16_384

const CONFIG_KEYS = [
  'database',
  'table',
  'columns',
  'states',
  'strategy',
  'timeoutMs',
  'lockTimeoutMs',
  'retries',
  'resolveTimeoutMs',
  'resultMaxBytes',
  'idempotencyNamespace',
  'onEvent',
]

/** The columns beside the id and the status, none of which is needed. */
const OPTIONAL_COLUMNS = [
  'version',
  'token',
  'claimedAt',
  'paymentId',
  'leaseUntil',
  'dueAt',
  'attempts',
  'lastError',
  'result',
] as const satisfies readonly (keyof CheckedConfig)[]
const COLUMN_KEYS = ['id', 'status', ...OPTIONAL_COLUMNS]
const STATE_KEYS = ['waiting', 'claimed', 'afterClaimed', 'processing', 'failed', 'closed']

/** What can be checked without the database. Throws `CLAIM_CONFIG`. */
export function checkConfig(raw: RawConfig): CheckedConfig {
  refuseUnknownKeys(raw, CONFIG_KEYS, 'createClaims()', config)
  const { table, columns, states } = raw
  if (typeof raw.database !== 'object' || raw.database === null || !('dialect' in raw.database)) {
    throw config('database is not an adapter. Pass mysql(pool), mssql(pool), sqlite(db) or kysely(db).')
  }
  if (typeof table !== 'string' || table === '') throw config('table is missing. Pass the name of the orders table.')
  if (typeof columns !== 'object' || columns === null) throw config('columns is missing. Name at least id and status.')
  refuseUnknownKeys(columns, COLUMN_KEYS, 'columns', config)
  const id: readonly string[] = typeof columns.id === 'string' ? [columns.id] : (columns.id ?? [])
  const named = [...id, columns.status, ...OPTIONAL_COLUMNS.map((key) => columns[key])]
  if (id.length === 0) throw config('columns.id is missing. Name the column, or the columns, of a unique key.')
  if (columns.status === undefined)
    throw config('columns.status is missing. Name the column that says "waiting" or "claimed".')
  const names = named.filter((name) => name !== undefined)
  if (names.some((name) => typeof name !== 'string' || name === '')) throw config('columns holds an empty name.')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw config(`columns names "${twice}" twice. Each column has one meaning.`)

  if (typeof states !== 'object' || states === null) throw config('states is missing. Pass { waiting, claimed }.')
  refuseUnknownKeys(states, STATE_KEYS, 'states', config)
  const checkedStates = Object.freeze({
    waiting: states.waiting,
    claimed: states.claimed,
    afterClaimed: Object.freeze([...(states.afterClaimed ?? [])]),
    processing: states.processing ?? null,
    failed: states.failed ?? null,
    closed: Object.freeze([...(states.closed ?? [])]),
  })
  const optional = [states.processing, states.failed].filter((state) => state !== undefined)
  for (const state of [
    states.waiting,
    states.claimed,
    ...optional,
    ...checkedStates.afterClaimed,
    ...checkedStates.closed,
  ]) {
    if (!isState(state)) throw config(`states holds ${String(state)}. A state is a string or a whole number.`)
  }
  const strategy = raw.strategy ?? 'conditional'
  checkStrategy(strategy, columns.version !== undefined, config)
  checkBounds({ timeoutMs: DEFAULT_TIMEOUT_MS, ...raw }, config)
  const { resultMaxBytes = DEFAULT_RESULT_BYTES, idempotencyNamespace = '' } = raw
  if (typeof idempotencyNamespace !== 'string') throw config('idempotencyNamespace is no text.')
  if (!(Number.isInteger(resultMaxBytes) && resultMaxBytes > 0)) {
    throw config(`resultMaxBytes is ${resultMaxBytes}. It is a whole number of bytes, 1 or more.`)
  }
  return Object.freeze({
    table,
    id: Object.freeze([...id]),
    composite: typeof columns.id !== 'string',
    status: columns.status,
    version: columns.version ?? null,
    token: columns.token ?? null,
    claimedAt: columns.claimedAt ?? null,
    paymentId: columns.paymentId ?? null,
    leaseUntil: columns.leaseUntil ?? null,
    dueAt: columns.dueAt ?? null,
    attempts: columns.attempts ?? null,
    lastError: columns.lastError ?? null,
    result: columns.result ?? null,
    states: checkedStates,
    strategy,
    timeoutMs: raw.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    lockTimeoutMs: raw.lockTimeoutMs ?? null,
    retries: raw.retries ?? 3,
    resolveTimeoutMs: raw.resolveTimeoutMs ?? DEFAULT_RESOLVE_MS,
    resultMaxBytes,
    idempotencyNamespace,
  })
}

export function checkStrategy(strategy: StrategyName, hasVersion: boolean, fail: typeof config): void {
  if (!STRATEGIES.includes(strategy)) {
    throw fail(`strategy is "${String(strategy)}". It is one of: ${STRATEGIES.join(', ')}.`)
  }
  if (strategy === 'optimistic' && !hasVersion) {
    throw fail(
      'The strategy "optimistic" needs a version. Name one in columns.version (an integer, or a rowversion on SQL Server), or use "conditional".',
    )
  }
}
