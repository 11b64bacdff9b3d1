import { mssqlErrorNumber } from '../dialects/mssql-errors.ts'
import { setIsolationLevel } from '../dialects/mssql.ts'
import type { Statement } from '../sql.ts'
import type { Reply, Row } from './adapter.ts'

/** What a request that begins or ends a transaction answers. */
export const NOTHING: Reply = { rows: [], affectedRows: 0 }

/** By the number that SQL Server has for it: what every transaction of a claim is begun at. */
const READ_COMMITTED = 2

/** The isolation level that a session had before a transaction of ours, to be put back. */
export class SessionLevel {
  #before = READ_COMMITTED

  /** @param rows what the dialect's `begin` has answered */
  note(rows: readonly Row[]): void {
    this.#before = Number(rows[0]?.['isolation_level'] ?? READ_COMMITTED)
  }

  /** To be sent as a batch before the session is somebody else's; `null` where it is as it was. */
  get toPutBack(): Statement | null {
    return this.#before === READ_COMMITTED ? null : setIsolationLevel(this.#before)
  }
}

/** "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION." */
const NOTHING_TO_ROLL_BACK = 3903

/** A transaction that the server has ended already needs no rollback. */
export async function unlessOver(rollback: Promise<void>): Promise<void> {
  try {
    await rollback
  } catch (error) {
    if (mssqlErrorNumber(error) !== NOTHING_TO_ROLL_BACK) throw error
  }
}
