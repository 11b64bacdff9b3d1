import { describe, onTestFinished, test } from 'vitest'
import { DRIVERS } from '../tds/claims/subjects.ts'
import { FAULT_CASES, SLOW_CASES } from './support/fault-cases.ts'
import { overTds } from './support/fault-subject.ts'

describe.each(DRIVERS)('faults over TDS, through %s', (driver) => {
  test.each([...FAULT_CASES, ...SLOW_CASES])('$name', async ({ run }) => {
    const subject = await overTds(driver)
    onTestFinished(() => subject.close().then(() => {}))
    await run(subject)
  })
})
