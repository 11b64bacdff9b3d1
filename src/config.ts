import type { Adapter } from './adapters/adapter.ts'
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
  /**
   * Gets a random value of the call that claimed the order: `char(36)`, a uuid or `binary(16)`. By it a call whose answer
   * was lost recognises its own claim; leases need it.
   */
  readonly token?: Column
  /** Gets the database's time of the claim, in UTC. */
  readonly claimedAt?: Column
  /** Gets the gateway's transaction, so that a second payment is told from a repeated callback. */
  readonly paymentId?: Column
  /** Until when the order is leased, by the database's clock in UTC: `datetime(6)`. Leases need it. */
  readonly leaseUntil?: Column
  /**
   * From when on the worker of `drain` may take the order, by the database's clock in UTC: of the same types as `leaseUntil`,
   * and NULL where it is not for the worker. A claim empties it, a lease moves it to its own end. Default: none, and the
   * worker takes every waiting order.
   */
  readonly dueAt?: Column
  /** An integer that counts the leases of an order, and the claims whose effect failed. Leases need it. */
  readonly attempts?: Column
  /** Text: why the last effect, or work, failed; cut to what fits. */
  readonly lastError?: Column
  /** Text that keeps what the effect returned, as JSON: a duplicate, or a recovered call, is given it. */
  readonly result?: Column
}

/** The values of the status column. */
export interface States {
  /** The order may be claimed. */
  readonly waiting: State
  /** The order is claimed. */
  readonly claimed: State
  /** What a claimed order becomes later (`Shipped`): still a duplicate. Default: none. */
  readonly afterClaimed?: readonly State[]
  /** The order is leased: somebody works for it outside the database. Leases need it. */
  readonly processing?: State
  /** Its leases have failed so often that nobody tries again before a person has looked. Default: none. */
  readonly failed?: State
  /** What a waiting order may be moved to instead of being claimed (`Expired`, `Cancelled`). Default: none. */
  readonly closed?: readonly State[]
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
  /**
   * Milliseconds, beyond `timeoutMs`, to find out what became of a claim that nobody has answered. Default: 2000. `0`:
   * such a claim is thrown as `CLAIM_UNKNOWN` at once.
   */
  readonly resolveTimeoutMs?: number
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
  /**
   * Goes into the idempotency keys of leases: what tells this database from others whose orders are paid through the same
   * account outside (staging and production, one shop and the next). Never change it, nor how `table` is written: an order
   * that is taken over after that would be paid twice. Default: none.
   */
  readonly idempotencyNamespace?: string
  /** The most that is kept in `columns.result`, in bytes of JSON. What is longer is not kept. Default: 16384. */
  readonly resultMaxBytes?: number
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
  readonly leaseUntil: string | null
  readonly dueAt: string | null
  readonly attempts: string | null
  readonly lastError: string | null
  readonly result: string | null
  readonly states: CheckedStates
  readonly strategy: StrategyName
  readonly timeoutMs: number
  readonly lockTimeoutMs: number | 'server' | null
  readonly retries: number
  readonly resolveTimeoutMs: number
  readonly resultMaxBytes: number
  readonly idempotencyNamespace: string
}

export interface CheckedStates {
  readonly waiting: State
  readonly claimed: State
  readonly afterClaimed: readonly State[]
  readonly processing: State | null
  readonly failed: State | null
  readonly closed: readonly State[]
}

/** Every state of the configuration; they must differ. */
export const statesOf = ({ waiting, claimed, afterClaimed, processing, failed, closed }: CheckedStates): State[] =>
  [waiting, claimed, ...afterClaimed, processing, failed, ...closed].filter((state) => state !== null)
