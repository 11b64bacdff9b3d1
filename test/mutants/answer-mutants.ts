import type { Reply, Session } from '../../src/adapters/adapter.ts'
import { STRATEGIES } from '../../src/config.ts'
import { unlessClaimable } from '../../src/strategies/strategy.ts'
import type { Strategy } from '../../src/strategies/strategy.ts'
import { fixed, plain } from '../../src/sql.ts'
import { COMMIT } from '../contract/lost-answers.ts'
import { EVERY, strategies, withDialect, withoutGuard } from './mutant.ts'
import type { AnyAdapter, Mutant } from './mutant.ts'

/** Reads say this of whether the order has the call's own token. */
const ownToken = (told: 0 | 1) =>
  withDialect(({ read }) => ({
    read: (clauses, lock, surroundings) =>
      read(
        {
          ...clauses,
          columns: clauses.columns.map((column) =>
            column.sql.endsWith(' as claim_own_token') ? fixed(`${told} as claim_own_token`) : column,
          ),
        },
        lock,
        surroundings,
      ),
  }))

const NOTHING: Reply = { rows: [], affectedRows: 0 }

async function commitNothing(session: Session<unknown>): Promise<void> {
  try {
    await session.send(plain('commit'))
  } catch {
    // Some servers say that there is nothing to commit.
  }
  session.release()
}

/** A COMMIT without an answer is sent once more, on another connection, which has nothing to commit. */
const commitAgain = (adapter: AnyAdapter): AnyAdapter => ({
  ...adapter,
  async open(waiting) {
    const session = await adapter.open(waiting)
    const { send } = session
    session.send = async (statement) => {
      try {
        return await send.call(session, statement)
      } catch (error) {
        if (!COMMIT.test(statement.sql)) throw error
        await commitNothing(await adapter.open(waiting))
        return NOTHING
      }
    }
    return session
  },
})

/** "It waits, so it was not claimed": the call is over, and what is on its way may still claim it. */
const waitingBelieved: Strategy = function* (claim) {
  const order = yield* claim.look()
  if (order.is !== 'claimable') return unlessClaimable(order)
  return {
    is: 'decided',
    result: { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false },
  }
}

const plainReads = withDialect(({ read }) => ({
  read: (clauses, _lock, surroundings) => read(clauses, 'none', surroundings),
}))

/** Claims that are wrong about an answer that was lost. */
export const ANSWER_MUTANTS: readonly Mutant[] = [
  {
    name: 'own token believed whatever the row says',
    families: EVERY,
    strategies: STRATEGIES,
    mutation: { adapter: ownToken(1) },
    caughtBy: 'somebody else has claimed it meanwhile: a duplicate, and nothing is recovered',
  },
  {
    name: 'own token not looked at',
    families: EVERY,
    strategies: STRATEGIES,
    mutation: { adapter: ownToken(0) },
    caughtBy: 'COMMIT was done and its answer lost: recovered, and the effect happens once',
  },
  {
    name: 'COMMIT sent again',
    families: EVERY,
    strategies: STRATEGIES,
    mutation: { adapter: commitAgain },
    caughtBy: 'COMMIT never arrived: claimed now, and what stands is the second run of the effect',
  },
  {
    // Its own claims are made by another strategy: what is changed is how they are found out.
    name: 'an order that waits believed to be unclaimed',
    families: EVERY,
    strategies: ['optimistic', 'pessimistic'],
    mutation: strategies({ conditional: waitingBelieved }),
    caughtBy: 'COMMIT never arrived: claimed now, and what stands is the second run of the effect',
  },
  {
    name: 'found out by a plain read',
    families: ['mysql'],
    strategies: ['optimistic', 'pessimistic'],
    mutation: { ...strategies({ conditional: waitingBelieved }), adapter: plainReads },
    caughtBy: 'a COMMIT that arrives while it is being found out: recovered, and the effect happens once',
  },
  {
    name: 'a late claiming statement without the status guard',
    families: ['mysql', 'mssql'],
    strategies: ['conditional'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'a claiming statement that arrives late finds no waiting order any more',
  },
]
