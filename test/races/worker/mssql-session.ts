import type { MssqlSessionFacts } from '../contest.ts'
import type { Lend, RunBatch } from '../../support/mssql-pool.ts'

const FACTS = `
select (select transaction_isolation_level from sys.dm_exec_sessions where session_id = @@spid) as isolation,
       @@options & 2 as implicit_transactions,
       @@options & 512 as nocount,
       @@options & 16384 as xact_abort,
       @@lock_timeout as lock_timeout`

/** https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-exec-sessions-transact-sql */
const ISOLATION = ['unspecified', 'read uncommitted', 'read committed', 'repeatable read', 'serializable', 'snapshot']

/** Asks a connection what its session is set to. */
async function factsOf(run: RunBatch): Promise<MssqlSessionFacts> {
  const row = (await run(FACTS))[0]
  return {
    isolation: ISOLATION[Number(row?.['isolation'])] ?? 'unknown',
    implicitTransactions: Number(row?.['implicit_transactions']) !== 0,
    nocount: Number(row?.['nocount']) !== 0,
    xactAbort: Number(row?.['xact_abort']) !== 0,
    lockTimeoutMs: Number(row?.['lock_timeout']),
  }
}

/** All connections are held until the last one has answered: so each is reached. */
async function onEach<T>(lend: Lend, calls: number, work: (run: RunBatch) => Promise<T>): Promise<T[]> {
  const { promise: allReached, resolve: release } = Promise.withResolvers<unknown>()
  const works: Promise<T>[] = []
  const reached = Array.from({ length: calls }, () =>
    lend(async (run) => {
      const working = work(run)
      works.push(working)
      if (works.length === calls) release(Promise.allSettled(works))
      await allReached
      return await working
    }),
  )
  return await Promise.all(reached)
}

export const factsOfAll = (lend: Lend, calls: number): Promise<MssqlSessionFacts[]> => onEach(lend, calls, factsOf)

export async function setAll(lend: Lend, calls: number, set: string): Promise<void> {
  await onEach(lend, calls, (run) => run(set))
}
