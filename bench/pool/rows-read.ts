import type { Pool, RowDataPacket } from 'mysql2/promise'
import { IN_FLIGHT } from './settings.ts'
import { restore } from './way.ts'
import type { Subject } from './way.ts'

/** How many calls are made for it, one after the other. */
const CALLS = 4

/** ER_STATEMENT_TIMEOUT */
const TOO_LONG = 1969

/**
 * How many rows the server reads for one card: its own counters, which are exact however busy the machine is. The
 * subject's pool must have one connection, whose counters these are.
 *
 * `NaN` where the server gave up: it took too long.
 *
 * @param together so many owners ask at once, and meet
 */
export async function rowsRead(subject: Subject, connection: Pool, together: boolean): Promise<number> {
  const { way } = subject
  const atOnce = together ? IN_FLIGHT : 1
  let owners = 0
  const draw = async (): Promise<number> => {
    const these = Array.from({ length: atOnce }, () => `draw ${(owners += 1)}`)
    const got =
      way.owners === atOnce ? [await way.draw(these)] : await Promise.all(these.map((owner) => way.draw([owner])))
    return got.reduce((sum, cards) => sum + cards, 0)
  }
  await draw() // the table is described
  await restore(subject, 'draw ')
  const first = await counted(connection)
  const before = await counted(connection)
  let cards = 0
  const calls = together ? 1 : CALLS
  try {
    for (let call = 0; call < calls; call += 1) cards += await draw()
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && error.errno === TOO_LONG)) throw error
  }
  const after = await counted(connection)
  await restore(subject, 'draw ')
  // What it costs to ask, is not of the draws.
  return cards === 0 ? NaN : (after - before - (before - first)) / cards
}

/** Rows that this connection has read so far. https://mariadb.com/kb/en/server-status-variables/#handler_read_first and those that follow */
export async function counted(connection: Pool): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>("show session status like 'Handler_read%'")
  return rows
    .filter((row) => !String(row['Variable_name']).endsWith('_deleted'))
    .reduce((sum, row) => sum + Number(row['Value']), 0)
}
