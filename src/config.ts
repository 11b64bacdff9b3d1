import type { Adapter } from './adapters/adapter.ts'
import { ClaimError } from './errors.ts'
import type { EventHook } from './events.ts'
import type { State } from './outcome.ts'

/** How a claim is decided. */
export type StrategyName = 'optimistic' | 'conditional' | 'pessimistic'

export const STRATEGIES = ['optimistic', 'conditional', 'pessimistic'] as const satisfies readonly StrategyName[]

/** The columns of the user's table that claims know of. Only `id` and `status` are needed. */
export interface ColumnNames<Column extends string, Id extends Column | readonly Column[]> {
  /** A unique key of the table: one column, or several (`['merchant_id', 'order_no']`). */
  readonly id: Id
  readonly status: Column
  /** Counts every claim (on SQL Server it may be a `rowversion`); the strategy `optimistic` needs it. */
  readonly version?: Column
  /** Gets a random value of the call that claimed the order. */
  readonly token?: Column
  /** Gets the database's time of the claim, in UTC. */
  readonly claimedAt?: Column
  /** Gets the gateway's transaction, so that a second payment is told from a repeated callback. */
  readonly paymentId?: Column
}

/** The values of the status column. */
export interface States {
  /** The order may be claimed. */
  readonly waiting: State
  /** The order is claimed. */
  readonly claimed: State
  /** What a claimed order becomes later (`Shipped`): still a duplicate. Default: none. */
  readonly afterClaimed?: readonly State[]
}

/** Bounds that a call may override. */
export interface Bounds {
  /**
   * Milliseconds for the whole call: waiting for the pool, for locks, for retries, and for the effect.
   * Default: 2000. Describing the table on first use comes on top.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds a statement of the claim waits for a lock before the outcome is `busy`. SQL Server counts them; MySQL and
   * MariaDB count whole seconds, so it is rounded up there: 0 is "do not wait" on MariaDB, and one second on MySQL, which
   * pays two more round trips for the bound. `'server'` leaves the wait to the server's own setting.
   * Default: what fits into `timeoutMs` with half a second to spare, in whole seconds where the server counts those
   * (1500 on SQL Server, else 1000); where nothing fits, `'server'`.
   */
  readonly lockTimeoutMs?: number | 'server'
  /** How often a transaction is tried again after a conflict (deadlock). Default: 3. `0` turns it off. */
  readonly retries?: number
}

/** What {@link createClaims} needs to know of the user's table. Unknown keys are refused. */
export interface ClaimsConfig<
  Tx,
  Tables extends object,
  Table extends keyof Tables & string,
  Id extends ColumnOf<Tables, Table> | readonly ColumnOf<Tables, Table>[],
> extends Bounds {
  /** `mysql(pool)`, `mssql(pool)`, `sqlite(db)`, `kysely(db)`: what the user already has. */
  readonly database: Adapter<Tx, Tables>
  /** The name as it is, unquoted; `schema.table` where the table is in another schema. */
  readonly table: Table
  readonly columns: ColumnNames<ColumnOf<Tables, Table>, Id>
  readonly states: States
  /** For calls that name none. Default: `conditional`. */
  readonly strategy?: StrategyName
  /** Gets every event of note. */
  readonly onEvent?: EventHook
}

export type ColumnOf<Tables extends object, Table extends keyof Tables> = keyof Tables[Table] & string

/** The configuration, checked and with its defaults. */
export interface CheckedConfig {
  readonly table: string
  readonly id: readonly string[]
  readonly composite: boolean
  readonly status: string
  readonly version: string | null
  readonly token: string | null
  readonly claimedAt: string | null
  readonly paymentId: string | null
  readonly states: { readonly waiting: State; readonly claimed: State; readonly afterClaimed: readonly State[] }
  readonly strategy: StrategyName
  readonly timeoutMs: number
  readonly lockTimeoutMs: number | 'server' | null
  readonly retries: number
}

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
  const { timeoutMs, lockTimeoutMs, retries } = bounds
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
}

interface RawConfig extends Bounds {
  readonly database: unknown
  readonly table: string
  readonly columns: ColumnNames<string, string | readonly string[]>
  readonly states: States
  readonly strategy?: StrategyName
  readonly onEvent?: EventHook
}

const DEFAULT_TIMEOUT_MS = 2000

const CONFIG_KEYS = [
  'database',
  'table',
  'columns',
  'states',
  'strategy',
  'timeoutMs',
  'lockTimeoutMs',
  'retries',
  'onEvent',
]
const COLUMN_KEYS = ['id', 'status', 'version', 'token', 'claimedAt', 'paymentId']

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
  const named = [...id, columns.status, columns.version, columns.token, columns.claimedAt, columns.paymentId]
  if (id.length === 0) throw config('columns.id is missing. Name the column, or the columns, of a unique key.')
  if (columns.status === undefined)
    throw config('columns.status is missing. Name the column that says "waiting" or "claimed".')
  const names = named.filter((name) => name !== undefined)
  if (names.some((name) => typeof name !== 'string' || name === '')) throw config('columns holds an empty name.')
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw config(`columns names "${twice}" twice. Each column has one meaning.`)

  if (typeof states !== 'object' || states === null) throw config('states is missing. Pass { waiting, claimed }.')
  refuseUnknownKeys(states, ['waiting', 'claimed', 'afterClaimed'], 'states', config)
  const afterClaimed = states.afterClaimed ?? []
  for (const state of [states.waiting, states.claimed, ...afterClaimed]) {
    if (!isState(state)) throw config(`states holds ${String(state)}. A state is a string or a whole number.`)
  }
  const strategy = raw.strategy ?? 'conditional'
  checkStrategy(strategy, columns.version !== undefined, config)
  checkBounds({ timeoutMs: DEFAULT_TIMEOUT_MS, ...raw }, config)
  return Object.freeze({
    table,
    id: Object.freeze([...id]),
    composite: typeof columns.id !== 'string',
    status: columns.status,
    version: columns.version ?? null,
    token: columns.token ?? null,
    claimedAt: columns.claimedAt ?? null,
    paymentId: columns.paymentId ?? null,
    states: Object.freeze({ ...states, afterClaimed: Object.freeze([...afterClaimed]) }),
    strategy,
    timeoutMs: raw.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    lockTimeoutMs: raw.lockTimeoutMs ?? null,
    retries: raw.retries ?? 3,
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
