import { describe, onTestFinished, test } from 'vitest'
import { CASES } from './cases.ts'
import { DRIVERS, openSubject } from './subjects.ts'

describe.each(DRIVERS)('claims over TDS, through %s', (driver) => {
  test.each(CASES)('$name', async ({ run }) => {
    const subject = await openSubject(driver)
    onTestFinished(() => subject.close().then(() => {}))
    await run(subject)
  })
})
