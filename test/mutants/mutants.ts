import type { Reply } from '../../src/adapters/adapter.ts'
import { STRATEGIES } from '../../src/config.ts'
import type { VersionCodec } from '../../src/dialects/codec.ts'
import { CLAIMED, unlessClaimable } from '../../src/strategies/strategy.ts'
import type { Strategy } from '../../src/strategies/strategy.ts'
import { fixed, plain, sql } from '../../src/sql.ts'
import { EVERY, strategies, withDialect, withoutGuard, withSession } from './mutant.ts'
import type { AnyAdapter, Mutant } from './mutant.ts'

const with1Row = withSession((session) => {
  const { send } = session
  session.send = (statement) => {
    const reply = send.call(session, statement)
    // SQL Server tells the number in a row of its own.
    const rows = (answer: Reply) =>
      answer.rows.map((row) => (Object.hasOwn(row, 'claim_rows') ? { ...row, claim_rows: 1 } : row))
    const lie = (answer: Reply): Reply =>
      /update (?:\[\w+\]\.)?[`"[]orders/.test(statement.sql)
        ? { ...answer, rows: rows(answer), affectedRows: 1 }
        : answer
    return reply instanceof Promise ? reply.then(lie) : lie(reply)
  }
})

/** "Zero rows: somebody else has it." */
const zeroRowsIsDuplicate: Strategy = function* (claim) {
  const order = yield* claim.look()
  if (order.is !== 'claimable') return unlessClaimable(order)
  yield* claim.begin()
  if (yield* claim.updateVersion(order.version)) return CLAIMED
  return {
    is: 'decided',
    result: {
      outcome: 'duplicate',
      reply: 'handled',
      status: 'Y',
      claimedAt: null,
      value: undefined,
      provisional: false,
    },
  }
}

/** The driver is not waited for, and the caller is told what is told of a lock that was not got. */
const busyFromATimer = withSession((session) => {
  const { send } = session
  session.send = async (statement) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(Object.assign(new Error('too slow'), { errno: 1205, number: 1222 })), 200)
    })
    try {
      return await Promise.race([send.call(session, statement), late])
    } finally {
      clearTimeout(timer)
    }
  }
})

const withoutQuestions = withDialect(() => ({
  endsTransaction: () => false,
  probe: plain('select * from no_such_table'),
  isOpen: () => true,
  survival: () => 'stands',
  asksBeforeCommit: false,
}))

const withoutKnowledge = withSession((session) => {
  session.isOpen = () => undefined
})

/** No error of the effect is taken to end its transaction, and the question whether it is open is always answered yes. */
const unwatched = (adapter: AnyAdapter): AnyAdapter => withoutKnowledge(withoutQuestions(adapter))

/** Rows are counted as the driver does: with those of triggers. The question whether the session is in order still stands. */
const countTrusted = withDialect(({ update }) => ({
  update(clauses, surroundings) {
    const template = update(clauses, surroundings)
    return { ...template, sql: template.sql.replace('set nocount on;\n', '') }
  },
  changed: ({ affectedRows }) => ({ rows: Math.min(1, affectedRows - 1) }), // one is the SELECT's own
}))

/** Reads see what nobody has committed. */
const dirtyReads = withDialect(({ read }) => ({
  read(clauses, _lock, surroundings) {
    const template = read(clauses, 'none', surroundings)
    return { ...template, sql: template.sql.replace(/\nwhere /, ' with (nolock)\nwhere ') }
  },
}))

const unmoved = (version: VersionCodec | null): VersionCodec | null =>
  version && { ...version, next: (name) => fixed(name.sql) }

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no status guard',
    families: EVERY,
    strategies: ['conditional'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'a waiting order is claimed, and a second callback is a duplicate',
  },
  {
    name: 'version guard only',
    families: ['mysql', 'sqlite'],
    strategies: ['optimistic'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'an order that other code claimed between look and claim, without a version, is a duplicate',
  },
  {
    // A rowversion moves whoever writes, and would do alone; an integer does not.
    name: 'version guard only',
    families: ['mssql'],
    strategies: ['optimistic'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'other code that does not move an integer version is noticed all the same',
  },
  {
    name: 'row count ignored',
    families: EVERY,
    strategies: ['conditional'],
    mutation: { adapter: with1Row },
    caughtBy: 'a waiting order is claimed, and a second callback is a duplicate',
  },
  {
    name: 'row count ignored',
    families: EVERY,
    strategies: ['optimistic'],
    mutation: { adapter: with1Row },
    caughtBy: 'an order that other code claimed between look and claim, without a version, is a duplicate',
  },
  {
    name: 'moved version called duplicate',
    families: EVERY,
    strategies: ['optimistic'],
    mutation: strategies({ optimistic: zeroRowsIsDuplicate }),
    caughtBy: 'an order that was edited between look and claim is claimed, not called a duplicate',
  },
  {
    name: 'busy from a timer',
    families: ['mysql', 'mssql'],
    strategies: ['conditional', 'optimistic'],
    mutation: { adapter: busyFromATimer },
    caughtBy: 'a claim whose statement is still on its way is unknown, and not busy',
  },
  {
    name: 'dirty read answered as duplicate',
    families: ['mysql'],
    strategies: ['optimistic', 'pessimistic'],
    mutation: {
      adapter: withDialect(({ read }) => ({
        read: (clauses, _lock, surroundings) => read(clauses, 'none', surroundings),
      })),
    },
    caughtBy: 'a claim of another transaction that is then rolled back is never a duplicate',
  },
  {
    name: 'dirty read answered as duplicate',
    families: ['mssql'],
    strategies: ['optimistic', 'pessimistic'],
    mutation: { adapter: dirtyReads },
    caughtBy: 'a claim of another transaction that is then rolled back is never a duplicate',
    needs: ['locks'],
  },
  {
    name: 'no status guard, for the row is locked',
    families: ['mssql'],
    strategies: ['pessimistic'],
    mutation: withoutGuard('waiting'),
    caughtBy: 'a lock that is not taken makes no second winner',
  },
  {
    name: 'row count trusted',
    families: ['mssql'],
    strategies: STRATEGIES,
    mutation: { adapter: countTrusted },
    caughtBy: 'a table with an AFTER trigger that writes elsewhere, and counts',
  },
  {
    name: "COMMIT's OK believed after a swallowed deadlock",
    families: ['mysql', 'mssql'],
    strategies: STRATEGIES,
    mutation: { adapter: unwatched },
    caughtBy: 'nothing of an effect survives a deadlock that it swallowed',
  },
  {
    name: 'id compared loosely',
    families: EVERY,
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
    families: ['mysql', 'sqlite'],
    strategies: ['conditional', 'optimistic'],
    mutation: withoutGuard('expect amount'),
    caughtBy: 'what the call expects is a part of the claim itself',
  },
  {
    name: 'what is expected checked before, and not in the claim',
    families: ['mssql'],
    strategies: ['conditional', 'optimistic'],
    mutation: withoutGuard('expect amount'),
    caughtBy: 'other code that does not move an integer version is noticed all the same',
  },
  {
    name: 'a reset that leaves the token',
    families: EVERY,
    strategies: ['conditional'],
    mutation: {
      adapter: withDialect(({ update }) => ({
        update: (clauses, surroundings) =>
          update(
            {
              ...clauses,
              assignments: clauses.assignments.filter((assignment) => !/claim_token. = null/.test(assignment.sql)),
            },
            surroundings,
          ),
      })),
    },
    caughtBy: 'an order that was put back can be claimed once more, and nothing of the first claim is on it',
  },
  {
    name: 'a claim that does not move the version',
    families: ['mysql', 'sqlite'],
    strategies: STRATEGIES,
    mutation: {
      adapter: withDialect(({ versionCodec }) => ({
        versionCodec: (column) => unmoved(versionCodec(column)),
      })),
    },
    caughtBy: 'a claim writes its columns, and moves the version on',
  },
  {
    name: 'a claim that does not move an integer version',
    families: ['mssql'],
    strategies: STRATEGIES,
    mutation: {
      adapter: withDialect(({ versionCodec }) => ({ versionCodec: (column) => unmoved(versionCodec(column)) })),
    },
    caughtBy: 'an integer version is counted up by the claim, also from NULL',
  },
  {
    name: 'a duplicate whatever payment it is for',
    families: EVERY,
    strategies: STRATEGIES,
    mutation: {
      adapter: withDialect(({ read }) => ({
        read: (clauses, lock, surroundings) =>
          read(
            {
              ...clauses,
              columns: clauses.columns.map((column) =>
                column.sql.endsWith(' as claim_same_payment') ? fixed('1 as claim_same_payment') : column,
              ),
            },
            lock,
            surroundings,
          ),
      })),
    },
    caughtBy: 'another payment of a claimed order is no duplicate',
  },
]
