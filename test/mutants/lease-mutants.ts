import { randomUUID } from 'node:crypto'
import type { Reply } from '../../src/adapters/adapter.ts'
import type { LeaseCodec } from '../../src/dialects/codec.ts'
import { fixed, sql } from '../../src/sql.ts'
import type { Template } from '../../src/sql.ts'
import { LEASE_MS, ONE_STRATEGY } from '../contract/leased-order.ts'
import { EVERY, withDialect, withoutGuard, withSession } from './mutant.ts'
import type { Mutant } from './mutant.ts'

/** The time of the process, as a constant of the statement that is built now. */
const timeOfProcess = (ms = 0): Template =>
  fixed(`'${new Date(Date.now() + ms).toISOString().slice(0, -1).replace('T', ' ')}'`)

const byClockOfProcess = (lease: LeaseCodec | null): LeaseCodec | null =>
  lease && {
    ...lease,
    now: timeOfProcess(),
    after: () => timeOfProcess(LEASE_MS),
    remainingMs: (column) => sql`(${lease.milliseconds(column)}) - ${fixed(String(Date.now()))}`,
  }

/** An UPDATE that matches is believed to have changed its row. */
const believed = (pattern: RegExp) =>
  withSession((session) => {
    const { send } = session
    session.send = async (statement) => {
      const reply: Reply = await send.call(session, statement)
      if (!pattern.test(statement.sql)) return reply
      // SQL Server tells the number in a row of its own.
      return { ...reply, affectedRows: 1, rows: reply.rows.map((row) => ({ ...row, claim_rows: 1 })) }
    }
  })

const COLUMN = (name: string): string => `["\`[]${name}["\`\\]]`

/** Ends a lease in a claimed order. */
const COMPLETE = new RegExp(`set [^]*${COLUMN('claimed_at')} = [^]*${COLUMN('lease_until')} = null`)
/** Writes the time of the lease and nothing else. */
const RENEW = new RegExp(`set ${COLUMN('lease_until')} = [^\\n]*\\n(?:where|output)`)

/** Every order that is leased looks as if its lease were over. */
const leaseAlwaysOver = withDialect(({ read, update }) => ({
  read: (clauses, lock, surroundings) =>
    read(
      {
        ...clauses,
        columns: clauses.columns.map((column) =>
          column.sql.endsWith(' as claim_lease_ms') ? fixed('-1 as claim_lease_ms') : column,
        ),
      },
      lock,
      surroundings,
    ),
  update: (clauses, surroundings) =>
    update(
      { ...clauses, where: clauses.where.filter(({ sql: text }) => !/lease_until.. <= /.test(text)) },
      surroundings,
    ),
}))

const TAKEN_OVER =
  'a lease whose time has passed is taken over with the same key and another token; the first worker writes nothing'

/** Leases that are wrong in one respect. */
export const LEASE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a lease by the clock of the process',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: {
      adapter: withDialect(({ leaseCodec }) => ({ leaseCodec: (column) => byClockOfProcess(leaseCodec(column)) })),
    },
    caughtBy: 'leases are set and compared by the clock of the database, however wrong that of the process is',
  },
  {
    name: 'a lease that is taken over while it lasts',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: { adapter: leaseAlwaysOver },
    caughtBy: 'an order that is leased makes everybody else busy, who is told for how long',
  },
  {
    name: 'the end of a lease without its token',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: withoutGuard('token'),
    caughtBy: TAKEN_OVER,
  },
  {
    name: 'the row count of the end of a lease ignored',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: { adapter: believed(COMPLETE) },
    caughtBy: TAKEN_OVER,
  },
  {
    name: 'another idempotency key after a takeover',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: { lease: (options) => ({ ...options, idempotencyKey: randomUUID() }) },
    caughtBy: TAKEN_OVER,
  },
  {
    name: 'a lease given back without its token',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: withoutGuard('token'),
    caughtBy: 'whoever has lost a lease gives nothing back when the work fails',
  },
  {
    name: 'the row count of a renewal ignored',
    families: EVERY,
    strategies: ONE_STRATEGY,
    mutation: { adapter: believed(RENEW) },
    caughtBy: 'the work of a lease that somebody else takes is told at the next renewal, and the call ends',
  },
]
