import type { Adapter, Reply } from './adapters/adapter.ts'
import { statesOf } from './config.ts'
import type { CheckedConfig } from './config.ts'
import type { TableDescription } from './dialects/dialect.ts'
import { DrainStatements } from './drain/drain-statements.ts'
import { NAMES } from './names.ts'
import type { SqlValue, Statement } from './sql.ts'
import { Statements } from './statements.ts'
import { refuseSameStates } from './states.ts'
import { fitTable } from './table.ts'
import type { Table } from './table.ts'
import type { StateName } from './transitions.ts'

/** The user's table of orders, described and found to fit, with its statements. */
export interface DescribedTable {
  readonly table: Table
  readonly statements: Statements
  /** Of workers, who take several orders at once. */
  readonly drain: DrainStatements
  /** What every statement may bind: the states. */
  readonly stateValues: ReadonlyMap<string, SqlValue>
}

const STATES = ['waiting', 'claimed', 'processing', 'failed'] as const satisfies readonly StateName[]

export const fitOrders = (config: CheckedConfig, { dialect, resolveNames }: Adapter<unknown, object>) =>
  function* (description: TableDescription): Generator<Statement, DescribedTable, Reply> {
    const table = fitTable(config, description, dialect, resolveNames)
    yield* refuseSameStates(statesOf(config.states), table, dialect)
    return {
      table,
      statements: new Statements(table, dialect),
      drain: new DrainStatements(table, dialect),
      stateValues: new Map(STATES.map((state) => [NAMES.state(state), table.states[state]])),
    }
  }
