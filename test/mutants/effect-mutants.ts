import type { Reply } from '../../src/adapters/adapter.ts'
import { STRATEGIES } from '../../src/config.ts'
import { fixed } from '../../src/sql.ts'
import type { Statement, Template } from '../../src/sql.ts'
import { ONE_STRATEGY } from '../contract/leased-order.ts'
import { COMMIT } from '../contract/lost-answers.ts'
import { EVERY, withDialect, withoutGuard } from './mutant.ts'
import type { AnyAdapter, Mutant } from './mutant.ts'

const writes = (assignments: readonly Template[], column: string): boolean =>
  assignments.some(({ sql }) => sql.slice(1).startsWith(column))

/** The attempt is counted by the claim itself, which is rolled back with its effect, and not beside the order that waits. */
const countedInClaim = withDialect(({ update, quote }) => ({
  update(clauses, surroundings) {
    const { assignments, where } = clauses
    const counted = fixed(`${quote('attempts')} = ${quote('attempts')} + 1`)
    const isClaim = writes(assignments, 'status') && writes(assignments, 'claimed_at')
    const isNote = !writes(assignments, 'status') && writes(assignments, 'last_error')
    return update(
      {
        ...clauses,
        assignments: isClaim ? [...assignments, counted] : assignments,
        where: isNote ? [...where, fixed('1 = 0')] : where,
      },
      surroundings,
    )
  },
}))

const KEPT: Reply = { affectedRows: 1, rows: [{ claim_rows: 1, claim_transactions: 1, claim_implicit: 0 }] }

/** The result is written for itself, by another connection, whatever becomes of COMMIT. */
function keptForItself(adapter: AnyAdapter): AnyAdapter {
  const unguarded = withDialect(({ update }) => ({
    update(clauses, surroundings) {
      const { assignments, where } = clauses
      const isResult = assignments.length === 1 && writes(assignments, 'result')
      return update(
        { ...clauses, where: isResult ? where.filter(({ names }) => !names.includes('token')) : where },
        surroundings,
      )
    },
  }))(adapter)
  return {
    ...unguarded,
    async open(waiting) {
      const session = await adapter.open(waiting)
      const { send } = session
      let result: Statement | null = null
      const keep = async (statement: Statement): Promise<void> => {
        const other = await adapter.open(waiting)
        await other.send(statement)
        other.release()
      }
      session.send = async (statement) => {
        if (/set .result. = (?:\?|@1|cast\(@1[^\n]*)\n/.test(statement.sql)) {
          result = statement
          return KEPT
        }
        try {
          return await send.call(session, statement)
        } finally {
          if (COMMIT.test(statement.sql) && result !== null) await keep(result)
        }
      }
      return session
    },
  }
}

/** Claims that are wrong about what goes with an effect: its failure, its result, claims inside of it. */
export const EFFECT_MUTANTS: readonly Mutant[] = [
  {
    name: "attempts counted in the claim's own transaction",
    families: EVERY,
    strategies: STRATEGIES,
    mutation: { adapter: countedInClaim },
    caughtBy: 'a failing effect is noted beside the order, which waits; reset() leaves nothing of it',
  },
  {
    name: 'a result that is kept although its claim was rolled back',
    families: ['mysql', 'mssql'],
    strategies: STRATEGIES,
    mutation: { adapter: keptForItself },
    caughtBy: 'the result of what was rolled back is not kept',
  },
  {
    name: 'a move without the status guard',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: withoutGuard('waiting'),
    caughtBy: 'what cannot be moved says why, and is not touched',
  },
  {
    name: 'a claim inside an effect that asks the pool for another connection',
    families: ['mysql', 'mssql'],
    strategies: ONE_STRATEGY,
    mutation: { adapter: (adapter) => Object.defineProperty({ ...adapter }, 'pool', { get: () => ({}) }) },
    caughtBy:
      'a claim inside an effect, by whichever claims on its pool, is refused at once, and nothing is sent for it',
  },
]
