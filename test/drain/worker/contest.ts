import type { DrainResult } from '../../../src/index.ts'

/** What one process is to deliver, until it is told to stop, or killed. */
export interface Contest {
  /** The URL of a server, or the path of a file. */
  readonly database: string
  readonly kind: 'effect' | 'batch' | 'work'
  /** Where calls to the outside are written down, one a line: the id, and the idempotency key. */
  readonly outside: string
}

/** What a process says: that it can be told to stop, that it has done its first order, and how it ended. */
export type Told = 'ready' | 'begun' | DrainResult

/** How many accounts there are: an order is paid to one of them. */
export const ACCOUNTS = 16
