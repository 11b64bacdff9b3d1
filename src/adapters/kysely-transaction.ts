import { Transaction } from 'kysely'
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryExecutor, QueryResult } from 'kysely'
import type { TransactionWatch } from '../watch.ts'

/**
 * A `Transaction<DB>` on a connection of which every statement passes the watch. Compiler and plugins are those of the
 * user's Kysely.
 */
export function watchedTransaction<DB>(
  connection: DatabaseConnection,
  executor: QueryExecutor,
  watch: TransactionWatch,
): Transaction<DB> {
  const watched = watchedConnection(connection, watch)
  const dialect = unusedDialect(executor)
  return new Transaction<DB>({
    config: { dialect },
    dialect,
    driver: dialect.createDriver(),
    executor: executor.withConnectionProvider({ provideConnection: (consumer) => consumer(watched) }),
  })
}

function watchedConnection(connection: DatabaseConnection, watch: TransactionWatch): DatabaseConnection {
  const execute = <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
    watch.pass(query.sql, () => connection.executeQuery<R>(query))
  return {
    executeQuery: execute,
    // Read to the end first: half a stream would keep the connection from the statements that follow.
    async *streamQuery<R>(query: CompiledQuery) {
      yield await execute<R>(query)
    },
  }
}

/** A Transaction asks its dialect for the introspection only, and its driver for nothing. */
function unusedDialect(executor: QueryExecutor): Dialect {
  const unused = (): never => {
    throw new Error(
      "The claim's transaction has no driver, compiler or introspection of its own. Use the Kysely instance.",
    )
  }
  return {
    createDriver: () =>
      ({
        init: unused,
        acquireConnection: unused,
        beginTransaction: unused,
        commitTransaction: unused,
        rollbackTransaction: unused,
        releaseConnection: unused,
        destroy: unused,
      }) satisfies Driver,
    createQueryCompiler: unused,
    createAdapter: () => executor.adapter,
    createIntrospector: unused,
  }
}
