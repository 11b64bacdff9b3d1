import { openHandle, query } from './driver.ts'
import type { DriverName } from './driver.ts'

// Takes the write lock twice, by two handles of one process, and tells which of them got it.
const [file, ...drivers] = process.argv.slice(2)
const [first, second] = drivers.map((driver) => {
  const handle = openHandle(driver as DriverName, file!)
  query(handle, ['pragma busy_timeout = 0'])
  try {
    handle.exec('begin immediate')
    return true
  } catch {
    return false
  }
})
process.stdout.write(JSON.stringify({ first, second }))
