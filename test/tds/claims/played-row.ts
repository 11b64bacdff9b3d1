import type { PlayedSession, Settings } from './played-session.ts'
import { setTimeout as pause } from 'node:timers/promises'

/** The columns of the played table. Times are milliseconds since 1970, by the clock of the played server. */
export interface PlayedRow {
  order_id: number
  status: string
  /** Moved on by every update, as a rowversion is. */
  row_version: number
  claim_token: string | null
  claimed_at: number | null
  gateway_txn: string | null
  amount: string
  lease_until: number | null
  attempts: number | null
  last_error: string | null
  result: string | null
}

export type ColumnName = keyof PlayedRow

export interface PlayedOrder {
  /** With what is not committed yet. */
  row: PlayedRow
  /** What a read sees under READ_COMMITTED_SNAPSHOT. */
  committed: PlayedRow
  lockedBy: PlayedSession | null
}

export function newOrder(id: number, status: string): PlayedOrder {
  const row: PlayedRow = {
    order_id: id,
    status,
    row_version: 2000 + id,
    claim_token: null,
    claimed_at: status === 'Wait' ? null : 1_700_000_000_000,
    gateway_txn: null,
    amount: '42.00',
    lease_until: null,
    attempts: 0,
    last_error: null,
    result: null,
  }
  return { row, committed: row, lockedBy: null }
}

/** Waits for the row; `false`: lock_timeout is over. */
export async function waitForRow(
  order: PlayedOrder,
  played: PlayedSession,
  { lockTimeout }: Settings,
  gone: AbortSignal,
): Promise<boolean> {
  const until = lockTimeout < 0 ? Infinity : performance.now() + lockTimeout
  while (order.lockedBy !== null && order.lockedBy !== played) {
    order.lockedBy.catchUp()
    if (gone.aborted || performance.now() >= until) return false
    await pause(2)
  }
  return true
}

/** Locks the row to the end of the transaction, which is when what was written to it is committed, or undone. */
export function lockRow(order: PlayedOrder, played: PlayedSession): void {
  if (order.lockedBy === played) return
  order.lockedBy = played
  played.keep(() => {
    order.committed = order.row
    if (order.lockedBy === played) order.lockedBy = null
  })
}

export function changeRow(order: PlayedOrder, changed: PlayedRow, played: PlayedSession): void {
  const before = order.row
  lockRow(order, played)
  played.change(
    () => (order.row = changed),
    () => (order.row = before),
  )
}
