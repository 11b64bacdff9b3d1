import { describe, test } from 'vitest'
import { LEASE_CASES } from './lease-cases.ts'
import { DRIVERS, subjectOf } from './subjects.ts'

describe.each(DRIVERS)('leases over TDS, through %s', (driver) => {
  test.each(LEASE_CASES)('$name', async ({ run }) => {
    await run(await subjectOf(driver))
  })
})
