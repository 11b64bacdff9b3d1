import type { Adapter, Reply } from './adapters/adapter.ts'
import { statesOf } from './config.ts'
import type { CheckedConfig } from './config.ts'
import type { TableDescription } from './dialects/dialect.ts'
import { DrainStatements } from './drain/drain-statements.ts'
import type { Statement } from './sql.ts'
import { Statements } from './statements.ts'
import { refuseSameStates } from './states.ts'
import { fitTable } from './table.ts'
import type { Table } from './table.ts'

/** The user's table of orders, described and found to fit, with its statements. */
export interface DescribedTable {
  readonly table: Table
  readonly statements: Statements
  /** Of workers, who take several orders at once. */
  readonly drain: DrainStatements
}

export const fitOrders = (config: CheckedConfig, { dialect, resolveNames }: Adapter<unknown, object>) =>
  function* (description: TableDescription): Generator<Statement, DescribedTable, Reply> {
    const table = fitTable(config, description, dialect, resolveNames)
    yield* refuseSameStates(statesOf(config.states), table, dialect)
    return { table, statements: new Statements(table, dialect), drain: new DrainStatements(table, dialect) }
  }
