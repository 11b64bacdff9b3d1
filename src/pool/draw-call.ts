import type { Row } from '../adapters/adapter.ts'
import type { CallBase } from '../call.ts'
import type { SqlValue } from '../sql.ts'
import type { PickStrategy } from './pool-config.ts'
import type { PoolShape, PoolStatements } from './pool-statements.ts'
import type { PoolTable } from './pool-table.ts'

/** One owner who asks for items. */
export interface DrawRequest {
  /** As a parameter, and as the database shows it. */
  readonly owner: SqlValue
  readonly count: number
}

/** What one request comes to. */
export type DrawAnswer =
  | { readonly is: 'given'; readonly items: readonly Row[]; readonly value: unknown; readonly recovered: boolean }
  | { readonly is: 'held'; readonly items: readonly Row[]; readonly asAsked: boolean }
  | { readonly is: 'exhausted' }
  | { readonly is: 'contended' }
  /** Somebody was faster; the request is to be drawn again. Only of requests that are drawn together. */
  | { readonly is: 'missed' }

/** One draw, for one owner or for several who are drawn together, bound to its table. */
export interface DrawCall extends CallBase<readonly DrawAnswer[]> {
  readonly table: PoolTable
  readonly statements: PoolStatements
  readonly strategy: PickStrategy
  readonly requests: readonly DrawRequest[]
  readonly shape: PoolShape
  readonly values: ReadonlyMap<string, SqlValue>
}
