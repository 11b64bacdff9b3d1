import { AsyncLocalStorage } from 'node:async_hooks'
import { MssqlDialect } from 'kysely'
import * as tarn from 'tarn'
import * as tedious from 'tedious'
import type { Connection } from 'tedious'
import type { Row } from './adapter.ts'
import { TEDIOUS } from './kysely-mssql.ts'
import type { UnderKysely } from './kysely-mssql.ts'
import { parseMssqlConnection } from './mssql-connection-string.ts'

/** What may be set beside the connection string. Unknown names are refused there, and by the compiler here. */
export interface MssqlDialectOptions {
  /** Connections at the same time. Default: `max pool size` of the connection string, else 10. */
  readonly max?: number
  /** Connections kept open while nobody needs them. Default: `min pool size` of the connection string, else 0. */
  readonly min?: number
  /** Milliseconds to wait for a connection to become free. Default: 10000. */
  readonly acquireTimeoutMs?: number
  /** Milliseconds after which a statement is given up. Default: 15000, which is tedious' own. */
  readonly requestTimeoutMs?: number
}

/**
 * kysely's dialect for SQL Server, wired to tedious and tarn, from a connection string: a URL
 * (`mssql://user:password@host:1433/shop?encrypt=true`, also `sqlserver://`) or what ADO.NET takes
 * (`Server=host,1433;Database=shop;User Id=…;Password=…`).
 *
 * Set as a payment handler needs it: a connection that cannot be opened fails the call at once, with its own reason; a
 * connection is looked at before it is lent (its socket, which costs no round trip), and one that a claim could not
 * finish with is closed.
 *
 * @param connectionString encryption is on unless it says `encrypt=false`
 * @throws {ClaimError} `CLAIM_CONFIG` for a string that cannot be read, or has a setting that is not known
 *
 * @example
 * const db = new Kysely<Shop>({ dialect: mssqlDialectFrom(process.env.DATABASE_URL) })
 * const orders = createClaims({ database: kysely(db), … })
 */
export function mssqlDialectFrom(connectionString: string, options: MssqlDialectOptions = {}): MssqlDialect {
  const { pool, config } = parseMssqlConnection(connectionString)
  const { requestTimeoutMs, acquireTimeoutMs = 10_000 } = options
  const settings = {
    ...config,
    options: { ...config.options, ...(requestTimeoutMs === undefined ? {} : { requestTimeout: requestTimeoutMs }) },
  }
  return new MssqlDialect({
    tarn: {
      Pool: WatchfulPool,
      options: {
        min: options.min ?? pool.min,
        max: options.max ?? pool.max,
        acquireTimeoutMillis: acquireTimeoutMs,
        // Otherwise it is tried again until the time is over, and the reason is lost.
        propagateCreateError: true,
      },
    },
    tedious: {
      ...tedious,
      connectionFactory() {
        const connection = new tedious.Connection(settings)
        const making = inMaking.getStore()
        if (making !== undefined) making.connection = connection
        return connection
      },
    },
    // By the pool above, at no cost, and not by a statement.
    validateConnections: false,
  })
}

/** The connection of tedious that the pool is just making: kysely keeps it to itself. */
const inMaking = new AsyncLocalStorage<{ connection: Connection | null }>()

/** Knows the tedious connection under each of kysely's: looks at it before it lends it. */
class WatchfulPool<Resource> extends tarn.Pool<Resource> {
  constructor(options: ConstructorParameters<typeof tarn.Pool<Resource>>[0]) {
    const create = options.create as () => Promise<Resource>
    super({
      ...options,
      create: () => {
        const making: { connection: Connection | null } = { connection: null }
        return inMaking.run(making, async () => {
          const resource = await create()
          const under = making.connection === null ? {} : { [TEDIOUS]: new Under(making.connection) }
          return Object.assign(resource as object, under) as Resource
        })
      },
      validate: (resource) => (resource as { [TEDIOUS]?: Under })[TEDIOUS]?.isAlive ?? false,
    })
  }
}

/** A column of a row, as tedious gives it. */
interface ColumnValue {
  readonly metadata: { readonly colName: string }
  readonly value: unknown
}

class Under implements UnderKysely {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  get isAlive(): boolean {
    return !this.#connection.closed && this.#connection.state === this.#connection.STATE.LOGGED_IN
  }

  close(): void {
    this.#connection.close()
  }

  batch(text: string): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      const rows: Row[] = []
      const request = new tedious.Request(text, (error) => (error ? reject(error) : resolve(rows)))
      request.on('row', (columns: readonly ColumnValue[]) => {
        rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])))
      })
      this.#connection.execSqlBatch(request)
    })
  }
}
