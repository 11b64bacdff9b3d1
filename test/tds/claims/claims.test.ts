import { describe, test } from 'vitest'
import { CASES } from './cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

describe.each(DRIVERS)('claims over TDS, through %s', (driver) => {
  test.each(CASES)('$name', async ({ run }) => {
    await run(await subjectOf(driver))
  })
})
