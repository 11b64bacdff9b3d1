import type { PickStrategy } from '../../../src/pool/pool-config.ts'

/** What one process is to draw. */
export interface Contest {
  /** The URL of a server, or the path of a file. */
  readonly database: string
  readonly campaign: string
  readonly owners: readonly string[]
  readonly strategy: PickStrategy
  /** The URL of a Redis; for the strategy `queue`. */
  readonly redis: string
  /** How many requests it makes at once. */
  readonly atOnce: number
}

/** What one request was told, or that the process is done. */
export type Told = { readonly owner: string; readonly outcome: string; readonly cards: readonly string[] } | 'done'
