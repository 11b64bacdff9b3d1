import type { ResultSetHeader } from 'mysql2/promise'
import { createConnection } from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import { isMariaDb } from '../support/lanes.ts'
import { openHolder } from './support/holder.ts'
import { onEveryLane } from './support/setting.ts'
import { errnoOf, failureOf } from './support/wait.ts'

/** What the design stands on, about rows and reads. Nothing of ours runs here. */
describe('the server', () => {
  onEveryLane((setting) => {
    const affectedBy = async (sql: string, flags: string[] = []): Promise<number> => {
      const connection = await createConnection({ uri: setting.shop.url, flags })
      const [result] = await connection.query<ResultSetHeader>(sql)
      await connection.end()
      return result.affectedRows
    }

    it('counts the rows that matched, so an UPDATE without a guard says 1 to every duplicate', async () => {
      const id = await setting.shop.newOrder({ status: 'Y' })
      const unguarded = `update orders set status = 'Y' where order_id = ${id}`
      expect(await affectedBy(unguarded)).toBe(1)
      expect(await affectedBy(unguarded, ['-FOUND_ROWS'])).toBe(0)
    })

    it('counts 0 for a guarded UPDATE of a claimed order, whatever the flag', async () => {
      const id = await setting.shop.newOrder({ status: 'Y' })
      const guarded = `update orders set status = 'Y' where order_id = ${id} and status = 'Wait'`
      expect(await affectedBy(guarded)).toBe(0)
      expect(await affectedBy(guarded, ['-FOUND_ROWS'])).toBe(0)
    })

    it('goes on showing Wait to a plain SELECT under REPEATABLE READ after another claim has committed', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const reader = await openHolder(shop)
      await reader.run('set session transaction isolation level repeatable read')
      await reader.rollback()
      const snapshot = await openHolder(shop)
      const read = 'select status from orders where order_id = ?'
      expect(await snapshot.run(read, [id])).toEqual([{ status: 'Wait' }])
      await shop.run(`update orders set status = 'Y' where order_id = ?`, [id])
      expect(await snapshot.run(read, [id])).toEqual([{ status: 'Wait' }])
      const [setup] = await shop.run(`show variables like 'innodb_snapshot_isolation'`)
      const current = snapshot.run(`${read} lock in share mode`, [id])
      if (setup?.['Value'] === 'ON') expect(errnoOf(await failureOf(current))).toBe(1020)
      else expect(await current).toEqual([{ status: 'Y' }])
      await snapshot.rollback()
    })

    it('shows a claim that is then rolled back to a plain SELECT under READ UNCOMMITTED, not to a locking one', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const other = await openHolder(shop)
      await other.run(`update orders set status = 'Y' where order_id = ?`, [id])
      const reader = await createConnection(shop.url)
      await reader.query('set session transaction isolation level read uncommitted')
      const read = `select status from orders where order_id = ${id}`
      expect((await reader.query(read))[0]).toEqual([{ status: 'Y' }])
      const locking = failureOf(reader.query(`${read} for update nowait`))
      expect(errnoOf(await locking)).toBe(isMariaDb(setting.lane) ? 1205 : 3572)
      await other.rollback()
      expect((await reader.query(`${read} lock in share mode`))[0]).toEqual([{ status: 'Wait' }])
      await reader.end()
    })

    for (const [level, keeps] of [
      ['repeatable read', true],
      ['read committed', false],
    ] as const) {
      it(`${keeps ? 'keeps' : 'lets go of'} the row of a guarded UPDATE that changed nothing under ${level}`, async () => {
        const { shop } = setting
        const id = await shop.newOrder({ status: 'Y' })
        const connection = await createConnection(shop.url)
        await connection.query(`set session transaction isolation level ${level}`)
        await connection.query('start transaction')
        await connection.query(`update orders set status = 'Y' where order_id = ${id} and status = 'Wait'`)
        const other = shop.run('select 1 from orders where order_id = ? for update nowait', [id])
        if (keeps) expect(errnoOf(await failureOf(other))).toBe(isMariaDb(setting.lane) ? 1205 : 3572)
        else expect(await other).toHaveLength(1)
        await connection.query('rollback')
        await connection.end()
      })
    }

    it('locks the whole table for an id without an index, new orders too', async () => {
      const { shop } = setting
      await shop.run('create table if not exists no_index (id int not null, status varchar(10) not null)')
      await shop.run(`insert into no_index values (1, 'Wait'), (2, 'Wait')`)
      const other = await openHolder(shop)
      await other.run('set session innodb_lock_wait_timeout = 50')
      await other.run(`update no_index set status = 'Y' where id = 1`)
      expect(await failureOf(shop.run('select 1 from no_index where id = 2 for update nowait'))).toBeInstanceOf(Error)
      await other.rollback()
    })

    it('knows lock in share mode; only MySQL knows for share', async () => {
      const { shop } = setting
      await shop.run('select 1 from orders lock in share mode')
      const forShare = shop.run('select 1 from orders for share')
      if (isMariaDb(setting.lane)) expect(errnoOf(await failureOf(forShare))).toBe(1064)
      else expect(await forShare).toBeInstanceOf(Array)
    })

    it('bounds the lock wait of one statement on MariaDB only', async () => {
      const bounded = setting.shop.run('set statement innodb_lock_wait_timeout = 0 for select 1')
      if (isMariaDb(setting.lane)) expect(await bounded).toEqual([{ 1: 1 }])
      else expect(errnoOf(await failureOf(bounded))).toBeTypeOf('number')
    })

    it('waits one second at least on MySQL', async () => {
      const connection = await createConnection(setting.shop.url)
      await connection.query('set innodb_lock_wait_timeout = 0')
      const [rows] = await connection.query('select @@innodb_lock_wait_timeout as seconds')
      expect(rows).toEqual([{ seconds: isMariaDb(setting.lane) ? 0 : 1 }])
      await connection.end()
    })

    it('takes a number for text by value, and on MySQL a prepared parameter for a number ever after', async () => {
      const { shop } = setting
      await shop.run('create table if not exists texts (id varchar(10) primary key)')
      await shop.run(`replace into texts values ('1'), ('01'), ('1.0')`)
      const found = async (...values: (string | number)[]): Promise<number> => {
        const connection = await createConnection(shop.url)
        let rows: unknown = []
        for (const value of values) [rows] = await connection.execute('select id from texts where id = ?', [value])
        await connection.end()
        return (rows as unknown[]).length
      }
      expect(await found('01')).toBe(1)
      expect(await found(1)).toBe(3)
      // Why ours are always strings, and are compared a second time by what is written.
      expect(await found(1, '01')).toBe(isMariaDb(setting.lane) ? 1 : 3)
    })

    it("finds order 1 for ' 1', '1.0', '1e0' and true by a mere id = ?, even in strict mode", async () => {
      const { shop } = setting
      await shop.run('create table if not exists numbers (id int primary key)')
      await shop.run('replace into numbers values (0), (1)')
      const connection = await createConnection(shop.url)
      await connection.query(`set sql_mode = 'STRICT_TRANS_TABLES'`)
      for (const id of [' 1', '1.0', '1e0', true]) {
        const [rows] = await connection.query('select id from numbers where id = ?', [id])
        expect(rows, String(id)).toEqual([{ id: 1 }])
      }
      await connection.end()
    })

    it('has NOWAIT say 1205 on MariaDB and 3572 on MySQL', async () => {
      const { shop } = setting
      const id = await shop.newOrder()
      const other = await openHolder(shop)
      await other.run('select 1 from orders where order_id = ? for update', [id])
      const error = await failureOf(shop.run('select 1 from orders where order_id = ? for update nowait', [id]))
      expect(errnoOf(error)).toBe(isMariaDb(setting.lane) ? 1205 : 3572)
      await other.rollback()
    })
  })
})
