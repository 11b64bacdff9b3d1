import type { Caller, Side } from '../contest.ts'
import { editOrder, guardedByHand, naive } from './mssql-by-hand.ts'
import { byKysely, byMssqlPool } from './mssql-claims.ts'
import { openKysely, openPool } from './mssql-client.ts'
import type { MssqlClient } from './mssql-client.ts'
import { factsOfAll, setAll } from './mssql-session.ts'
import { Retries } from './open-side.ts'
import type { Claim, OpenSide } from './open-side.ts'

/** A pool on SQL Server, with as many connections as calls. */
export async function openMssqlSide({ driver, database, calls, session, without = [] }: Side): Promise<OpenSide> {
  const retries = new Retries()
  if (driver === 'mssql pool') {
    const client = await openPool(database, calls)
    return await sideOn(client, byMssqlPool(client.pool, without, retries.onEvent))
  }
  if (driver === 'kysely on tedious') {
    const client = openKysely(database, calls)
    return await sideOn(client, byKysely(client.pool, without, retries.onEvent))
  }
  throw new Error(`${driver} is no driver of SQL Server.`)

  async function sideOn({ lend, close }: MssqlClient<unknown>, claim: Claim): Promise<OpenSide> {
    if (session?.set !== undefined) await setAll(lend, calls, session.set)
    return {
      async call(caller: Caller, orderId: number, withEffect: boolean) {
        switch (caller) {
          case 'by hand':
            return await guardedByHand(lend, orderId, withEffect)
          case 'naive':
            return await naive(lend, orderId)
          case 'editor':
            return await editOrder(lend, orderId)
          case 'optimistic':
          case 'conditional':
          case 'pessimistic':
            return (await claim(orderId, caller, withEffect)).outcome
        }
      },
      sessionFacts: () => factsOfAll(lend, calls),
      takeRetries: retries.take,
      close,
    }
  }
}
