import { CompiledQuery, MssqlAdapter, MysqlAdapter, SqliteAdapter } from 'kysely'
import type { DatabaseConnection, Kysely, QueryExecutor, Selectable, Transaction } from 'kysely'
import type { Dialect } from '../dialects/dialect.ts'
import { mssqlDialect } from '../dialects/mssql.ts'
import { mysqlDialect } from '../dialects/mysql.ts'
import { sqliteDialect } from '../dialects/sqlite.ts'
import { ClaimError } from '../errors.ts'
import type { Statement } from '../sql.ts'
import type { TransactionWatch } from '../watch.ts'
import type { Adapter, Reply, Row, Session } from './adapter.ts'
import { joinedSession } from './joined.ts'
import { KyselyMssqlSession } from './kysely-mssql.ts'
import { resolveNames } from './kysely-names.ts'
import { whetherRunning } from './mysql-kill.ts'
import { watchedTransaction } from './kysely-transaction.ts'

/** The tables of a kysely database as they are read. */
export type SelectableTables<DB> = { readonly [Table in keyof DB]: Selectable<DB[Table]> }

/**
 * Claims through an existing `Kysely<DB>`, on MySQL, MariaDB, SQL Server or SQLite. The effect gets a `Transaction<DB>`; table and
 * column names are checked against `DB` by the compiler, and go through kysely's plugins as its own do.
 *
 * @param db on a `MysqlDialect`, `MssqlDialect` or `SqliteDialect`, or one that has the adapter of any of them
 * @throws {ClaimError} `CLAIM_CONFIG` for another dialect
 *
 * @example
 * const orders = createClaims({ database: kysely(db), table: 'orders', … })
 * await orders.claimOnce(id, { effect: (tx) => tx.updateTable('accounts')… .execute() })
 */
export function kysely<DB>(db: Kysely<DB>): Adapter<Transaction<DB>, SelectableTables<DB>> {
  const executor = db.getExecutor()
  const dialect = dialectOf(executor)
  const renames = executor.plugins.length > 0
  const adapter: Adapter<Transaction<DB>, SelectableTables<DB>> = {
    dialect,
    synchronous: false,
    // SQL Server's replies tell it in a row of their own, MySQL's do not get through kysely.
    tellsSession: dialect === mssqlDialect,
    escapesOnClient: dialect === mysqlDialect,
    // Shared by what withPlugin() and withSchema() make of the same Kysely.
    pool: executor.adapter,
    ...(renames
      ? { resolveNames: (table: string, columns: readonly string[]) => resolveNames(db, table, columns) }
      : {}),
    open: () => openSession<DB>(executor, dialect),
    join(transaction: Transaction<DB>) {
      if (!transaction.isTransaction) {
        throw new ClaimError(
          'CLAIM_INPUT',
          'transaction is no kysely Transaction. Pass the one that db.transaction() gives.',
        )
      }
      const joined = transaction.getExecutor()
      return joinedSession<Transaction<DB>>((statement) =>
        joined.provideConnection((connection) => run(connection, statement)),
      )
    },
  }
  return Object.freeze(adapter)
}

function dialectOf(executor: QueryExecutor): Dialect {
  if (executor.adapter instanceof MysqlAdapter) return mysqlDialect
  if (executor.adapter instanceof MssqlAdapter) return mssqlDialect
  if (executor.adapter instanceof SqliteAdapter) return sqliteDialect
  throw new ClaimError('CLAIM_CONFIG', 'kysely() takes a Kysely on MySQL, MariaDB, SQL Server or SQLite.')
}

/** kysely lends its connections to a callback: this one lasts until the session ends. */
function openSession<DB>(executor: QueryExecutor, dialect: Dialect): Promise<Session<Transaction<DB>>> {
  return new Promise((resolve, reject) => {
    executor
      .provideConnection(
        (connection) =>
          new Promise<void>((giveBack) => {
            if (dialect === mssqlDialect) {
              resolve(new KyselyMssqlSession<DB>(connection, executor, giveBack, run))
              return
            }
            const session = new KyselySession<DB>(connection, executor, giveBack)
            if (dialect !== sqliteDialect) resolve(session)
            else
              withoutBusyTimeout(connection, session).then(resolve, (error: unknown) => {
                giveBack()
                reject(error)
              })
          }),
      )
      .catch(reject)
  })
}

const run = async (connection: DatabaseConnection, { sql, parameters }: Statement): Promise<Reply> => {
  const { rows, numAffectedRows } = await connection.executeQuery<Row>(CompiledQuery.raw(sql, [...parameters]))
  return { rows, affectedRows: Number(numAffectedRows ?? 0) }
}

class KyselySession<DB> implements Session<Transaction<DB>> {
  readonly #connection: DatabaseConnection
  readonly #executor: QueryExecutor
  readonly #giveBack: () => void
  #watch: TransactionWatch | null = null
  #sent = ''

  constructor(connection: DatabaseConnection, executor: QueryExecutor, giveBack: () => void) {
    this.#connection = connection
    this.#executor = executor
    this.#giveBack = giveBack
  }

  send(statement: Statement): Promise<Reply> {
    this.#sent = statement.sql
    return run(this.#connection, statement)
  }

  handle(watch: TransactionWatch): Transaction<DB> {
    this.#watch = watch
    return watchedTransaction<DB>(this.#connection, this.#executor, watch)
  }

  release(): void {
    this.#giveBack()
  }

  /** kysely's `killSession` takes the connection out of the pool at once, and then kills its thread on the server. */
  destroy(): void {
    const connection = this.#connection
    const kill = async (): Promise<void> => {
      await connection.collectSessionInfo?.()
      const sent = this.#watch?.current ?? this.#sent
      const killing = connection.killSession?.((kills) =>
        this.#executor.provideConnection((other) => kills(killingWhatRuns(other, sent))),
      )
      this.#giveBack()
      await killing
    }
    kill().catch(() => this.#giveBack())
  }
}

/** A connection by which a thread is killed only where it runs what was sent. */
const killingWhatRuns = (connection: DatabaseConnection, sent: string): DatabaseConnection => ({
  streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  async executeQuery(query) {
    const threadId = Number(/^kill connection (\d+)$/.exec(query.sql)?.[1])
    const question = Number.isSafeInteger(threadId) ? whetherRunning(threadId, sent) : null
    const runs = question !== null && (await run(connection, question)).rows.length === 1
    return runs ? await connection.executeQuery(query) : { rows: [] }
  },
})

/**
 * On SQLite a driver waits for a lock by blocking the event loop, in which the holder's own effect may be waiting: so
 * it does not wait at all while the session lasts, and the claim asks again. The wait is put back before the
 * connection is. There is one connection, which cannot be closed: what is left of a transaction is rolled back.
 */
async function withoutBusyTimeout<DB>(
  connection: DatabaseConnection,
  session: KyselySession<DB>,
): Promise<Session<Transaction<DB>>> {
  const asked = await run(connection, { sql: 'pragma busy_timeout', parameters: [] })
  const before = Number(asked.rows[0]?.['timeout'] ?? 0)
  await run(connection, { sql: 'pragma busy_timeout = 0', parameters: [] })
  const giveBack = async (): Promise<void> => {
    await run(connection, { sql: `pragma busy_timeout = ${before}`, parameters: [] }).catch(() => {})
    session.release()
  }
  return {
    send: (statement) => session.send(statement),
    handle: (watch) => session.handle(watch),
    release: () => void giveBack(),
    destroy: () => {
      void run(connection, sqliteDialect.rollback)
        .catch(() => {})
        .then(giveBack)
    },
  }
}
