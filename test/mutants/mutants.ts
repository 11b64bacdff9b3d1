import type { Adapter, Session } from '../../src/adapters/adapter.ts'
import { STRATEGIES } from '../../src/config.ts'
import type { StrategyName } from '../../src/config.ts'
import type { Clauses, Dialect } from '../../src/dialects/dialect.ts'
import { conditional } from '../../src/strategies/conditional.ts'
import { optimistic } from '../../src/strategies/optimistic.ts'
import { pessimistic } from '../../src/strategies/pessimistic.ts'
import { CLAIMED } from '../../src/strategies/strategy.ts'
import type { Strategy } from '../../src/strategies/strategy.ts'
import { fixed, plain, sql } from '../../src/sql.ts'
import type { Template } from '../../src/sql.ts'
import type { Mutation, Subject } from '../contract/subject.ts'

/** A claim that is wrong in one respect, and the rule of the contract that must notice. */
export interface Mutant {
  readonly name: string
  readonly families: readonly Subject['family'][]
  readonly strategies: readonly StrategyName[]
  readonly mutation: Mutation
  readonly caughtBy: string
}

type AnyAdapter = Adapter<unknown, object>

const BOTH = ['mysql', 'sqlite'] as const

const withDialect =
  (change: (dialect: Dialect) => Partial<Dialect>) =>
  (adapter: AnyAdapter): AnyAdapter => ({ ...adapter, dialect: { ...adapter.dialect, ...change(adapter.dialect) } })

/** Changes every session; a session that answers at once still does. */
const withSession =
  (change: (session: Session<unknown>) => void) =>
  (adapter: AnyAdapter): AnyAdapter => ({
    ...adapter,
    open(signal) {
      const changed = (session: Session<unknown>): Session<unknown> => {
        change(session)
        return session
      }
      const opened = adapter.open(signal)
      return opened instanceof Promise ? opened.then(changed) : changed(opened)
    },
  })

const binds = (name: string) => (condition: Template) => condition.names.includes(name)

/** The UPDATE without the conditions that bind one of these. */
const withoutGuard = (...names: string[]): Mutation => ({
  adapter: withDialect(({ update }) => ({
    update: (clauses: Pick<Clauses, 'table' | 'assignments' | 'where' | 'status'>) =>
      update({ ...clauses, where: clauses.where.filter((condition) => !names.some((name) => binds(name)(condition))) }),
  })),
})

const with1Row = withSession((session) => {
  const { send } = session
  session.send = (statement) => {
    const reply = send.call(session, statement)
    const lie = <T extends object>(answer: T): T =>
      /update [`"]orders/.test(statement.sql) ? { ...answer, affectedRows: 1 } : answer
    return reply instanceof Promise ? reply.then(lie) : lie(reply)
  }
})

const strategies = (changed: Partial<Record<StrategyName, Strategy>>): Mutation => ({
  strategies: { optimistic, conditional, pessimistic, ...changed },
})

/** "Zero rows: somebody else has it." */
const zeroRowsIsDuplicate: Strategy = function* (claim) {
  const order = yield* claim.look()
  if (order.is === 'decided') return order
  yield* claim.begin()
  if (yield* claim.updateVersion(order.version)) return CLAIMED
  return {
    is: 'decided',
    result: { outcome: 'duplicate', reply: 'handled', status: 'Y', claimedAt: null, provisional: false },
  }
}

/** The driver is not waited for, and the caller is told what is told of a lock that was not got. */
const busyFromATimer = withSession((session) => {
  const { send } = session
  session.send = async (statement) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(Object.assign(new Error('too slow'), { errno: 1205 })), 100)
    })
    try {
      return await Promise.race([send.call(session, statement), late])
    } finally {
      clearTimeout(timer)
    }
  }
})

/** No error of the effect is taken to end its transaction, and the question whether it is open is always answered yes. */
const unwatched = withDialect(() => ({
  endsTransaction: () => false,
  probe: plain('select * from no_such_table'),
  isOpen: () => true,
}))

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no status guard',
    families: BOTH,
    strategies: ['conditional'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'a waiting order is claimed, and a second callback is a duplicate',
  },
  {
    name: 'version guard only',
    families: BOTH,
    strategies: ['optimistic'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'an order that other code claimed between look and claim, without a version, is a duplicate',
  },
  {
    name: 'row count ignored',
    families: BOTH,
    strategies: ['conditional'],
    mutation: { adapter: with1Row },
    caughtBy: 'a waiting order is claimed, and a second callback is a duplicate',
  },
  {
    name: 'row count ignored',
    families: BOTH,
    strategies: ['optimistic'],
    mutation: { adapter: with1Row },
    caughtBy: 'an order that other code claimed between look and claim, without a version, is a duplicate',
  },
  {
    name: 'moved version called duplicate',
    families: ['mysql', 'sqlite'],
    strategies: ['optimistic'],
    mutation: strategies({ optimistic: zeroRowsIsDuplicate }),
    caughtBy: 'an order that was edited between look and claim is claimed, not called a duplicate',
  },
  {
    name: 'busy from a timer',
    families: ['mysql'],
    strategies: ['conditional', 'optimistic'],
    mutation: { adapter: busyFromATimer },
    caughtBy: 'a claim whose statement is still on its way is unknown, and not busy',
  },
  {
    name: 'dirty read answered as duplicate',
    families: ['mysql'],
    strategies: ['optimistic', 'pessimistic'],
    mutation: { adapter: withDialect(({ read }) => ({ read: (clauses) => read(clauses, 'none') })) },
    caughtBy: 'a claim of another transaction that is then rolled back is never a duplicate',
  },
  {
    name: "COMMIT's OK believed after a swallowed deadlock",
    families: ['mysql'],
    strategies: STRATEGIES,
    mutation: { adapter: unwatched },
    caughtBy: 'nothing of an effect survives a deadlock that it swallowed',
  },
  {
    name: 'id compared loosely',
    families: BOTH,
    strategies: STRATEGIES,
    mutation: {
      adapter: withDialect(({ codec }) => ({
        codec(column) {
          const exact = codec(column)
          if (exact?.kind !== 'integer') return exact
          return { ...exact, encode: (value) => value as string, equals: (name, value) => sql`${name} = ${value}` }
        },
      })),
    },
    caughtBy: 'ids are compared as themselves',
  },
  {
    name: 'what is expected checked before, and not in the claim',
    families: BOTH,
    strategies: ['conditional', 'optimistic'],
    mutation: withoutGuard('expect amount'),
    caughtBy: 'what the call expects is a part of the claim itself',
  },
  {
    name: 'a reset that leaves the token',
    families: BOTH,
    strategies: ['conditional'],
    mutation: {
      adapter: withDialect(({ update }) => ({
        update: (clauses) =>
          update({
            ...clauses,
            assignments: clauses.assignments.filter((assignment) => !/claim_token. = null/.test(assignment.sql)),
          }),
      })),
    },
    caughtBy: 'an order that was put back can be claimed once more, and nothing of the first claim is on it',
  },
  {
    name: 'a claim that does not move the version',
    families: BOTH,
    strategies: STRATEGIES,
    mutation: {
      adapter: withDialect(({ versionCodec }) => ({
        versionCodec(column) {
          const version = versionCodec(column)
          return version && { ...version, next: (name) => fixed(name.sql) }
        },
      })),
    },
    caughtBy: 'a claim writes its columns, and moves the version on',
  },
  {
    name: 'a duplicate whatever payment it is for',
    families: BOTH,
    strategies: STRATEGIES,
    mutation: {
      adapter: withDialect(({ read }) => ({
        read: (clauses, lock) =>
          read(
            {
              ...clauses,
              columns: clauses.columns.map((column) =>
                column.sql.endsWith(' as claim_same_payment') ? fixed('1 as claim_same_payment') : column,
              ),
            },
            lock,
          ),
      })),
    },
    caughtBy: 'another payment of a claimed order is no duplicate',
  },
]
