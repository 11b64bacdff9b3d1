import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClaimEvent } from '../../src/index.ts'
import { openClient } from './support/client.ts'
import { ordersOf } from './support/orders.ts'
import { onEveryClient } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const STATES = { waiting: 'Wait', claimed: 'Y' } as const
const COLUMNS = { id: 'id', status: 'status' } as const
const CONFIG = { code: 'CLAIM_CONFIG', reply: 'call_again' }
const REJECTED = { code: 'CLAIM_REJECTED', reply: 'review' }

describe('a table that changes', () => {
  onEveryClient((setting) => {
    const make = async (name: string): Promise<void> => {
      await setting.shop.run(
        `create table ${name} (id int primary key, status varchar(10) not null default 'Wait', token char(36) null)`,
      )
      await setting.shop.run(`insert into ${name} (id) values (1)`)
    }

    it('that was missing is not remembered: once it is there, the next call claims', async () => {
      const { client, kind } = setting
      const table = `late_${kind.replace('/', '_')}`
      const orders = ordersOf(client, { table, columns: COLUMNS, states: STATES })
      expect(await failureOf(orders.claimOnce(1))).toMatchObject(CONFIG)
      expect(await failureOf(orders.claimOnce(1))).toMatchObject(CONFIG)
      await make(table)
      expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    })

    it('that loses a column later is refused, described again, and claimed when the column is back', async () => {
      const { shop, client, kind } = setting
      const table = `shrinking_${kind.replace('/', '_')}`
      await make(table)
      const orders = ordersOf(client, { table, columns: { ...COLUMNS, token: 'token' }, states: STATES })
      expect(await orders.claimOnce(99)).toMatchObject({ outcome: 'not_found' })
      await shop.run(`alter table ${table} drop column token`)
      expect(await failureOf(orders.claimOnce(1))).toMatchObject({ ...CONFIG, cause: { errno: 1054 } })
      const described = await failureOf(orders.claimOnce(1))
      expect(described).toMatchObject(CONFIG)
      expect((described as Error).message).toContain('no column "token"')
      await shop.run(`alter table ${table} add column token char(36) null`)
      expect(await orders.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    })

    it('that is gone later is refused', async () => {
      const { shop, client, kind } = setting
      const table = `going_${kind.replace('/', '_')}`
      await make(table)
      const orders = ordersOf(client, { table, columns: COLUMNS, states: STATES })
      await orders.claimOnce(99)
      await shop.run(`drop table ${table}`)
      expect(await failureOf(orders.claimOnce(1))).toMatchObject({ ...CONFIG, cause: { errno: 1146 } })
    })
  })
})

describe('an account that may not do this', () => {
  onEveryClient((setting) => {
    const account = `poor_${randomBytes(4).toString('hex')}`
    const urlOf = (): string => {
      const url = new URL(setting.shop.url)
      url.username = account
      url.password = 'poor'
      return url.href
    }
    beforeAll(async () => {
      const schema = new URL(setting.shop.url).pathname.slice(1)
      await setting.shop.run(`create user '${account}'@'%' identified by 'poor'`)
      await setting.shop.run(`grant select on ${schema}.* to '${account}'@'%'`)
    })
    afterAll(() => setting.shop.run(`drop user '${account}'@'%'`))

    it('is refused as a matter of configuration', async () => {
      const { shop, kind } = setting
      const id = await shop.newOrder()
      const client = openClient(kind, urlOf())
      const error = await failureOf(ordersOf(client).claimOnce(id))
      expect(error).toMatchObject({ ...CONFIG, cause: { errno: 1142 } })
      await client.end()
      expect(await shop.statusOf(id)).toBe('Wait')
    })

    it('cannot even log in: the same', async () => {
      const url = new URL(urlOf())
      url.password = 'wrong'
      const client = openClient(setting.kind, url.href)
      expect(await failureOf(ordersOf(client).claimOnce(1))).toMatchObject({ ...CONFIG, cause: { errno: 1045 } })
      await client.end()
    })

    it('is told to be read-only: a session that cannot write', async () => {
      const { shop, kind } = setting
      const id = await shop.newOrder()
      const client = openClient(kind, shop.url, { session: ['set session transaction read only'] })
      expect(await failureOf(ordersOf(client).claimOnce(id))).toMatchObject({ ...CONFIG, cause: { errno: 1792 } })
      await client.end()
      expect(await shop.statusOf(id)).toBe('Wait')
    })
  })
})

describe('a claim whose values the database refuses', () => {
  onEveryClient((setting) => {
    it('because the payment has claimed another order: rejected, and the order waits', async () => {
      const { shop, client, kind } = setting
      const table = `unique_${kind.replace('/', '_')}`
      await shop.run(
        `create table ${table} (id int primary key, status varchar(10) not null default 'Wait', txn varchar(20) null unique)`,
      )
      await shop.run(`insert into ${table} (id) values (1), (2)`)
      const orders = ordersOf(client, { table, columns: { ...COLUMNS, paymentId: 'txn' }, states: STATES })
      expect(await orders.claimOnce(1, { paymentId: 'p1' })).toMatchObject({ outcome: 'claimed' })
      const error = await failureOf(orders.claimOnce(2, { paymentId: 'p1' }))
      expect(error).toMatchObject({ ...REJECTED, cause: { errno: 1062 } })
      expect(await shop.run(`select * from ${table} where id = 2`)).toEqual([{ id: 2, status: 'Wait', txn: null }])
      expect(await orders.claimOnce(2, { paymentId: 'p2' })).toMatchObject({ outcome: 'claimed' })
    })

    it('because they are too long, of no date, or NULL where none may be: rejected, and the order waits', async () => {
      const { shop, client } = setting
      const orders = ordersOf(client)
      const id = await shop.newOrder()
      for (const set of [
        { note: 'x'.repeat(101) },
        { amount: '99999999999.00' },
        { amount: 'much' },
        { currency: null },
      ]) {
        expect(await failureOf(orders.claimOnce(id, { set }))).toMatchObject(REJECTED)
        expect(await shop.statusOf(id)).toBe('Wait')
      }
    })
  })
})

/** What the server says, and what becomes of the call: a trigger says it, with that very number. */
const SAID = {
  1213: 'busy',
  1020: 'busy',
  3101: 'busy',
  1205: 'busy',
  1317: 'busy',
  1290: 'CLAIM_UNAVAILABLE',
  1836: 'CLAIM_UNAVAILABLE',
  1047: 'CLAIM_UNAVAILABLE',
  1040: 'CLAIM_UNAVAILABLE',
  1053: 'CLAIM_UNKNOWN',
  1180: 'CLAIM_UNKNOWN',
  1142: 'CLAIM_CONFIG',
  1792: 'CLAIM_CONFIG',
  1644: 'CLAIM_REJECTED',
  4025: 'CLAIM_REJECTED',
  3819: 'CLAIM_REJECTED',
  1265: 'CLAIM_REJECTED',
  9999: 'CLAIM_FAILED',
} as const

describe('an error of the server in answer to the claiming UPDATE', () => {
  onEveryClient((setting) => {
    beforeAll(async () => {
      await setting.shop.run('drop trigger if exists speak')
      await setting.shop.run(
        `create trigger speak before update on orders for each row
         begin
           declare number int default 0;
           if new.note like 'say %' then
             set number = cast(substr(new.note, 5) as unsigned);
             signal sqlstate 'HY000' set mysql_errno = number, message_text = 'said';
           end if;
         end`,
      )
    })

    for (const [number, meaning] of Object.entries(SAID)) {
      it(`${number} is ${meaning}`, async () => {
        const { shop, client } = setting
        const id = await shop.newOrder()
        const events: ClaimEvent[] = []
        const orders = ordersOf(client, { onEvent: (event) => events.push(event) })
        const claim = orders.claimOnce(id, { set: { note: `say ${number}` }, retries: 2 })
        const answer = (await claim.catch((error: unknown) => error)) as { outcome?: string; code?: string }
        expect(answer.outcome ?? answer.code).toBe(meaning)
        const tried = ['1213', '1020', '3101'].includes(number) || meaning === 'CLAIM_UNAVAILABLE'
        expect(events.filter(({ type }) => type === 'retry')).toHaveLength(tried ? 2 : 0)
        expect(await shop.statusOf(id)).toBe('Wait')
        expect(await orders.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
      })
    }
  })
})
