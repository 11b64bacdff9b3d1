import { plain } from '../../../src/sql.ts'
import { CASES } from './cases.ts'
import { describeMutants, withDialect, withSession } from './describe-mutants.ts'
import type { TdsMutant } from './describe-mutants.ts'
import type { Mutation } from './subjects.ts'

/** "COMMIT has failed, so there is nothing to give back." */
const leakOnFailedCommit = withSession((session) => {
  const { send, release, destroy } = session
  let leaks = false
  session.send = async (statement) => {
    try {
      return await send.call(session, statement)
    } catch (error) {
      leaks = statement.control === 'commit'
      throw error
    }
  }
  session.release = () => (leaks ? undefined : release.call(session))
  session.destroy = () => (leaks ? undefined : destroy.call(session))
})

const lostIs = (failure: 'held' | 'conflict' | 'away'): Mutation =>
  withDialect(({ classify, classifyCommit }) => ({
    classify: (error) => (classify(error) === 'lost' ? failure : classify(error)),
    classifyCommit: (error) => (classifyCommit(error) === 'lost' ? failure : classifyCommit(error)),
  }))

const rowCountTrusted = withDialect(({ changed }) => ({
  changed: (reply) => ({ ...changed(reply), rows: reply.affectedRows }),
}))

const MUTANTS: readonly TdsMutant[] = [
  {
    name: 'the row count is trusted',
    mutation: rowCountTrusted,
    caughtBy: [
      'the winner is read from a row: under NOCOUNT in the server nothing is counted',
      'the winner is read from a row: triggers add counts of their own',
    ],
  },
  {
    name: 'a connection whose COMMIT failed is leaked',
    mutation: leakOnFailedCommit,
    caughtBy: [
      'a COMMIT that is not answered is unknown, is not sent again, and leaks no connection',
      'a COMMIT that is refused leaks no connection, also where the ROLLBACK after it is refused too',
    ],
  },
  {
    name: 'a connection that was cut is "busy"',
    mutation: lostIs('held'),
    caughtBy: [
      'a connection that is cut while the claim is under way leaves it unknown',
      'a COMMIT that is not answered is unknown, is not sent again, and leaks no connection',
    ],
  },
  {
    name: 'a claim whose connection was cut is made again, and finds a duplicate',
    mutation: lostIs('conflict'),
    caughtBy: ['a connection that is cut while the claim is under way leaves it unknown'],
  },
  {
    name: 'COMMIT is believed after an unbalanced begin',
    mutation: withDialect(() => ({ asksBeforeCommit: false, survival: () => 'stands' })),
    caughtBy: ['an unbalanced begin in the effect is found before COMMIT, and nothing of it stays'],
  },
  {
    name: 'lock_timeout is set in a request of its own',
    mutation: withDialect(({ lockBound }) => ({
      lockBound: (ms, server) => ({
        ...lockBound(ms, server),
        before: plain(`set lock_timeout ${ms}`),
        wrap: (statement) => statement,
      }),
    })),
    caughtBy: ['a lock that is not got in time is busy, and its transaction is rolled back'],
  },
  {
    name: 'a bare claim is not a transaction of its own',
    mutation: withDialect(({ update }) => ({
      update: (clauses, surroundings) => update(clauses, { ...surroundings, alone: false }),
    })),
    caughtBy: ['an error beats the rows that came before it in the same reply'],
  },
  {
    name: 'no error ends a transaction, and the question is always answered yes',
    mutation: withDialect(() => ({ endsTransaction: () => false, isOpen: () => true, survival: () => 'stands' })),
    caughtBy: ['an effect that ends the transaction is told so, and nothing after it is sent'],
    drivers: ['kysely', 'kysely by connection string'], // mssql's session has tedious' own word for it
  },
]

describeMutants(MUTANTS, CASES)
