import type { PoolConnection as CoreConnection, PrepareStatementInfo } from 'mysql2'
import type { PoolConnection } from 'mysql2/promise'
import { beforeAll, describe, expect, it } from 'vitest'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { openClient } from './support/client.ts'
import type { Tx } from './support/client.ts'
import { arrangeDeadlock, DEADLOCKING, recharge } from './support/deadlock.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryLane } from './support/setting.ts'
import type { LaneSetting } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const ADD = 'update accounts set balance = balance + ? where id = ?'
const ENTER = 'insert into ledger (order_id, amount) values (?, ?)'
const MISUSE = { code: 'CLAIM_EFFECT_MISUSE' }
const LOST = { code: 'CLAIM_TRANSACTION_LOST' }

/** Runs `effect` on a pool of the kind under test, and gives how the claim ended. */
async function claimWith(
  setting: LaneSetting,
  kind: 'mysql2' | 'mysql2/promise',
  effect: (tx: Tx, id: number, attempt: number) => unknown,
): Promise<{ readonly id: number; readonly result: unknown; readonly error: unknown }> {
  const client = openClient(kind, setting.shop.url)
  const id = await setting.shop.newOrder()
  let [result, error]: [unknown, unknown] = [null, null]
  try {
    result = await ordersOf(client).claimOnce(id, {
      effect: (tx, _order, { attempt }) => effect(tx, id, attempt),
    })
  } catch (thrown) {
    error = thrown
  }
  await client.end()
  return { id, result, error }
}

describe('the promise connection that an effect gets', () => {
  onEveryLane((setting) => {
    const claim = (effect: (tx: PoolConnection, id: number, attempt: number) => unknown) =>
      claimWith(setting, 'mysql2/promise', (tx, id, attempt) => effect(tx.raw as PoolConnection, id, attempt))

    it('does query, execute and prepare as any other', async () => {
      const { id, error, result } = await claim(async (tx, order) => {
        await tx.execute(ADD, [40, 1])
        await tx.query(ADD, [1, 1])
        const prepared = await tx.prepare(ADD)
        await prepared.execute([1, 1])
        await prepared.close()
        await tx.execute(ENTER, [order, 42])
        const [rows] = await tx.query('select balance from accounts where id = 1')
        return rows
      })
      expect(error).toBeNull()
      expect(result).toMatchObject({ outcome: 'claimed', value: [{ balance: '42.00' }] })
      expect(await found(setting.shop, id)).toEqual(ONCE)
    })

    for (const method of ['commit', 'rollback', 'beginTransaction'] as const) {
      it(`knows ${method}() for misuse`, async () => {
        const refused: unknown[] = []
        const { error } = await claim(async (tx) => {
          await tx[method]()
          refused.push(await failureOf(tx.execute(ADD, [42, 1])))
        })
        expect(error).toMatchObject(MISUSE)
        expect(refused).toMatchObject([MISUSE])
        expect(await setting.shop.balanceOf(1)).toBe(0)
      })
    }

    it('knows a commit that was prepared', async () => {
      const { error } = await claim(async (tx) => {
        const prepared = await tx.prepare('commit')
        await prepared.execute([])
        await failureOf(tx.execute(ADD, [42, 1]))
      })
      expect(error).toMatchObject(MISUSE)
      expect(await setting.shop.balanceOf(1)).toBe(0)
    })

    const FORBIDDEN: Readonly<Record<string, (tx: PoolConnection) => unknown>> = {
      release: (tx) => tx.release(),
      destroy: (tx) => tx.destroy(),
      end: (tx) => tx.end(),
      changeUser: (tx) => tx.changeUser({ database: 'mysql' }),
    }
    for (const [method, call] of Object.entries(FORBIDDEN)) {
      it(`refuses ${method}(), and does not do it`, async () => {
        let thrown: unknown = null
        const { id, error } = await claim(async (tx, order) => {
          try {
            await call(tx)
          } catch (refusal) {
            thrown = refusal
          }
          await tx.execute(ADD, [42, 1])
          await tx.execute(ENTER, [order, 42])
        })
        expect(thrown).toMatchObject(MISUSE)
        expect(error).toBeNull()
        expect(await found(setting.shop, id)).toEqual(ONCE)

        const passed = await claim(async (tx, order) => {
          await tx.execute(ENTER, [order, 42])
          await call(tx)
        })
        expect(passed.error).toMatchObject(MISUSE)
        expect(await setting.shop.statusOf(passed.id)).toBe('Wait')
      })
    }

    it('refuses a prepared statement after the deadlock that was swallowed', async () => {
      const { shop } = setting
      let later: unknown
      const { id, result } = await claim(async (tx, order, attempt) => {
        const prepared = await tx.prepare(ADD)
        await prepared.execute([42, 1])
        await tx.execute(ENTER, [order, 42])
        if (attempt > 1) return
        const { over } = await arrangeDeadlock(shop)
        await failureOf(tx.query(DEADLOCKING))
        await over
        later = await failureOf(prepared.execute([1000, 1]))
      })
      expect(later).toMatchObject(LOST)
      expect(result).toMatchObject({ outcome: 'claimed' })
      expect(await found(shop, id)).toEqual(ONCE)
    })
  })
})

const called = <T>(start: (done: (error: Error | null, value?: T) => void) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)))
  })

describe('the callback connection that an effect gets', () => {
  onEveryLane((setting) => {
    const claim = (effect: (tx: CoreConnection, id: number, attempt: number) => unknown) =>
      claimWith(setting, 'mysql2', (tx, id, attempt) => effect(tx.raw as CoreConnection, id, attempt))

    beforeAll(async () => {
      await setting.shop.run('create table numbers (n int)')
      await setting.shop.run('insert into numbers values (1), (2), (3)')
    })

    it('does query, execute and prepare as any other', async () => {
      const { id, error } = await claim(async (tx, order) => {
        await called((done) => tx.execute(ADD, [40, 1], done))
        await called((done) => tx.query(ADD, [1, 1], done))
        const prepared = await called<PrepareStatementInfo>((done) => tx.prepare(ADD, done))
        await called((done) => prepared.execute([1, 1], done))
        prepared.close()
        await called((done) => tx.execute(ENTER, [order, 42], done))
      })
      expect(error).toBeNull()
      expect(await found(setting.shop, id)).toEqual(ONCE)
    })

    it('tells results by events, too', async () => {
      const { result } = await claim(
        (tx) =>
          new Promise((resolve, reject) => {
            const numbers: unknown[] = []
            tx.query('select n from numbers order by n')
              .on('result', (row) => numbers.push((row as unknown as { n: number }).n))
              .on('error', reject)
              .on('end', () => resolve(numbers))
          }),
      )
      expect(result).toMatchObject({ outcome: 'claimed', value: [1, 2, 3] })
    })

    it('streams rows', async () => {
      const { result } = await claim(async (tx) => {
        const numbers: unknown[] = []
        for await (const row of tx.query('select n from numbers order by n').stream()) {
          numbers.push((row as { n: number }).n)
        }
        return numbers
      })
      expect(result).toMatchObject({ outcome: 'claimed', value: [1, 2, 3] })
    })

    it('tells errors by events: what comes after a lost transaction is refused by one', async () => {
      const { shop } = setting
      const events: unknown[] = []
      const failed = (tx: CoreConnection, sql: string): Promise<void> =>
        new Promise((resolve) => {
          tx.query(sql).on('error', (error) => {
            events.push(error)
            resolve()
          })
        })
      const { id, result } = await claim(async (tx, order, attempt) => {
        await called((done) => tx.query(ADD, [42, 1], done))
        await called((done) => tx.query(ENTER, [order, 42], done))
        if (attempt > 1) return
        const { over } = await arrangeDeadlock(shop)
        await failed(tx, DEADLOCKING)
        await over
        await failed(tx, 'update accounts set balance = balance + 1000 where id = 1')
      })
      expect(events).toMatchObject([{ errno: 1213 }, LOST])
      expect(result).toMatchObject({ outcome: 'claimed' })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('sends in the order in which it was asked, without waiting for anybody', async () => {
      const { id, error } = await claim(
        (tx, order) =>
          new Promise<void>((resolve) => {
            tx.query('update accounts set balance = 20 where id = 1')
            tx.execute('update accounts set balance = balance * 2 where id = 1')
            tx.query(ENTER, [order, 42])
            tx.query('update accounts set balance = balance + 2 where id = 1', () => resolve())
          }),
      )
      expect(error).toBeNull()
      expect(await found(setting.shop, id)).toEqual(ONCE)
    })

    it('knows its commit() for misuse', async () => {
      let later: unknown
      const { error } = await claim(async (tx) => {
        await called((done) => tx.commit(done))
        later = await failureOf(called((done) => tx.execute(ADD, [42, 1], done)))
      })
      expect(error).toMatchObject(MISUSE)
      expect(later).toMatchObject(MISUSE)
      expect(await setting.shop.balanceOf(1)).toBe(0)
    })

    it('is watched also through its promise() and through the pool connection behind it', async () => {
      const later: unknown[] = []
      const { error } = await claim(async (tx) => {
        await tx.promise().query('commit')
        later.push(await failureOf(tx.promise().query(ADD, [42, 1])))
        later.push(await failureOf(called((done) => tx.query(ADD, [42, 1], done))))
      })
      expect(error).toMatchObject(MISUSE)
      expect(later).toMatchObject([MISUSE, MISUSE])
      expect(await setting.shop.balanceOf(1)).toBe(0)
    })

    it('refuses an execute whose statement the server does not even prepare, and the transaction stands', async () => {
      const { id, error } = await claim(async (tx, order) => {
        const refused = await failureOf(called((done) => tx.execute('select no_such_column from accounts', done)))
        expect(refused).toMatchObject({ errno: 1054 })
        await called((done) => tx.execute(ADD, [42, 1], done))
        await called((done) => tx.execute(ENTER, [order, 42], done))
      })
      expect(error).toBeNull()
      expect(await found(setting.shop, id)).toEqual(ONCE)
    })

    it('leaves nothing behind on the connection: the pool uses it as before', async () => {
      const client = openClient('mysql2', setting.shop.url, { connectionLimit: 1 })
      const id = await setting.shop.newOrder()
      await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
      const [thread] = client.threads()
      await called((done) => client.core.query('commit', done))
      await called((done) => client.core.execute(ADD, [1, 1], done))
      expect(client.threads()).toEqual([thread])
      expect(await setting.shop.balanceOf(1)).toBe(43)
      await client.end()
    })
  })
})

describe('an effect that uses the pool instead of its handle', () => {
  onEveryLane((setting) => {
    it('is not undone: no database could', async () => {
      const { shop } = setting
      const { id, error } = await claimWith(setting, 'mysql2/promise', async (_tx, order) => {
        await shop.pool.query(ENTER, [order, 42])
        throw new Error('the account is closed')
      })
      expect(error).toMatchObject({ message: 'the account is closed' })
      expect(await found(shop, id)).toEqual({ ...UNDONE, ledger: 1 })
    })
  })
})
