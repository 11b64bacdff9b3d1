import { describe, test } from 'vitest'
import { RESOLUTION_CASES } from './resolution-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

describe.each(DRIVERS)('claims that nobody has answered, through %s', (driver) => {
  test.each(RESOLUTION_CASES)('$name', async ({ run }) => {
    await run(await subjectOf(driver))
  })
})
