import { createConnection } from 'mysql2/promise'
import type { Connection, ResultSetHeader } from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import type { MysqlShop } from '../support/mysql-shop.ts'
import { arrangeDeadlock, DEADLOCKING } from './support/deadlock.ts'
import { lockWaiter, openHolder, threadGone, whileHeld } from './support/holder.ts'
import { onEveryLane } from './support/setting.ts'
import { errnoOf, failureOf, until } from './support/wait.ts'

const ADD = 'update accounts set balance = balance + 42 where id = 1'
const claimOf = (id: number): string => `update orders set status = 'Y' where order_id = ${id} and status = 'Wait'`

/** A transaction that a deadlock has just ended, with an error that its code swallows. */
async function deadlocked(shop: MysqlShop, connection: Connection): Promise<void> {
  await connection.query('start transaction')
  await connection.query(ADD)
  const { over } = await arrangeDeadlock(shop)
  expect(errnoOf(await failureOf(connection.query(DEADLOCKING)))).toBe(1213)
  await over
}

const isOpen = async (connection: Connection): Promise<boolean> => {
  const error: unknown = await connection.query('set transaction read write').catch((thrown: unknown) => thrown)
  return errnoOf(error) === 1568
}

/** What the design stands on, about what is lost. Nothing of ours runs here. */
describe('a transaction that is gone', () => {
  onEveryLane((setting) => {
    it('says OK to COMMIT after a swallowed deadlock, and what came after it stands', async () => {
      const { shop } = setting
      const connection = await createConnection(shop.url)
      await deadlocked(shop, connection)
      await connection.query('insert into ledger (order_id, amount) values (1, 42)')
      await expect(connection.query('commit')).resolves.toBeDefined()
      expect(await shop.balanceOf(1)).toBe(0)
      expect(await shop.run('select order_id from ledger')).toEqual([{ order_id: 1 }])
      await connection.end()
    })

    it('is told by a savepoint set before: 1305', async () => {
      const { shop } = setting
      const connection = await createConnection(shop.url)
      await connection.query('start transaction')
      await connection.query('savepoint ours')
      await connection.query('release savepoint ours')
      await connection.query('savepoint ours')
      await connection.query('commit')
      expect(errnoOf(await failureOf(connection.query('release savepoint ours')))).toBe(1305)
      await connection.end()
    })

    it('is told by SET TRANSACTION, which is refused with 1568 in an open one only, and changes nothing', async () => {
      const { shop } = setting
      const connection = await createConnection(shop.url)
      expect(await isOpen(connection)).toBe(false)
      await connection.query('start transaction')
      await connection.query(ADD)
      expect(await isOpen(connection)).toBe(true)
      await connection.query('commit')
      expect(await shop.balanceOf(1)).toBe(42)
      await deadlocked(shop, connection)
      expect(await isOpen(connection)).toBe(false)
      await connection.end()
    })

    it('is told by serverStatus in the answer to a write', async () => {
      const connection = await createConnection(setting.shop.url)
      const statusAfter = async (sql: string): Promise<number> =>
        ((await connection.query<ResultSetHeader>(sql))[0] as unknown as { serverStatus: number }).serverStatus
      expect((await statusAfter('set @x = 1')) & 3).toBe(2)
      expect((await statusAfter('start transaction')) & 1).toBe(1)
      expect((await statusAfter(ADD)) & 1).toBe(1)
      expect((await statusAfter('rollback')) & 1).toBe(0)
      await connection.query('set autocommit = 0')
      expect((await statusAfter(ADD)) & 3).toBe(1)
      await connection.query('rollback')
      await connection.end()
    })

    it('is not gone after a lock wait in vain: only the statement is, and COMMIT would commit the rest', async () => {
      const { shop } = setting
      const holder = await openHolder(shop)
      await holder.run('update accounts set balance = balance + 0 where id = 2')
      await holder.run('select 1 from accounts where id = 2 for update')
      const connection = await createConnection(shop.url)
      await connection.query('set innodb_lock_wait_timeout = 1')
      await connection.query('start transaction')
      await connection.query(ADD)
      expect(errnoOf(await failureOf(connection.query(DEADLOCKING)))).toBe(1205)
      expect(await isOpen(connection)).toBe(true)
      await connection.query('commit')
      await holder.rollback()
      expect(await shop.balanceOf(1)).toBe(42)
      await connection.end()
    })
  })
})

describe('a statement that its client has given up', () => {
  onEveryLane((setting) => {
    it("is applied later all the same, after mysql2's timeout", async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const connection = await createConnection(shop.url)
      await whileHeld(shop, id, async () => {
        const error = await failureOf(connection.query({ sql: claimOf(id), timeout: 200 }))
        expect(error).toMatchObject({ code: 'PROTOCOL_SEQUENCE_TIMEOUT' })
        await lockWaiter(shop)
        expect(await shop.statusOf(id)).toBe('Wait')
      })
      await until('it is applied', async () => (await shop.statusOf(id)) === 'Y')
      connection.destroy()
    })

    it('is applied later all the same, after destroy(), which only stops sending', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const connection = await createConnection(shop.url)
      let refused: unknown = null
      await whileHeld(shop, id, async () => {
        connection.query(claimOf(id)).catch((error: unknown) => (refused = error))
        await lockWaiter(shop)
        connection.destroy()
        expect(await shop.statusOf(id)).toBe('Wait')
      })
      await until('it is applied', async () => (await shop.statusOf(id)) === 'Y')
      expect(refused).toBeNull()
    })

    it('is not applied where its thread was killed, which a user may do to his own', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const url = new URL(shop.url)
      url.username = 'shop'
      url.password = 'shop'
      const [own, other] = [await createConnection(url.href), await createConnection(url.href)]
      await whileHeld(shop, id, async () => {
        const claim = failureOf(own.query(claimOf(id)))
        const thread = await lockWaiter(shop)
        await other.query(`kill ${thread}`)
        await claim
        await threadGone(shop, thread)
      })
      expect(await shop.statusOf(id)).toBe('Wait')
      await other.end()
    })

    it('is reported as fatal where the connection was killed, and as 1317 where only the statement was', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const connection = await createConnection(shop.url)
      await whileHeld(shop, id, async () => {
        const first = failureOf(connection.query(claimOf(id)))
        await shop.run(`kill query ${await lockWaiter(shop)}`)
        expect(errnoOf(await first)).toBe(1317)
        const second = failureOf(connection.query(claimOf(id)))
        await shop.run(`kill ${await lockWaiter(shop)}`)
        expect(await second).toMatchObject({ fatal: true })
      })
      expect(await failureOf(connection.query('select 1'))).toMatchObject({
        message: expect.stringContaining('closed state') as string,
      })
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })
})
