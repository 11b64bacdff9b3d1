import type { Pool } from 'mysql2/promise'

/** The connections that draws go through. */
export interface Connections {
  /** As the server opens them: REPEATABLE READ. */
  readonly usual: Pool
  /** Set to READ COMMITTED when they are opened, once. */
  readonly readCommitted: Pool
}

/** One way to give cards to owners. */
export interface Way {
  readonly name: string
  readonly on: keyof Connections
  /** For how many owners one call draws: more than one where a program gathers them itself. */
  readonly owners: number
  /** Gives each owner a card; how many got one. */
  readonly draw: (owners: readonly string[]) => Promise<number>
  /** One card may go to two owners. */
  readonly unsafe?: boolean
}
