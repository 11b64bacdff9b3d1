import { describe, expect, onTestFinished, test } from 'vitest'
import type { Adapter, Session } from '../../../src/adapters/adapter.ts'
import type { Dialect } from '../../../src/dialects/dialect.ts'
import type { TdsCase } from './cases.ts'
import { DRIVERS, openSubject } from './subjects.ts'
import type { DriverName, Mutation } from './subjects.ts'

export interface TdsMutant {
  readonly name: string
  readonly mutation: Mutation
  readonly caughtBy: readonly string[]
  /** Default: all. */
  readonly drivers?: readonly DriverName[]
}

export const withDialect =
  (change: (dialect: Dialect) => Partial<Dialect>): Mutation =>
  (adapter) => ({ ...adapter, dialect: { ...adapter.dialect, ...change(adapter.dialect) } })

export const withSession =
  (change: (session: Session<unknown>) => void): Mutation =>
  (adapter: Adapter<unknown, object>) => ({
    ...adapter,
    async open(waiting) {
      const session = await adapter.open(waiting)
      change(session)
      return session
    },
  })

/** Each fault that claims could have, put in on purpose: the case that is there for it fails. */
export function describeMutants(mutants: readonly TdsMutant[], cases: readonly TdsCase[]): void {
  describe.each(mutants)('$name', ({ mutation, caughtBy, drivers = DRIVERS }) => {
    describe.each(drivers)('through %s', (driver) => {
      test.each(caughtBy)('is caught by: %s', async (name) => {
        const found = cases.find((one) => one.name === name)
        if (found === undefined) throw new Error(`There is no case "${name}".`)
        const subject = await openSubject(driver)
        onTestFinished(() => subject.abandon())
        await expect(found.run(subject, mutation), 'the case must fail').rejects.toThrow()
      })
    })
  })
}
