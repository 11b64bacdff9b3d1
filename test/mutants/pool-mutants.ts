import type { Reply } from '../../src/adapters/adapter.ts'
import type { LeaseCodec } from '../../src/dialects/codec.ts'
import type { CandidateQueue } from '../../src/pool/candidate-queue.ts'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import type { PickStrategy } from '../../src/pool/pool-config.ts'
import { fixed } from '../../src/sql.ts'
import type { Template } from '../../src/sql.ts'
import type { Subject } from '../contract/subject.ts'
import type { PoolMutation } from '../pool/cards.ts'
import { namedItems } from '../pool/named-items.ts'
import { EVERY, withDialect, withoutGuard, withSession } from './mutant.ts'
import type { AnyAdapter } from './mutant.ts'

/** A pool that is wrong in one respect, and the case that must notice. */
export interface PoolMutant {
  readonly name: string
  readonly families: readonly Subject['family'][]
  readonly strategies: readonly PickStrategy[]
  readonly mutation: PoolMutation
  readonly caughtBy: string
}

/** An adapter with several changes. */
const all =
  (...changes: readonly ((adapter: AnyAdapter) => AnyAdapter)[]) =>
  (adapter: AnyAdapter): AnyAdapter =>
    changes.reduce((changed, change) => change(changed), adapter)

const unguarded = (...names: string[]): ((adapter: AnyAdapter) => AnyAdapter) =>
  withoutGuard(...names).adapter ?? ((adapter) => adapter)

/** The UPDATE without the conditions that are written so. */
const withoutCondition = (pattern: RegExp): ((adapter: AnyAdapter) => AnyAdapter) =>
  withDialect(({ update }) => ({
    update: (clauses, surroundings) =>
      update({ ...clauses, where: clauses.where.filter(({ sql }) => !pattern.test(sql)) }, surroundings),
  }))

/** The read of candidates without its conditions: whatever the queue names is taken for free. */
const candidatesTrusted = withDialect(({ select }) => ({
  select(clauses, lock) {
    const named = clauses.where.some(({ names }) => names.includes('item 0'))
    const where = named ? clauses.where.filter(({ names }) => !names.includes('free')) : clauses.where
    return select({ ...clauses, where }, lock)
  },
}))

const TAKES = /update (?:\[\w+\]\.)?["`[]cards["`\]]\nset ["`[]status[^]*["`[]owner["`\]] = (?!null)/

/** All the rows that it names are believed to be changed; nothing is sent at all, if it is not to be. */
const believed = (isSent: boolean): ((adapter: AnyAdapter) => AnyAdapter) =>
  withSession((session) => {
    const { send } = session
    session.send = (statement) => {
      if (!TAKES.test(statement.sql)) return send.call(session, statement)
      const rows = Math.max(1, namedItems(statement))
      const lie = (reply: Reply): Reply => ({
        ...reply,
        affectedRows: rows,
        // SQL Server tells the number in a row of its own.
        rows: [{ claim_transactions: 0, claim_implicit: 0, ...reply.rows[0], claim_rows: rows }],
      })
      if (!isSent) return lie({ rows: [], affectedRows: 0 })
      const reply = send.call(session, statement)
      return reply instanceof Promise ? reply.then(lie) : lie(reply)
    }
  })

/** The time of the process, as a constant of the statement that is built now. */
const timeOfProcess = (ms = 0): Template =>
  fixed(`'${new Date(Date.now() + ms).toISOString().slice(0, -1).replace('T', ' ')}'`)

const byClockOfProcess = (lease: LeaseCodec | null): LeaseCodec | null =>
  lease && { ...lease, now: timeOfProcess(), after: () => timeOfProcess(3_600_000) }

/** What was queued stays, and the rest comes behind it. */
const appended = (queue: CandidateQueue): CandidateQueue => ({
  ...queue,
  async replace(list, pages) {
    let count = 0
    for await (const page of pages) {
      await queue.push(list, page)
      count += page.length
    }
    return count
  },
})

/** Whoever asks whether anything is left is told no. */
const nothingLeft = withDialect(({ select }) => ({
  select: (clauses, lock) =>
    select(
      clauses.columns.some(({ sql }) => sql === '1 as pool_found')
        ? { ...clauses, where: [...clauses.where, fixed('1 = 0')] }
        : clauses,
      lock,
    ),
}))

const STAYS_HIS = 'a card that somebody else takes between look and UPDATE stays his'
const TOGETHER = 'of those who are drawn together only who has got his card is told so'
const FROM_THE_TABLE = ['skip_locked', 'conditional'] as const

export const POOL_MUTANTS: readonly PoolMutant[] = [
  {
    name: 'no guard after skip locked',
    families: ['mysql', 'mssql'],
    strategies: ['skip_locked'],
    mutation: { adapter: unguarded('free') },
    caughtBy: STAYS_HIS,
  },
  {
    name: 'no guard',
    families: EVERY,
    strategies: ['conditional', 'queue'],
    mutation: { adapter: unguarded('free') },
    caughtBy: STAYS_HIS,
  },
  {
    name: 'no guard where several are drawn together',
    families: ['mysql', 'mssql'],
    strategies: PICK_STRATEGIES,
    mutation: { adapter: unguarded('free') },
    caughtBy: TOGETHER,
  },
  {
    name: 'the row count of the UPDATE not read',
    families: ['mysql', 'mssql'],
    strategies: PICK_STRATEGIES,
    mutation: { adapter: believed(true) },
    caughtBy: STAYS_HIS,
  },
  {
    name: 'the row count of the UPDATE not read',
    families: ['sqlite'],
    strategies: ['conditional', 'queue'],
    mutation: { adapter: believed(true) },
    caughtBy: STAYS_HIS,
  },
  {
    name: 'the row count not read where several are drawn together',
    families: ['mysql', 'mssql'],
    strategies: PICK_STRATEGIES,
    mutation: { adapter: believed(true) },
    caughtBy: TOGETHER,
  },
  {
    name: 'pop without claim: what the queue names is taken for free',
    families: EVERY,
    strategies: ['queue'],
    mutation: { adapter: all(candidatesTrusted, unguarded('free')) },
    caughtBy: 'a card that is queued twice goes to one owner',
  },
  {
    name: 'pop without claim: no UPDATE at all',
    families: EVERY,
    strategies: ['queue'],
    mutation: { adapter: believed(false) },
    caughtBy: 'a card that is queued twice goes to one owner',
  },
  {
    name: 'a refill that doubles',
    families: EVERY,
    strategies: ['queue'],
    mutation: { queue: appended },
    caughtBy: 'a refill stands in the place of what was queued: no card is in the queue twice',
  },
  {
    name: 'a refill that doubles, and a guard that trusts the queue',
    families: EVERY,
    strategies: ['queue'],
    mutation: { queue: appended, adapter: all(candidatesTrusted, unguarded('free')) },
    caughtBy: 'a refill while a card is out of the queue, and not taken yet, makes no second owner',
  },
  {
    name: 'a collision of two requests of one owner is a fault',
    families: ['mysql', 'mssql'],
    strategies: PICK_STRATEGIES,
    mutation: { adapter: withDialect(() => ({ isDuplicateKey: () => false })) },
    caughtBy: 'two requests of one owner that race are given one card',
  },
  {
    name: 'what is asked for is read before, and not a part of the UPDATE',
    families: ['mysql', 'mssql'],
    strategies: PICK_STRATEGIES,
    mutation: { adapter: unguarded('where worth') },
    caughtBy: 'a card that is not what was asked for any more is not given',
  },
  {
    name: 'confirmed without the deadline in the UPDATE',
    families: EVERY,
    strategies: ['conditional'],
    mutation: { adapter: withoutCondition(/reserved_until. > /) },
    caughtBy: 'a reservation whose time passes between look and UPDATE is not confirmed',
  },
  {
    name: 'expired by the clock of the process',
    families: EVERY,
    strategies: FROM_THE_TABLE,
    mutation: {
      adapter: withDialect(({ leaseCodec }) => ({ leaseCodec: (column) => byClockOfProcess(leaseCodec(column)) })),
    },
    caughtBy: 'a reservation is over by the clock of the database, whatever time a process has',
  },
  {
    name: 'what somebody is about to take is told as gone',
    families: ['mysql'],
    strategies: ['skip_locked'],
    mutation: { adapter: nothingLeft },
    caughtBy: 'a card that somebody is about to take is contended, and not gone',
  },
  {
    name: 'given back by whoever asks for it',
    families: EVERY,
    strategies: ['conditional'],
    mutation: { adapter: unguarded('owner 0') },
    caughtBy: 'a card that is released is free, and its owner may draw again',
  },
]
