import type { Reply } from '../../src/adapters/adapter.ts'
import type { LeaseCodec } from '../../src/dialects/codec.ts'
import { fixed, sql } from '../../src/sql.ts'
import type { Statement, Template } from '../../src/sql.ts'
import type { Mutation, Subject } from '../contract/subject.ts'
import { withDialect, withoutGuard, withSession } from '../mutants/mutant.ts'

/** A worker that is wrong in one respect, and the rule that must notice. */
export interface DrainMutant {
  readonly name: string
  readonly families: readonly Subject['family'][]
  readonly mutation: Mutation
  readonly caughtBy: string
}

const BOTH = ['mysql', 'sqlite'] as const
const COLUMN = (name: string): string => `["\`]${name}["\`]`

/** How the UPDATEs of a worker are told from each other. */
const COMPLETES = new RegExp(`set [^]*${COLUMN('claimed_at')} = [^]*${COLUMN('lease_until')} = null`)
const RENEWS = new RegExp(`set ${COLUMN('lease_until')} = [^]*\\nwhere`)
const PUTS_BACK = new RegExp(`${COLUMN('attempts')} = case when`)
const GIVES_BACK = new RegExp(`set [^]*${COLUMN('claim_token')} = null[^]*${COLUMN('last_error')} = \\?`)
const TAKES = new RegExp(`set [^]*${COLUMN('attempts')} = coalesce`)

/** How many orders an UPDATE names; some of them more than once. */
function ordersIn({ sql: text, parameters }: Statement): number {
  const [set = ''] = text.split('\nwhere ')
  const named = parameters.slice(set.split('?').length - 1).map(String)
  return new Set(named.filter((value) => /^\d+$/.test(value))).size
}

/** Every row that such an UPDATE names is believed to have been changed; it is not even sent, where that is said. */
const believed = (pattern: RegExp, sends: 'sent' | 'not sent') =>
  withSession((session) => {
    const { send } = session
    const believing = (reply: Reply, statement: Statement): Reply => ({ ...reply, affectedRows: ordersIn(statement) })
    session.send = (statement) => {
      if (!pattern.test(statement.sql)) return send.call(session, statement)
      if (sends === 'not sent') return believing({ rows: [], affectedRows: 0 }, statement)
      const reply = send.call(session, statement)
      return reply instanceof Promise
        ? reply.then((answer) => believing(answer, statement))
        : believing(reply, statement)
    }
  })

/** So many milliseconds from now, by the clock of the process, which the statement was built by. */
const afterByProcess: Readonly<Record<'mysql' | 'sqlite' | 'mssql', (ms: Template, now: string) => Template>> = {
  mysql: (ms, now) => sql`timestampadd(microsecond, cast(${ms} as signed) * 1000, ${fixed(`'${now.slice(0, -1)}'`)})`,
  sqlite: (ms, now) => sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${fixed(`'${now}'`)}, '+' || (${ms} / 1000.0) || ' seconds')`,
  mssql: (ms) => ms,
}

const backoffByProcess = withDialect(({ name, leaseCodec }) => ({
  leaseCodec(column) {
    const codec: LeaseCodec | null = leaseCodec(column)
    return codec && { ...codec, after: (ms) => afterByProcess[name](ms, new Date().toISOString()) }
  },
}))

/** Whatever is leased looks as if its lease were over. */
const leaseAlwaysOver = withDialect(({ select, update }) => {
  const without = (conditions: readonly Template[]): Template[] =>
    conditions.map(({ sql: text, names }) => ({
      sql: text.replace(/(["`])lease_until\1 <= [^\n)]*\)(?:\))?/g, '1 = 1'),
      names,
    }))
  return {
    select: (clauses, lock) => select({ ...clauses, where: without(clauses.where) }, lock),
    update: (clauses, surroundings) => update({ ...clauses, where: without(clauses.where) }, surroundings),
  }
})

/** The attempt is not counted where the order is taken. */
const notCounted = withDialect(({ update }) => ({
  update: (clauses, surroundings) =>
    update(
      {
        ...clauses,
        assignments: clauses.assignments.filter(
          ({ sql: text }) => !/attempts.. = coalesce|attempts. = coalesce/.test(text),
        ),
      },
      surroundings,
    ),
}))

const IS_DUE = /^["`]due_at["`] <= /

/** What is due is taken whether or not its time has come. */
const neverEarly = withDialect(({ select, update }) => {
  const without = (conditions: readonly Template[]): Template[] =>
    conditions.filter(({ sql: text }) => !IS_DUE.test(text))
  return {
    select: (clauses, lock) => select({ ...clauses, where: without(clauses.where) }, lock),
    update: (clauses, surroundings) => update({ ...clauses, where: without(clauses.where) }, surroundings),
  }
})

const takesEarly = withDialect(({ update }) => ({
  update: (clauses, surroundings) =>
    update({ ...clauses, where: clauses.where.filter(({ sql: text }) => !IS_DUE.test(text)) }, surroundings),
}))

const LOST = 'a worker that has lost an order writes nothing of it, whatever its work comes to'
const LOST_IN_BATCH = 'orders of a batch that were lost while they waited are not begun; the others are done'
const STOPPED = 'a run that is stopped finishes what it is doing, and gives back at once what it had not begun'
const BACKOFF = 'an attempt that fails is undone, and made again after a pause that grows, by the clock of the database'
const READ_BEFORE =
  'an order that somebody takes, or puts off, when it has been read is not taken, whatever the server says of its locks'
const TAKEN_OVER = 'orders of a worker that is gone are taken over when their lease is over, and not before'

const STOPPED_AHEAD = 'a run that is stopped gives back the batch that was taken ahead, as if it had not been taken'
const LEFT_AGAIN = 'an order that was left by somebody, and not begun by a run that stops, is left again as it was'
const AHEAD = 'with the last of a full batch the next one is taken, and renewed until its turn has come'

export const DRAIN_MUTANTS: readonly DrainMutant[] = [
  { name: 'the lease not checked on completion', families: BOTH, mutation: withoutGuard('token'), caughtBy: LOST },
  {
    name: 'the lease not checked on completion, of a batch',
    families: BOTH,
    mutation: withoutGuard('token'),
    caughtBy: LOST_IN_BATCH,
  },
  {
    name: 'the row count of a completion ignored',
    families: BOTH,
    mutation: { adapter: believed(COMPLETES, 'sent') },
    caughtBy: LOST,
  },
  {
    name: 'the row count of a batch ignored',
    families: BOTH,
    mutation: { adapter: believed(COMPLETES, 'sent') },
    caughtBy: LOST_IN_BATCH,
  },
  {
    name: 'the backoff by the clock of the process',
    families: BOTH,
    mutation: { adapter: backoffByProcess },
    caughtBy: BACKOFF,
  },
  { name: 'no backoff', families: BOTH, mutation: { adapter: neverEarly }, caughtBy: BACKOFF },
  {
    name: 'a stop that drops what it holds',
    families: BOTH,
    mutation: { adapter: believed(PUTS_BACK, 'not sent') },
    caughtBy: STOPPED,
  },
  {
    name: 'a stop that drops what was taken ahead',
    families: ['mysql'],
    mutation: { adapter: believed(PUTS_BACK, 'not sent') },
    caughtBy: STOPPED_AHEAD,
  },
  {
    name: 'a stop that keeps what somebody had left',
    families: BOTH,
    mutation: { adapter: believed(PUTS_BACK, 'not sent') },
    caughtBy: LEFT_AGAIN,
  },
  {
    name: 'leases of what was taken ahead that are not renewed',
    families: ['mysql'],
    mutation: { adapter: believed(RENEWS, 'not sent') },
    caughtBy: AHEAD,
  },
  {
    name: 'a failure that drops what it holds',
    families: BOTH,
    mutation: { adapter: believed(GIVES_BACK, 'not sent') },
    caughtBy: BACKOFF,
  },
  {
    name: 'a lease that is taken over while it lasts',
    families: BOTH,
    mutation: { adapter: leaseAlwaysOver },
    caughtBy: TAKEN_OVER,
  },
  {
    name: 'leases that are not renewed',
    families: BOTH,
    mutation: { adapter: believed(RENEWS, 'not sent') },
    caughtBy:
      'leases are renewed: that of the order whose work goes on, and those of its batch whose turn has not come',
  },
  { name: 'an attempt that is not counted', families: BOTH, mutation: { adapter: notCounted }, caughtBy: TAKEN_OVER },
  { name: 'a take without its guard', families: ['mysql'], mutation: withoutGuard('waiting'), caughtBy: READ_BEFORE },
  {
    name: 'a take of what is not due any more',
    families: ['mysql'],
    mutation: { adapter: takesEarly },
    caughtBy: READ_BEFORE,
  },
  {
    name: 'the row count of a take ignored',
    families: ['mysql'],
    mutation: { adapter: believed(TAKES, 'sent') },
    caughtBy: READ_BEFORE,
  },
]
