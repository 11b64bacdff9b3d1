import type { Pool } from 'mysql2/promise'
import type { CardTable } from './card-table.ts'

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
  /** Is told which cards are free again. */
  readonly restored?: (ids: readonly string[]) => Promise<void>
  /** One card may go to two owners. */
  readonly unsafe?: boolean
}

/** A way to draw, on a table. */
export interface Subject {
  readonly way: Way
  readonly table: CardTable
}

/** Frees what was drawn; how many cards that were. */
export async function restore({ way, table }: Subject, prefix: string): Promise<number> {
  const ids = await table.restore(prefix)
  await way.restored?.(ids)
  return ids.length
}
