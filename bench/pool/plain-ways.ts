import type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import { shuffled } from './by-hand.ts'
import type { CardTable } from './card-table.ts'
import { CAMPAIGN } from './card-table.ts'
import type { Connections, Way } from './way.ts'

/** The least that can be written by hand and still gives every card once. */
export function shortestWays(table: CardTable, { readCommitted }: Connections): readonly Way[] {
  const { free, take } = statements(table)
  return [
    {
      name: 'by hand, the shortest: skip locked, guarded UPDATE',
      on: 'readCommitted',
      owners: 1,
      draw: async ([owner = '']) => {
        const connection = await readCommitted.getConnection()
        try {
          return await inTransaction(connection, async () => {
            const [[card]] = await connection.execute<RowDataPacket[]>(`${free} limit 1 for update skip locked`, [
              CAMPAIGN,
            ])
            if (card === undefined) return 0
            const [{ affectedRows }] = await connection.execute<ResultSetHeader>(
              `${take} where card_id = ? and status = 'Free'`,
              [owner, String(card['card_id'])],
            )
            return affectedRows
          })
        } finally {
          connection.release()
        }
      },
    },
    {
      name: 'by hand, the shortest: one of 128 at random, guarded UPDATE',
      on: 'readCommitted',
      owners: 1,
      draw: async ([owner = '']) => {
        const [cards] = await readCommitted.execute<RowDataPacket[]>(`${free} limit 128`, [CAMPAIGN])
        for (const card of shuffled(cards)) {
          const [{ affectedRows }] = await readCommitted.execute<ResultSetHeader>(
            `${take} where card_id = ? and status = 'Free'`,
            [owner, String(card['card_id'])],
          )
          if (affectedRows === 1) return 1
        }
        return 0
      },
    },
  ]
}

/** What the report behind the project did, and what came to its readers' minds first. */
export function naiveWays(table: CardTable, { usual }: Connections): readonly Way[] {
  const { free, take } = statements(table)
  return [
    {
      name: 'naive: select, then UPDATE, no lock and no guard',
      on: 'usual',
      owners: 1,
      unsafe: true,
      draw: async ([owner = '']) => {
        const [[card]] = await usual.execute<RowDataPacket[]>(`${free} limit 1`, [CAMPAIGN])
        if (card === undefined) return 0
        await usual.execute(`${take} where card_id = ?`, [owner, String(card['card_id'])])
        return 1
      },
    },
    {
      name: 'naive: select for update, then UPDATE, in a transaction',
      on: 'usual',
      owners: 1,
      draw: async ([owner = '']) => {
        const connection = await usual.getConnection()
        try {
          return await inTransaction(connection, async () => {
            const [[card]] = await connection.execute<RowDataPacket[]>(`${free} limit 1 for update`, [CAMPAIGN])
            if (card === undefined) return 0
            await connection.execute(`${take} where card_id = ?`, [owner, String(card['card_id'])])
            return 1
          })
        } finally {
          connection.release()
        }
      },
    },
    {
      name: 'naive: update … order by card_id limit 1, then select',
      on: 'usual',
      owners: 1,
      draw: async ([owner = '']) => {
        const [{ affectedRows }] = await usual.execute<ResultSetHeader>(
          `${take} where campaign = ? and status = 'Free' order by card_id limit 1`,
          [owner, CAMPAIGN],
        )
        if (affectedRows === 0) return 0
        await usual.execute(`select card_number from ${table.name} where campaign = ? and owner = ?`, [CAMPAIGN, owner])
        return 1
      },
    },
  ]
}

const statements = ({ name }: CardTable) => ({
  free: `select card_id, card_number from ${name} where campaign = ? and status = 'Free' order by card_id`,
  take: `update ${name} set status = 'Taken', owner = ?, slot = 1, taken_at = utc_timestamp(6)`,
})

async function inTransaction(connection: PoolConnection, work: () => Promise<number>): Promise<number> {
  await connection.query('start transaction')
  try {
    const cards = await work()
    await connection.query('commit')
    return cards
  } catch (error) {
    await connection.query('rollback')
    throw error
  }
}
