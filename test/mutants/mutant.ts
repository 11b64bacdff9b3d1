import type { Adapter, Session } from '../../src/adapters/adapter.ts'
import type { StrategyName } from '../../src/config.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { conditional } from '../../src/strategies/conditional.ts'
import { optimistic } from '../../src/strategies/optimistic.ts'
import { pessimistic } from '../../src/strategies/pessimistic.ts'
import type { Strategy } from '../../src/strategies/strategy.ts'
import type { Template } from '../../src/sql.ts'
import type { Mutation, Subject } from '../contract/subject.ts'
import type { MssqlTrait } from '../support/mssql-traits.ts'

/** A claim that is wrong in one respect, and the rule of the contract that must notice. */
export interface Mutant {
  readonly name: string
  readonly families: readonly Subject['family'][]
  readonly strategies: readonly StrategyName[]
  readonly mutation: Mutation
  readonly caughtBy: string
  /** What of SQL Server it takes to be wrong. Default: nothing that other T-SQL servers have not. */
  readonly needs?: readonly MssqlTrait[]
}

export type AnyAdapter = Adapter<unknown, object>

export const EVERY = ['mysql', 'mssql', 'sqlite'] as const

export const withDialect =
  (change: (dialect: Dialect) => Partial<Dialect>) =>
  (adapter: AnyAdapter): AnyAdapter => ({ ...adapter, dialect: { ...adapter.dialect, ...change(adapter.dialect) } })

/** Changes every session; a session that answers at once still does. */
export const withSession =
  (change: (session: Session<unknown>) => void) =>
  (adapter: AnyAdapter): AnyAdapter => ({
    ...adapter,
    open(signal) {
      const changed = (session: Session<unknown>): Session<unknown> => {
        change(session)
        return session
      }
      const opened = adapter.open(signal)
      return opened instanceof Promise ? opened.then(changed) : changed(opened)
    },
  })

const binds = (name: string) => (condition: Template) => condition.names.includes(name)

/** The UPDATE without the conditions that bind one of these. */
export const withoutGuard = (...names: string[]): Mutation => ({
  adapter: withDialect(({ update }) => ({
    update: (clauses, surroundings) =>
      update(
        { ...clauses, where: clauses.where.filter((condition) => !names.some((name) => binds(name)(condition))) },
        surroundings,
      ),
  })),
})

export const strategies = (changed: Partial<Record<StrategyName, Strategy>>): Mutation => ({
  strategies: { optimistic, conditional, pessimistic, ...changed },
})
