import type { Adapter } from '../adapters/adapter.ts'
import type { Bounds, ColumnOf } from '../config.ts'
import type { State } from '../outcome.ts'
import type { CandidateQueue } from './candidate-queue.ts'
import type { PoolEventHook } from './pool-events.ts'

/** How an item is picked out of the free ones. */
export type PickStrategy =
  /** By row locks, past the rows that others have locked. Needs a server that has `skip locked`, or `readpast`. */
  | 'skip_locked'
  /** A candidate is read without a lock, and taken by a guarded UPDATE; on a miss the next one. For any server. */
  | 'conditional'
  /** Candidates come from `queue`. Where that is empty, or does not answer, from the table. */
  | 'queue'

/** Those that need nothing beside the table. */
export type TableStrategy = Exclude<PickStrategy, 'queue'>

export const PICK_STRATEGIES = ['skip_locked', 'conditional', 'queue'] as const satisfies readonly PickStrategy[]

/** The columns of the user's table that a pool knows of. */
export interface PoolColumns<Column extends string> {
  /** A unique key of the table: one column. */
  readonly id: Column
  readonly status: Column
  /** Who has the item; NULL while it is free. */
  readonly owner: Column
  /**
   * An integer, NULL while the item is free: the owner's first item is 1, the second 2. With owner and scope it is a
   * unique key of the table, by which no owner gets more than he asked for.
   */
  readonly slot: Column
  /** What the items are for, such as the campaign: an owner has his items in each scope. Default: the table is one scope. */
  readonly scope?: Column
  /** Gets the database's time, in UTC, when the item is taken; not when it is reserved. */
  readonly takenAt?: Column
  /** Gets a random value of the call that took the item: `char(36)`, a uuid or `binary(16)`. */
  readonly token?: Column
  /** Until when the item is reserved, by the database's clock in UTC: `datetime(6)`. Reservations need it. */
  readonly reservedUntil?: Column
}

/** The values of the status column. */
export interface PoolStates {
  readonly free: State
  readonly taken: State
  /** The owner has the item until it is confirmed, or its time is over. Reservations need it. */
  readonly reserved?: State
}

/** When somebody is told that items run out. */
export interface LowStock {
  /** With fewer free items than this, from 1 to 100,000; so many are read to know it. */
  readonly below: number
  /**
   * Is told once when the stock falls below, and again after it has been refilled; not awaited. What it throws, or rejects
   * with, is dropped.
   */
  readonly notify: (stock: Stock) => unknown
  /** Milliseconds between two looks at the stock of one scope and `where`. Default: 1000. */
  readonly everyMs?: number
}

/** What is left of the items that a draw asked for. */
export interface Stock {
  readonly scope: unknown
  readonly where: Readonly<Record<string, unknown>>
  readonly free: number
}

/** What {@link createPool} needs to know of the user's table. Unknown keys are refused. */
export interface PoolConfig<Tx, Tables extends object, Table extends keyof Tables & string> extends Omit<
  Bounds,
  'resolveTimeoutMs'
> {
  /** `mysql(pool)`, `mssql(pool)`, `sqlite(db)`, `kysely(db)`: what the user already has. */
  readonly database: Adapter<Tx, Tables>
  readonly table: Table
  readonly columns: PoolColumns<ColumnOf<Tables, Table>>
  readonly states: PoolStates
  /** For calls that name none. Default: `skip_locked` where the server has it, else `conditional`. */
  readonly strategy?: PickStrategy
  /**
   * Requests that meet in this process are drawn together, up to so many at once: one statement takes the items, and
   * each goes to its own winner. Not those with an `effect` or `transaction`. Default: 64. `1` turns it off.
   */
  readonly drawTogether?: number
  /** `redisQueue(client)` of `claim-once/redis`: where the strategy `queue` has its candidates from. */
  readonly queue?: CandidateQueue
  /** Milliseconds to wait for an answer of the queue before the table is asked instead. Default: 200. */
  readonly queueTimeoutMs?: number
  /** Who is told that items run out. Default: nobody. */
  readonly lowStock?: LowStock
  /** Gets every event of note. */
  readonly onEvent?: PoolEventHook
}
