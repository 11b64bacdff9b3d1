import { openHandle, query } from './driver.ts'
import type { DriverName, Sql } from './driver.ts'

// Runs what `openRemote` sends, until its channel closes.
const [file, driver] = process.argv.slice(2)
const handle = openHandle(driver as DriverName, file!)

process.on('message', (statement) => {
  try {
    process.send!({ rows: query(handle, statement as Sql) })
  } catch (error) {
    process.send!({ error: String(error) })
  }
})
process.send!({})
