import { createPool } from 'mysql2'
import type { Pool } from 'mysql2'

/** How many connections each of a worker's two libraries may have. */
const CONNECTIONS = 5

/** UTC is among them; none of the others is a whole number of days, or of hours, from all the rest. */
const ZONES = ['+00:00', '+08:00', '-05:00', '+05:45', '-11:00', '+13:00', '-03:30']

/** Every connection lives in a time zone of its own, as if each had been set up by somebody else. */
export function poolOf(url: string): Pool {
  const pool = createPool({ uri: url, connectionLimit: CONNECTIONS, connectTimeout: 5_000 })
  let made = Math.floor(Math.random() * ZONES.length)
  pool.on('connection', (connection) => {
    made += 1
    // It may be cut off before this is answered; whoever got it is told by the statement after it.
    connection.query(`set time_zone = '${ZONES[made % ZONES.length] ?? '+00:00'}'`, () => {})
  })
  return pool
}
