import type { Row } from '../adapters/adapter.ts'
import type { CallBase } from '../call.ts'
import type { SqlValue } from '../sql.ts'
import type { PickStrategy } from './pool-config.ts'
import type { PoolChanges } from './pool-changes.ts'
import type { PoolShape } from './pool-names.ts'
import type { PoolReads } from './pool-reads.ts'
import type { PoolTable } from './pool-table.ts'

/** One owner who asks for items. */
export interface DrawRequest {
  /** As a parameter, and as the database shows it. */
  readonly owner: SqlValue
  readonly count: number
}

/** What one request comes to. `expiresInMs`: until when the items are reserved; `null`: they are taken for good. */
export type DrawAnswer =
  | {
      readonly is: 'given'
      readonly items: readonly Row[]
      readonly value: unknown
      readonly recovered: boolean
      readonly expiresInMs: number | null
    }
  | {
      readonly is: 'held'
      readonly items: readonly Row[]
      readonly asAsked: boolean
      readonly expiresInMs: number | null
    }
  | { readonly is: 'exhausted' }
  | { readonly is: 'contended' }
  /** Somebody was faster, or the candidates were not free; the request is to be drawn again. */
  | { readonly is: 'missed' }

/** What came out of the queue for a draw. */
export interface Candidates {
  readonly ids: readonly string[]
  /** Those that were not used, and may be free. */
  left: readonly string[]
}

/** One draw, for one owner or for several who are drawn together, bound to its table. */
export interface DrawCall extends CallBase<readonly DrawAnswer[]> {
  readonly table: PoolTable
  readonly reads: PoolReads
  readonly changes: PoolChanges
  readonly strategy: PickStrategy
  readonly requests: readonly DrawRequest[]
  readonly shape: PoolShape
  readonly values: ReadonlyMap<string, SqlValue>
  /** The items are reserved for so many milliseconds; `null`: taken for good. */
  readonly reserveMs: number | null
  /** `null`: they are looked for in the table. */
  readonly candidates: Candidates | null
}
