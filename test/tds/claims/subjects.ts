import { Kysely, MssqlDialect, sql } from 'kysely'
import type { Transaction as KyselyTransaction } from 'kysely'
import mssql from 'mssql'
import * as tarn from 'tarn'
import * as tedious from 'tedious'
import { onTestFinished } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import { mssqlDialectFrom } from '../../../src/adapters/kysely-mssql-dialect.ts'
import { kysely } from '../../../src/adapters/kysely.ts'
import { mssql as mssqlAdapter } from '../../../src/adapters/mssql.ts'
import { Caller } from '../../../src/caller.ts'
import { checkConfig } from '../../../src/check-config.ts'
import type { Bounds } from '../../../src/config.ts'
import type { ClaimEvent } from '../../../src/events.ts'
import type { Strategies } from '../../../src/kinds.ts'
import type { RawLeaseOptions, RawMoveOptions, RawOptions } from '../../../src/options.ts'
import { mssqlConfig, tediousConfig } from '../../support/tds/clients.ts'
import { TdsServer } from '../../support/tds/server.ts'
import type { TdsServerOptions } from '../../support/tds/server.ts'
import { PlayedShop } from './played-shop.ts'

/** So few that one connection that is not given back is missed at once. */
export const POOL_SIZE = 2

export const DRIVERS = ['mssql', 'kysely', 'kysely by connection string'] as const
export type DriverName = (typeof DRIVERS)[number]
/** Where a batch can be sent on a pooled session, past the adapter. */
export const REACHABLE = DRIVERS.filter((driver) => driver !== 'kysely by connection string')

/** What stands below every adapter: the user's own pool. */
export interface Driver {
  readonly adapter: Adapter<unknown, object>
  /** A statement through an effect's handle. */
  readonly run: (tx: unknown, statement: string) => Promise<unknown>
  /** The caller's own transaction. */
  readonly begin: () => Promise<OwnTransaction>
  /** Sends a text as a batch of its own on a pooled session, so that what it sets stays there. */
  readonly batch: (text: string) => Promise<unknown>
  /** How many connections are lent; `null` where the pool cannot be asked. */
  readonly lent: () => number | null
  readonly close: () => Promise<unknown>
}

export interface OwnTransaction {
  readonly tx: unknown
  readonly commit: () => Promise<unknown>
  readonly rollback: () => Promise<unknown>
}

export interface TdsSubject extends Driver {
  readonly driver: DriverName
  readonly server: TdsServer
  readonly shop: PlayedShop
  /** Ends it without waiting for what the pool has lent. */
  readonly abandon: () => Promise<void>
}

/** What a mutant changes: the adapter, and the strategies where it has its own. */
export interface Mutation {
  (adapter: Adapter<unknown, object>): Adapter<unknown, object>
  readonly strategies?: Strategies
}

export interface TestedClaims {
  readonly claimOnce: (id: unknown, options?: RawOptions) => ReturnType<Caller['claimOnce']>
  readonly resolve: (pending: string, options?: RawOptions) => ReturnType<Caller['resolve']>
  readonly leaseOnce: (id: unknown, options: RawLeaseOptions) => ReturnType<Caller['leaseOnce']>
  readonly moveOnce: (id: unknown, options: RawMoveOptions) => ReturnType<Caller['moveOnce']>
  readonly reset: (id: unknown, options?: RawOptions) => ReturnType<Caller['reset']>
  readonly events: readonly ClaimEvent[]
}

export interface ClaimsSettings extends Bounds {
  /** With what leases, kept results and noted failures need. */
  readonly leases?: boolean
}

const LEASE_COLUMNS = { leaseUntil: 'lease_until', attempts: 'attempts', lastError: 'last_error', result: 'result' }
const LEASE_STATES = { processing: 'Working', failed: 'Failed', closed: ['Expired'] }

export function claimsOn(
  subject: TdsSubject,
  mutation: Mutation = (adapter) => adapter,
  { leases = false, ...bounds }: ClaimsSettings = {},
): TestedClaims {
  const database = mutation(subject.adapter)
  const events: ClaimEvent[] = []
  const config = checkConfig({
    database,
    table: 'dbo.orders',
    columns: {
      id: 'order_id',
      status: 'status',
      version: 'row_version',
      token: 'claim_token',
      claimedAt: 'claimed_at',
      ...(leases ? LEASE_COLUMNS : {}),
    },
    states: { waiting: 'Wait', claimed: 'Y', ...(leases ? LEASE_STATES : {}) },
    timeoutMs: 1000,
    // What is unknown is thrown as such.
    resolveTimeoutMs: 0,
    ...bounds,
  })
  const caller = new Caller(config, database, (event) => events.push(event), mutation.strategies)
  return {
    claimOnce: (id, options = {}) => caller.claimOnce(id, options),
    resolve: (pending, options = {}) => caller.resolve(pending, options),
    leaseOnce: (id, options) => caller.leaseOnce(id, options),
    moveOnce: (id, options) => caller.moveOnce(id, options),
    reset: (id, options = {}) => caller.reset(id, options),
    events,
  }
}

export interface SubjectOptions extends Pick<TdsServerOptions, 'login'> {
  /** The driver's own. */
  readonly requestTimeoutMs?: number
}

export async function openSubject(
  driver: DriverName,
  { requestTimeoutMs, ...options }: SubjectOptions = {},
): Promise<TdsSubject> {
  const shop = new PlayedShop()
  const server = await TdsServer.start({
    answer: shop.answer,
    cancelled: shop.cancelled,
    closed: shop.closed,
    ...options,
  })
  const opened = await OPEN[driver](server, requestTimeoutMs)
  return {
    ...opened,
    driver,
    server,
    shop,
    abandon: () => server.stop().catch(() => {}),
    close: async () => {
      await opened.close()
      await server.stop()
    },
  }
}

/** For one test, and closed with it. */
export async function subjectOf(driver: DriverName, options: SubjectOptions = {}): Promise<TdsSubject> {
  const subject = await openSubject(driver, options)
  onTestFinished(() => subject.close().then(() => {}))
  return subject
}

/** The user's own pool on a played server. */
export const openDriver = (driver: DriverName, server: TdsServer): Promise<Driver> => OPEN[driver](server, undefined)

type Opener = (server: TdsServer, requestTimeoutMs: number | undefined) => Promise<Driver>

const OPEN: Readonly<Record<DriverName, Opener>> = {
  async mssql(server, requestTimeout) {
    const pool = new mssql.ConnectionPool(
      mssqlConfig(server, {
        connectionTimeout: 400,
        pool: { max: POOL_SIZE, min: 0 },
        ...(requestTimeout === undefined ? {} : { requestTimeout }),
      }),
    )
    pool.on('error', () => {})
    await pool.connect()
    return {
      adapter: mssqlAdapter(pool),
      run: (tx, statement) => (tx as mssql.Transaction).request().query(statement),
      async begin() {
        const transaction = pool.transaction()
        await transaction.begin()
        return { tx: transaction, commit: () => transaction.commit(), rollback: () => transaction.rollback() }
      },
      batch: (text) => pool.request().batch(text),
      lent: () => pool.borrowed,
      close: () => pool.close(),
    }
  },
  async kysely(server, requestTimeout = SHORT.requestTimeout) {
    const pools: { numUsed(): number }[] = []
    class CountedPool<Resource> extends tarn.Pool<Resource> {
      constructor(settings: ConstructorParameters<typeof tarn.Pool<Resource>>[0]) {
        super(settings)
        pools.push(this)
      }
    }
    const batches = new BatchSender()
    const dialect = new MssqlDialect({
      tarn: { Pool: CountedPool, options: { min: 0, max: POOL_SIZE } },
      tedious: {
        ...tedious,
        connectionFactory: () =>
          batches.add(new tedious.Connection(tediousConfig(server, { ...SHORT, requestTimeout }))),
      },
    })
    return {
      ...kyselyDriver(new Kysely<unknown>({ dialect })),
      batch: (text) => batches.send(text),
      lent: () => pools.reduce((sum, pool) => sum + pool.numUsed(), 0),
    }
  },
  async 'kysely by connection string'(server, requestTimeoutMs) {
    const dialect = mssqlDialectFrom(`${server.url}&connectTimeout=1`, {
      max: POOL_SIZE,
      acquireTimeoutMs: 3000,
      ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    })
    return { ...kyselyDriver(new Kysely<unknown>({ dialect })), batch: noBatch, lent: () => null }
  },
}

/** kysely closes no connection for a claim: one that does not answer is kept apart until tedious gives it up. */
const SHORT = { requestTimeout: 1500, cancelTimeout: 200, connectTimeout: 400 }

const noBatch = (): never => {
  throw new Error('kysely sends no batches, and its connections are out of reach here.')
}

function kyselyDriver(db: Kysely<unknown>): Pick<Driver, 'adapter' | 'run' | 'begin' | 'close'> {
  return {
    adapter: kysely(db),
    run: (tx, statement) => sql.raw(statement).execute(tx as KyselyTransaction<unknown>),
    async begin() {
      const tx = await db.startTransaction().execute()
      return { tx, commit: () => tx.commit().execute(), rollback: () => tx.rollback().execute() }
    },
    close: () => db.destroy(),
  }
}

/** Sends batches past kysely, on the connections that it pools. */
class BatchSender {
  readonly #connections: tedious.Connection[] = []

  add(connection: tedious.Connection): tedious.Connection {
    this.#connections.push(connection)
    return connection
  }

  async send(text: string): Promise<void> {
    for (const connection of this.#connections.filter(({ closed }) => !closed)) {
      await new Promise<void>((resolve, reject) => {
        connection.execSqlBatch(new tedious.Request(text, (error) => (error ? reject(error) : resolve())))
      })
    }
  }
}
