import { describe, expect, test } from 'vitest'
import { withDialect } from '../../mutants/mutant.ts'
import { REACHABLE } from '../claims/subjects.ts'
import { counted, isCompletion, workerOf } from './subjects.ts'

/** The completion does not ask whose the order is. */
const withoutToken = withDialect(({ update }) => ({
  update: (clauses, surroundings) =>
    update({ ...clauses, where: clauses.where.filter(({ names }) => !names.includes('token')) }, surroundings),
}))

describe.each(REACHABLE)('an order that is somebody else’s when it is completed, through %s', (driver) => {
  test.each([
    { name: 'with the token in the guard it is lost', adapter: undefined, comes: { lost: 1 }, balance: 0 },
    { name: 'without it he delivers it, too', adapter: withoutToken, comes: { done: 1 }, balance: 10 },
  ])('$name', async ({ adapter, comes, balance }) => {
    const { played, drain, credit, server } = await workerOf(driver, {}, adapter)
    played.due(-1000)
    const taken = "claim_token = 'of somebody else', lease_until = lease_until + 600000, due_at = null"
    server.faults.add({
      when: (request) => {
        if (isCompletion(request)) played.byHand(taken, 1)
        return isCompletion(request)
      },
      do: { delayMs: 0 },
    })
    expect(counted(await drain({ effect: credit }))).toEqual({ outcome: 'drained', taken: 1, ...comes })
    expect(played.balance).toBe(balance)
  })
})
