/** What one process is to work off, until it is told to stop, or kills itself. */
export interface Contest {
  /** A URL, or the path of a file. */
  readonly database: string
  readonly redis: string
  readonly queue: string
  /** Where calls to the outside are written down, one a line: the order's phone, and the idempotency key. */
  readonly outside: string
  /** After how many orders it kills itself: right after the claim is committed, or the outside was called. */
  readonly killAfter: number | null
}

/** Short, so that a job whose worker has died runs again soon. */
export const SHORT = { leaseMs: 1000, lockDuration: 1000, stalledInterval: 500, backoffMs: 50 } as const
