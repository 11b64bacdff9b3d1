import type { Reply } from '../../../src/adapters/adapter.ts'
import { STRATEGY } from '../../../src/kinds.ts'
import { sql } from '../../../src/sql.ts'
import type { Statement } from '../../../src/sql.ts'
import { unlessClaimable } from '../../../src/strategies/strategy.ts'
import type { Strategy } from '../../../src/strategies/strategy.ts'
import { describeMutants, withDialect, withSession } from './describe-mutants.ts'
import type { TdsMutant } from './describe-mutants.ts'
import { LEASE_CASES } from './lease-cases.ts'
import { RESOLUTION_CASES } from './resolution-cases.ts'
import type { Mutation } from './subjects.ts'

/** "The order waits, so COMMIT has not been carried out." */
const plainRead: Strategy = function* (claim) {
  yield* claim.begin()
  const order = yield* claim.look()
  if (order.is !== 'claimable') return unlessClaimable(order)
  const result = { outcome: 'busy', reply: 'call_again', retryAfterMs: null, provisional: false } as const
  return { is: 'decided', result }
}
const plainReadBelieved: Mutation = Object.assign(
  withDialect(({ read }) => ({ read: (clauses, _lock, surroundings) => read(clauses, 'none', surroundings) })),
  { strategies: { ...STRATEGY, conditional: plainRead } },
)

/** "No answer: once more." On a connection of its own, where that one is gone. */
const commitSentAgain: Mutation = (adapter) => ({
  ...adapter,
  async open(waiting) {
    const session = await adapter.open(waiting)
    const { send } = session
    session.send = async (statement) => {
      try {
        return await send.call(session, statement)
      } catch (error) {
        if (statement.control !== 'commit') throw error
        const other = await adapter.open(waiting)
        try {
          return await other.send(statement)
        } finally {
          other.release()
        }
      }
    }
    return session
  },
})

const tokenNotChecked = withDialect(({ codec }) => ({
  codec(column) {
    const checked = codec(column)
    return checked && column.name === 'claim_token'
      ? { ...checked, equals: (_name, value) => sql`${value} = ${value}` }
      : checked
  },
}))

/** Of the statements that complete a lease. */
const completes = ({ sql: text, parameters }: Statement): boolean =>
  text.includes('\nset [status] = @1') && parameters[0] === 'Y' && parameters.includes('Working')

const onCompletion = (told: (reply: Reply) => number): Mutation =>
  withSession((session) => {
    const { send } = session
    session.send = async (statement) => {
      const reply = await send.call(session, statement)
      if (!completes(statement)) return reply
      const rows = reply.rows.map((row) => ('claim_rows' in row ? { ...row, claim_rows: told(reply) } : row))
      return { ...reply, rows }
    }
  })

const leaseTakenAnyway = withDialect(({ update }) => ({
  update: (clauses, surroundings) =>
    update(
      { ...clauses, where: clauses.where.filter(({ sql: guard }) => !guard.startsWith('[lease_until] <=')) },
      surroundings,
    ),
}))

const MUTANTS: readonly TdsMutant[] = [
  {
    name: 'a plain read is believed',
    mutation: plainReadBelieved,
    caughtBy: ['a COMMIT that is still on its way is waited for, also where plain reads see what was before'],
  },
  {
    name: 'COMMIT is sent again',
    mutation: commitSentAgain,
    caughtBy: [
      'COMMIT was done and its answer lost: recovered, the effect takes place once, COMMIT is not sent again',
      'COMMIT never arrived: claimed now, and the effect that stands is that of the second run',
    ],
  },
  {
    name: 'the token is not checked',
    mutation: tokenNotChecked,
    caughtBy: [
      'somebody else has claimed it meanwhile: a duplicate, and nothing is recovered',
      'an order whose lease is over is taken over, and its first worker can write nothing',
      'the completion never arrived, and somebody else has the order now: lost',
    ],
  },
  {
    name: "the completion's row count is trusted",
    mutation: onCompletion(({ affectedRows }) => affectedRows),
    caughtBy: ['a lease is taken, worked on outside of any transaction, and completed: rows are read, and not counted'],
  },
  {
    name: "the completion's rows are not looked at",
    mutation: onCompletion(() => 1),
    caughtBy: [
      'an order whose lease is over is taken over, and its first worker can write nothing',
      'the completion never arrived, and somebody else has the order now: lost',
    ],
  },
  {
    name: 'that the lease was over a moment ago is enough',
    mutation: leaseTakenAnyway,
    caughtBy: ['a worker that renews its lease in the last instant keeps the order'],
  },
]

describeMutants(MUTANTS, [...RESOLUTION_CASES, ...LEASE_CASES])
