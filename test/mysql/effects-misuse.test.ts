import { beforeAll, describe, expect, it } from 'vitest'
import { found, ONCE, UNDONE } from './support/balances.ts'
import { openClient } from './support/client.ts'
import type { Tx } from './support/client.ts'
import { recharge } from './support/deadlock.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf, until } from './support/wait.ts'

const MISUSE = { code: 'CLAIM_EFFECT_MISUSE', reply: 'review' }

/** Statements that commit whatever is open. The claim, and what the effect had done, then stand: that cannot be helped. */
const COMMITTING = {
  'create table': 'create table if not exists harmless (id int)',
  'alter table': 'alter table harmless add column if_any int',
  'drop table': 'drop table if exists harmless',
  'create index': 'create index on_note on harmless (id)',
  'truncate table': 'truncate table harmless',
  'lock tables': 'lock tables accounts write, ledger write, orders write',
  commit: 'commit',
  'commit with a comment': '/* all done */ commit',
  'commit in an executable comment': '/*!40000 commit */',
  'commit and chain': 'commit and chain',
  begin: 'begin',
  'start transaction': 'start transaction',
  'a stored procedure that commits': 'call finish()',
}

const ROLLING_BACK = {
  rollback: 'rollback',
  'rollback and chain': 'rollback and chain',
  'a stored procedure that rolls back': 'call give_up()',
}

describe('an effect that ends the transaction of its claim', () => {
  onEveryClient((setting) => {
    beforeAll(async () => {
      const { shop } = setting
      await shop.run('create table if not exists harmless (id int)')
      for (const [name, body] of Object.entries({ finish: 'commit', give_up: 'rollback', look: 'select 1' })) {
        await shop.run(`drop procedure if exists ${name}`)
        await shop.run(`create procedure ${name}() ${body}`)
      }
    })

    /** Sends `sql` in the middle of an effect that catches whatever is thrown and goes on. */
    const swallowing = (sql: string, id: number, refused: unknown[]) => async (tx: Tx) => {
      await recharge(tx, id)
      await tx.run(sql).catch((error: unknown) => refused.push(error))
      await recharge(tx, id).catch((error: unknown) => refused.push(error))
      await tx.run('select 1').catch((error: unknown) => refused.push(error))
      return 'recharged'
    }

    for (const [name, sql] of Object.entries(COMMITTING)) {
      it(`by ${name} is told so, and sends nothing more`, async () => {
        const { shop, client } = setting
        await shop.run('drop table if exists harmless')
        await shop.run('create table harmless (id int)')
        const id = await shop.newOrder()
        const refused: unknown[] = []
        const claim = ordersOf(client).claimOnce(id, { effect: swallowing(sql, id, refused) })
        expect(await failureOf(claim)).toMatchObject(MISUSE)
        expect(refused.slice(-2)).toMatchObject([MISUSE, MISUSE])
        expect(await found(shop, id)).toEqual(ONCE)
        expect((await ordersOf(client).claimOnce(id)).outcome).toBe('duplicate')
      })
    }

    for (const [name, sql] of Object.entries(ROLLING_BACK)) {
      it(`by ${name} is told so, and sends nothing more`, async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        const refused: unknown[] = []
        const claim = ordersOf(client).claimOnce(id, { effect: swallowing(sql, id, refused) })
        expect(await failureOf(claim)).toMatchObject(MISUSE)
        expect(refused).toMatchObject([MISUSE, MISUSE])
        expect(await found(shop, id)).toEqual(UNDONE)
        const again = await ordersOf(client).claimOnce(id, { effect: (tx) => recharge(tx, id) })
        expect(again.outcome).toBe('claimed')
        expect(await found(shop, id)).toEqual(ONCE)
      })
    }

    it('is told which statement it was, and its own error does not hide that', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const claim = ordersOf(client).claimOnce(id, {
        effect: async (tx) => {
          await tx.run('rollback')
          throw new Error('nothing to recharge')
        },
      })
      const error = await failureOf(claim)
      expect(error).toMatchObject(MISUSE)
      expect((error as Error).message).toContain('"rollback"')
    })

    it('closes that connection: what the effect opened there cannot leak into the next claim', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { connectionLimit: 1 })
      const [first, second] = [await shop.newOrder(), await shop.newOrder()]
      const claim = ordersOf(client).claimOnce(first, {
        effect: async (tx) => {
          const thread = (await tx.run('select connection_id() as id'))[0]?.['id']
          await tx.run('commit and chain')
          return thread
        },
      })
      expect(await failureOf(claim)).toMatchObject(MISUSE)
      expect((await ordersOf(client).claimOnce(second)).outcome).toBe('claimed')
      expect(await shop.statusOf(second)).toBe('Y')
      await client.end()
    })

    it('by a second statement behind a first one is told so', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { multipleStatements: true })
      const id = await shop.newOrder()
      const refused: unknown[] = []
      const claim = ordersOf(client).claimOnce(id, { effect: swallowing('select 1; commit', id, refused) })
      expect(await failureOf(claim)).toMatchObject(MISUSE)
      expect(refused.slice(-2)).toMatchObject([MISUSE, MISUSE])
      expect(await found(shop, id)).toEqual(ONCE)
      await client.end()
    })

    it('by switching autocommit on, in a session that had it off, is told so', async () => {
      const { shop, kind } = setting
      const client = openClient(kind, shop.url, { session: ['set autocommit = 0'] })
      const id = await shop.newOrder()
      const refused: unknown[] = []
      const claim = ordersOf(client).claimOnce(id, { effect: swallowing('set autocommit = 1', id, refused) })
      expect(await failureOf(claim)).toMatchObject(MISUSE)
      expect(refused).toMatchObject([MISUSE, MISUSE])
      expect(await found(shop, id)).toEqual(ONCE)
      await client.end()
    })
  })
})

/** They look dangerous, and leave the transaction open. */
const ALLOWED = {
  'switching autocommit on where it is on': 'set autocommit = 1',
  'a user variable': 'set @answer = 42',
  'a stored procedure that neither commits nor rolls back': 'call look()',
  'a temporary table': 'create temporary table if not exists scratch (id int)',
  'explaining a statement': 'explain select * from orders',
}

describe('an effect that leaves its transaction open', () => {
  onEveryClient((setting) => {
    beforeAll(async () => {
      await setting.shop.run('drop procedure if exists look')
      await setting.shop.run('create procedure look() select 1')
    })

    for (const [name, sql] of Object.entries(ALLOWED)) {
      it(`may use ${name}`, async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        const result = await ordersOf(client).claimOnce(id, {
          effect: async (tx) => {
            await tx.run(sql)
            await recharge(tx, id)
          },
        })
        expect(result.outcome).toBe('claimed')
        expect(await found(shop, id)).toEqual(ONCE)
      })
    }

    it('may use savepoints, and go back to them', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx) => {
          await tx.run('savepoint before_the_recharge')
          await recharge(tx, id)
          await tx.run('rollback to savepoint before_the_recharge')
          await recharge(tx, id)
          await tx.run('release savepoint before_the_recharge')
        },
      })
      expect(result.outcome).toBe('claimed')
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('may swallow a duplicate key: the statement is gone, the transaction stands', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx) => {
          await recharge(tx, id)
          expect(await failureOf(tx.run('insert into accounts values (1, 0)'))).toMatchObject({ errno: 1062 })
          return await tx.run('select balance from accounts where id = 1')
        },
      })
      expect(result).toMatchObject({ outcome: 'claimed', value: [{ balance: '42.00' }] })
      expect(await found(shop, id)).toEqual(ONCE)
    })

    it('may end on a swallowed error of the last statement', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      const result = await ordersOf(client).claimOnce(id, {
        effect: async (tx) => {
          await recharge(tx, id)
          await failureOf(tx.run('select no_such_column from accounts'))
        },
      })
      expect(result.outcome).toBe('claimed')
      expect(await found(shop, id)).toEqual(ONCE)
    })
  })
})

describe('the connection of a misused claim', () => {
  onEveryClient((setting) => {
    it('is closed on the server, too', async () => {
      const { shop, client } = setting
      const id = await shop.newOrder()
      let thread = 0
      const claim = ordersOf(client).claimOnce(id, {
        effect: async (tx) => {
          thread = Number((await tx.run('select connection_id() as id'))[0]?.['id'])
          await tx.run('begin')
        },
      })
      expect(await failureOf(claim)).toMatchObject(MISUSE)
      expect(client.threads()).not.toContain(thread)
      await until('the thread is gone', async () => {
        return (await shop.run('select 1 from information_schema.processlist where id = ?', [thread])).length === 0
      })
    })
  })
})
