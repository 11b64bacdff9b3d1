import type { Pool as CallbackPool, PoolConnection as CallbackConnection, RowDataPacket } from 'mysql2'
import type { Pool as PromisePool, PoolConnection as PromiseConnection } from 'mysql2/promise'
import { mysqlDialect } from '../dialects/mysql.ts'
import { ClaimError } from '../errors.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'
import type { Adapter, Reply, Row, Session } from './adapter.ts'
import { whetherRunning } from './mysql-kill.ts'
import { watchConnection } from './mysql2-handle.ts'
import type { CoreConnection, WatchedConnection } from './mysql2-handle.ts'

/** The connection that an effect gets, and that `transaction` takes: of the same kind as the pool. */
export type ConnectionOf<Pool> = Pool extends PromisePool ? PromiseConnection : CallbackConnection

/**
 * Claims through a mysql2 pool, on MySQL or MariaDB. The pool stays the user's: its settings are left alone, and
 * every connection goes back to it in the state it came in, or is closed.
 *
 * @param pool of `mysql2` or `mysql2/promise`
 * @throws {ClaimError} `CLAIM_CONFIG` where it is neither
 *
 * @example
 * const orders = createClaims({ database: mysql(pool), … })
 */
export function mysql<Pool extends CallbackPool | PromisePool>(pool: Pool): Adapter<ConnectionOf<Pool>> {
  const { core, promises } = corePool(pool)
  const adapter: Adapter<ConnectionOf<Pool>> = {
    dialect: mysqlDialect,
    synchronous: false,
    tellsSession: true,
    escapesOnClient: false,
    pool: core,
    open: () =>
      new Promise<Session<ConnectionOf<Pool>>>((resolve, reject) => {
        core.getConnection((error, connection) => {
          if (error) reject(error)
          else resolve(new Mysql2Session<ConnectionOf<Pool>>(connection as unknown as CoreConnection, core, promises))
        })
      }),
    join: (transaction) => new Mysql2Session(coreConnection(transaction), null, promises),
  }
  return Object.freeze(adapter)
}

/** The promise pool is a wrapper; what it wraps is its `pool`. */
function corePool(pool: CallbackPool | PromisePool): { readonly core: CallbackPool; readonly promises: boolean } {
  if (typeof pool === 'object' && 'getConnection' in pool && 'execute' in pool) {
    if ('pool' in pool) return { core: pool.pool, promises: true }
    if ('promise' in pool) return { core: pool, promises: false }
  }
  throw new ClaimError('CLAIM_CONFIG', 'mysql() takes a pool: createPool() of mysql2 or of mysql2/promise.')
}

function coreConnection(connection: unknown): CoreConnection {
  const given: unknown =
    typeof connection === 'object' && connection !== null && 'connection' in connection
      ? connection.connection
      : connection
  if (typeof given === 'object' && given !== null && 'execute' in given && 'addCommand' in given) {
    return given as CoreConnection
  }
  throw new ClaimError('CLAIM_INPUT', 'transaction is no mysql2 connection. Pass the connection that began it.')
}

/** What mysql2 answers to a write. */
interface ResultHeader {
  readonly affectedRows: number
  readonly serverStatus: number
}

/** https://mariadb.com/kb/en/ok_packet/ */
const SERVER_STATUS_IN_TRANS = 1
const SERVER_STATUS_AUTOCOMMIT = 2

/** Whatever the pool is set to: rows by name, and integers beyond 2^53 as text, not rounded. */
const requestOf = ({ sql, parameters }: Statement): object => ({
  sql,
  values: parameters.length === 0 ? undefined : parameters,
  rowsAsArray: false,
  nestTables: false,
  typeCast: true,
  supportBigNumbers: true,
  bigNumberStrings: false,
})

class Mysql2Session<Tx> implements Session<Tx> {
  readonly #connection: CoreConnection
  /** `null` for the caller's own connection. */
  readonly #pool: CallbackPool | null
  readonly #promises: boolean
  #watch: TransactionWatch | null = null
  #sent = ''
  #watched: WatchedConnection | null = null

  constructor(connection: CoreConnection, pool: CallbackPool | null, promises: boolean) {
    this.#connection = connection
    this.#pool = pool
    this.#promises = promises
  }

  send(statement: Statement): Promise<Reply> {
    this.#sent = statement.sql
    return new Promise((resolve, reject) => {
      const answer = (error: unknown, result: unknown): void => {
        if (error === null || error === undefined) resolve(toReply(result))
        else reject(error)
      }
      // Prepared, so that values travel apart from the text: escaping them is unsafe under NO_BACKSLASH_ESCAPES.
      const hand = (): unknown =>
        statement.parameters.length === 0
          ? this.#connection.query(requestOf(statement), answer)
          : this.#connection.execute(requestOf(statement), answer)
      if (this.#watched === null) hand()
      else this.#watched.unwatched(hand)
    })
  }

  handle(watch: TransactionWatch): Tx {
    this.#watch = watch
    this.#watched = watchConnection(this.#connection, watch)
    const { handle } = this.#watched
    return (this.#promises ? promised(handle) : handle) as Tx
  }

  release(): void {
    this.#watched?.end()
    if (this.#pool !== null) this.#connection.release()
  }

  /** A statement under way goes on at the server, and its locks stay: its thread is killed, where a connection is free. */
  destroy(): void {
    this.#watched?.end()
    const { threadId } = this.#connection
    this.#connection.destroy()
    const question = threadId === null ? null : whetherRunning(threadId, this.#lastSent)
    if (this.#pool === null || question === null) return
    // On one connection: the next may be to another server.
    this.#pool.getConnection((error, other) => {
      if (error) return
      const giveBack = (): void => other.release()
      other.query<RowDataPacket[]>(question.sql, [...question.parameters], (failed, rows) => {
        if (failed === null && rows.length === 1) other.query(`kill ${threadId}`, giveBack)
        else giveBack()
      })
    })
  }

  /** What the server may still be at. */
  get #lastSent(): string {
    return this.#watch?.current ?? this.#sent
  }
}

type Promised = new (connection: CoreConnection) => object

const promisedBy = new WeakMap<object, Promised>()

/** As `promise()` gives it, which loads its class by name each time. */
function promised(handle: CoreConnection): object {
  const kind = Object.getPrototypeOf(handle) as object
  const known = promisedBy.get(kind)
  if (known !== undefined) return new known(handle)
  const made = handle.promise()
  promisedBy.set(kind, made.constructor as Promised)
  return made
}

function toReply(result: unknown): Reply {
  if (Array.isArray(result)) return { rows: result as Row[], affectedRows: 0 }
  const { affectedRows, serverStatus } = result as ResultHeader
  return {
    rows: [],
    affectedRows,
    session: {
      inTransaction: (serverStatus & SERVER_STATUS_IN_TRANS) !== 0,
      autocommit: (serverStatus & SERVER_STATUS_AUTOCOMMIT) !== 0,
    },
  }
}
