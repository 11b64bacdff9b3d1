import type { Adapter, Session, Waiting } from '../../src/adapters/adapter.ts'
import { Caller } from '../../src/caller.ts'
import { checkConfig } from '../../src/check-config.ts'
import type { StrategyName } from '../../src/config.ts'
import type { DrainOptions, DrainResult, RawHandler } from '../../src/drain/drain-options.ts'
import type { ClaimEvent } from '../../src/events.ts'
import type { RawLeaseOptions, RawMoveOptions, RawOptions } from '../../src/options.ts'
import type { ClaimResult, LeaseResult, MoveResult, ResetResult } from '../../src/outcome.ts'
import type { Strategy } from '../../src/strategies/strategy.ts'
import { ORDERS } from '../support/orders.ts'
import type { Shop } from '../support/orders.ts'

export type Rows = readonly Readonly<Record<string, unknown>>[]

/** A transaction of the caller's own, begun by the user's library. */
export interface OwnTransaction {
  readonly tx: unknown
  commit(): Promise<void>
  rollback(): Promise<void>
}

/** One database through one adapter. */
export interface Subject {
  readonly family: 'mysql' | 'mssql' | 'sqlite'
  readonly shop: Shop
  readonly adapter: Adapter<unknown, object>
  /** Outside every claim, on another connection where there is one. */
  readonly query: (sql: string) => Promise<Rows>
  /** Through an effect's handle, one statement after the other; at once where the handle answers at once. */
  readonly through: (tx: unknown, ...statements: readonly string[]) => unknown
  readonly begin: () => Promise<OwnTransaction>
  /** Other code changes the order, which still waits; its version moves. */
  readonly edit: (id: number) => Promise<unknown>
  /** Whether this is what the version is after so many updates. */
  readonly hasMoved: (before: unknown, after: unknown, updates: number) => boolean
  readonly close: () => Promise<void>
}

/** What a mutant changes. */
export interface Mutation {
  readonly adapter?: (adapter: Adapter<unknown, object>) => Adapter<unknown, object>
  readonly strategies?: Readonly<Record<StrategyName, Strategy>>
  /** Of what a lease is called with. */
  readonly lease?: (options: RawLeaseOptions) => RawLeaseOptions
}

/** Claims as a test calls them: whatever the types of the adapter. */
export interface TestedClaims {
  readonly claimOnce: (orderId: unknown, options?: RawOptions) => Promise<ClaimResult<unknown>>
  readonly resolve: (pending: unknown, options?: RawOptions) => Promise<ClaimResult<unknown>>
  readonly leaseOnce: (orderId: unknown, options: RawLeaseOptions) => Promise<LeaseResult<unknown>>
  readonly drain: (handler: RawHandler, options?: DrainOptions) => Promise<DrainResult>
  readonly moveOnce: (orderId: unknown, options: RawMoveOptions) => Promise<MoveResult<unknown>>
  readonly reset: (orderId: unknown, options?: RawOptions) => Promise<ResetResult>
  readonly events: ClaimEvent[]
}

export interface ClaimsUnderTest {
  /** Another table than the shop's orders, more of its columns, other bounds. */
  readonly config?: Partial<Omit<Parameters<typeof checkConfig>[0], 'database' | 'strategy' | 'onEvent'>>
  readonly strategy: StrategyName
  /** Wraps the adapter of this test, below a mutant's. */
  readonly adapter?: (adapter: Adapter<unknown, object>) => Adapter<unknown, object>
  readonly mutation?: Mutation | undefined
}

export function claimsOn(subject: Subject, { strategy, adapter, mutation, config }: ClaimsUnderTest): TestedClaims {
  const events: ClaimEvent[] = []
  const wrapped = adapter === undefined ? subject.adapter : adapter(subject.adapter)
  const database = mutation?.adapter === undefined ? wrapped : mutation.adapter(wrapped)
  // What became of a claim is found out as late as a slow machine needs for it.
  const checked = checkConfig({ database, ...ORDERS.config, resolveTimeoutMs: 20_000, ...config, strategy })
  const caller = new Caller(checked, database, (event) => events.push(event), mutation?.strategies)
  return {
    claimOnce: (orderId, options = {}) => caller.claimOnce(orderId, options),
    resolve: (pending, options = {}) => caller.resolve(pending, options),
    leaseOnce: (orderId, options) => caller.leaseOnce(orderId, mutation?.lease?.(options) ?? options),
    drain: (handler, options = {}) => caller.drain(handler, options),
    moveOnce: (orderId, options) => caller.moveOnce(orderId, options),
    reset: (orderId, options = {}) => caller.reset(orderId, options),
    events,
  }
}

/**
 * Runs `interfere` before the first guarded UPDATE goes out: the worst instant for a claim that has just looked. On
 * SQLite that is before its transaction, which keeps everybody else out.
 */
export function beforeTheUpdate(
  adapter: Adapter<unknown, object>,
  interfere: () => Promise<unknown>,
): Adapter<unknown, object> {
  let done = false
  return {
    ...adapter,
    open(waiting) {
      if (adapter.synchronous) {
        // Between two statements of a session that answers at once nothing else runs: there it is before the claim.
        if (!done) void interfere()
        done = true
        return adapter.open(waiting)
      }
      return openInterfered(waiting)
    },
  }
  async function openInterfered(waiting: Waiting): Promise<Session<unknown>> {
    const session = await adapter.open(waiting)
    const { send } = session
    session.send = async (statement) => {
      if (!done && /update (?:\[\w+\]\.)?["`[]orders|begin immediate/.test(statement.sql)) {
        done = true
        await interfere()
      }
      return await send.call(session, statement)
    }
    return session
  }
}
