import { createPool } from 'mysql2'
import type { Pool as CallbackPool } from 'mysql2'
import type { Pool } from 'mysql2/promise'
import type { Caller, SessionFacts, Side } from '../contest.ts'
import { editOrder, guardedByHand, naive } from './server-by-hand.ts'
import { CLAIM_BY } from './server-claims.ts'
import { Retries } from './open-side.ts'
import type { OpenSide } from './open-side.ts'
import { factsOf } from './session-facts.ts'

/** A pool on a server, with as many connections as calls. */
export function openServerSide(side: Side): OpenSide {
  const core = poolOf(side)
  const pool = core.promise()
  const retries = new Retries()
  const claimBy = CLAIM_BY[side.driver]
  if (claimBy === undefined) throw new Error(`${side.driver} is no driver of a server.`)
  const claim = claimBy(core, side.without ?? [], retries.onEvent)
  return {
    async call(caller: Caller, orderId: number, withEffect: boolean) {
      switch (caller) {
        case 'by hand':
          return await guardedByHand(pool, orderId, withEffect)
        case 'naive':
          return await naive(pool, orderId)
        case 'editor':
          return await editOrder(pool, orderId)
        case 'optimistic':
        case 'conditional':
        case 'pessimistic':
          return (await claim(orderId, caller, withEffect)).outcome
      }
    },
    sessionFacts: () => factsOfAll(pool, side.calls),
    takeRetries: retries.take,
    close: () => pool.end(),
  }
}

function poolOf({ database, calls, session = {} }: Side): CallbackPool {
  const { set, flags = [] } = session
  const pool = createPool({ uri: database, connectionLimit: calls, flags: [...flags] })
  // mysql2 sends it before it hands the new connection out.
  if (set !== undefined) pool.on('connection', (connection) => connection.query(set))
  return pool
}

/** All connections are held until the last one has told: so each has been asked. */
async function factsOfAll(pool: Pool, calls: number): Promise<SessionFacts[]> {
  const connections = await Promise.all(Array.from({ length: calls }, () => pool.getConnection()))
  try {
    return await Promise.all(connections.map(factsOf))
  } finally {
    for (const connection of connections) connection.release()
  }
}
