import type { PlayedTable } from '../claims/played-table.ts'
import { PlayedRows } from '../played-rows.ts'
import type { PlayedRecord } from '../played-rows.ts'
import { PlayedRowsServer } from '../played-rows-server.ts'

const LATIN = 'Latin1_General_CI_AS'
const DELIVERIES: PlayedTable = {
  name: 'deliveries',
  columns: [
    ['delivery_id', 'bigint', 8],
    ['status', 'varchar', 10, LATIN],
    ['row_version', 'int', 4],
    ['claim_token', 'char', 36, LATIN],
    ['claimed_at', 'datetime2', 8],
    ['lease_until', 'datetime2', 8],
    ['due_at', 'datetime2', 8],
    ['attempts', 'int', 4],
    ['last_error', 'varchar', 200, LATIN],
    ['card', 'varchar', 30, LATIN],
  ],
  notNull: ['delivery_id', 'status'],
  uniqueKeys: [{ name: 'pk', column_name: 'delivery_id', filter: null }],
}

/** Plays the server to workers. */
export class PlayedDeliveries extends PlayedRowsServer {
  readonly #rows: PlayedRows

  constructor() {
    const rows = new PlayedRows(
      'delivery_id',
      `delivery_id integer primary key, status text default 'Wait', row_version integer default 0, claim_token text,
       claimed_at integer, lease_until integer, due_at integer, attempts integer default 0, last_error text, card text`,
    )
    super(DELIVERIES, rows)
    this.#rows = rows
  }

  /** Deliveries that are due so many milliseconds from now, or never; ids from 1. */
  due(...inMs: readonly (number | null)[]): void {
    inMs.forEach((ms, index) => {
      const due = ms === null ? null : Math.floor(this.now) + ms
      this.#rows.add({ delivery_id: index + 1, due_at: due, card: `N-${index + 1}` })
    })
  }

  one(id: number): PlayedRecord {
    return this.#rows.one(id)
  }

  statuses(): unknown[] {
    return this.#rows.database.prepare('select status from current order by delivery_id').pluck().all()
  }

  /** Somebody else changes it, past every lock. */
  byHand(set: string, id: number): void {
    this.#rows.byHand(`update current set ${set} where delivery_id = ${id}`)
  }
}
