import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isMariaDb } from '../support/lanes.ts'
import { openClient } from './support/client.ts'
import type { Client } from './support/client.ts'
import { ordersOf } from './support/orders.ts'
import type { Config } from './support/orders.ts'
import { onEveryLane } from './support/setting.ts'
import { failureOf } from './support/wait.ts'

const STATES = { waiting: 'Wait', claimed: 'Y' } as const
const COLUMNS = { id: 'id', status: 'status' } as const

let tables = 0

describe('a table that cannot hold claims', () => {
  onEveryLane((setting) => {
    let client: Client
    beforeAll(() => {
      client = openClient('mysql2/promise', setting.shop.url)
    })
    afterAll(() => client.end())

    /** Makes a table with one row, claims it, and gives the message it was refused with. */
    const refusalOf = async (ddl: string, config: Config = {}, id: unknown = 1): Promise<string> => {
      const table = `refused_${(tables += 1)}`
      await setting.shop.run(`create table ${table} ${ddl}`)
      const error = await failureOf(
        ordersOf(client, { table, columns: COLUMNS, states: STATES, ...config }).claimOnce(id),
      )
      expect(error).toMatchObject({ code: 'CLAIM_CONFIG', reply: 'call_again' })
      expect((error as Error).message).toContain(`"${table}"`)
      return (error as Error).message
    }

    it('has no unique key on the id', async () => {
      const NO_KEY = 'which is no unique key of the table'
      expect(await refusalOf('(id int not null, status varchar(10) not null)')).toContain(NO_KEY)
      expect(await refusalOf('(id int not null, status varchar(10) not null, index (id))')).toContain(NO_KEY)
    })

    it('has a unique key of which the id is only a part', async () => {
      const ddl = '(id int not null, shop int not null, status varchar(10) not null, primary key (shop, id))'
      expect(await refusalOf(ddl)).toContain('columns.id is "id", which is no unique key')
      expect(await refusalOf(ddl, { columns: { id: ['id', 'status'], status: 'status' } }).catch(String)).toMatch(
        /twice|no unique key/,
      )
    })

    it('is accepted with a unique key beside the primary one, or with more columns than the key has', async () => {
      const { shop } = setting
      await shop.run(
        `create table keyed (n int primary key auto_increment, id int not null, shop int not null,
           status varchar(10) not null default 'Wait', unique (shop, id))`,
      )
      await shop.run('insert into keyed (shop, id) values (1, 1), (1, 2), (2, 1)')
      const both = ordersOf(client, {
        table: 'keyed',
        columns: { id: ['shop', 'id'], status: 'status' },
        states: STATES,
      })
      expect(await both.claimOnce({ shop: 1, id: 1 })).toMatchObject({ outcome: 'claimed' })
      const three = ordersOf(client, {
        table: 'keyed',
        columns: { id: ['n', 'shop', 'id'], status: 'status' },
        states: STATES,
      })
      expect(await three.claimOnce({ n: 2, shop: 1, id: 2 })).toMatchObject({ outcome: 'claimed' })
      expect(await three.claimOnce({ n: 3, shop: 1, id: 1 })).toMatchObject({ outcome: 'not_found' })
      expect(await shop.run(`select n from keyed where status = 'Y' order by n`)).toEqual([{ n: 1 }, { n: 2 }])
    })

    if (!isMariaDb(setting.lane)) {
      it('has a unique key over an expression only', async () => {
        const ddl = '(id int not null, status varchar(10) not null, unique key by_half ((id div 2)))'
        expect(await refusalOf(ddl)).toContain('which is no unique key')
      })
    }

    const ENGINES = isMariaDb(setting.lane) ? ['MyISAM', 'MEMORY', 'Aria'] : ['MyISAM', 'MEMORY']
    for (const engine of ENGINES) {
      it(`is stored by ${engine}`, async () => {
        const message = await refusalOf(`(id int primary key, status varchar(10) not null) engine = ${engine}`)
        expect(message).toContain(`is stored by ${engine}, which cannot roll back`)
      })
    }

    it('is a view', async () => {
      await setting.shop.run('create view open_orders as select * from orders')
      const error = await failureOf(ordersOf(client, { table: 'open_orders' }).claimOnce(1))
      expect(error).toMatchObject({ code: 'CLAIM_CONFIG' })
      expect((error as Error).message).toContain('is a view')
    })

    it('is not there', async () => {
      const error = await failureOf(ordersOf(client, { table: 'no_orders' }).claimOnce(1))
      expect(error).toMatchObject({ code: 'CLAIM_CONFIG', message: expect.stringContaining('"no_orders"') as string })
    })

    it('lacks a column: the message says which, what for, and what there is', async () => {
      const message = await refusalOf('(id int primary key, state varchar(10) not null)')
      expect(message).toContain('no column "status", which is configured as columns.status. It has: id, state.')
    })

    it('has an id that cannot be compared exactly', async () => {
      for (const type of ['float', 'double', 'bit(8)']) {
        const message = await refusalOf(`(id ${type} not null primary key, status varchar(10) not null)`)
        expect(message).toContain('columns.id is "id" of type')
      }
    })

    it('cannot tell its states apart', async () => {
      const pairs = [
        ['utf8mb4_general_ci', 'Wait', 'wait'],
        ['utf8mb4_general_ci', 'Wait', 'Wáit'],
        ['utf8mb4_bin', 'Y', 'Y '],
        ['latin1_swedish_ci', 'y', 'Y'],
      ] as const
      for (const [collation, waiting, claimed] of pairs) {
        const message = await refusalOf(
          `(id int primary key, status varchar(10) character set ${collation.split('_')[0]!} collate ${collation} not null)`,
          { states: { waiting, claimed } },
        )
        expect(message).toContain('States must differ')
        expect(message).toContain(collation)
      }
      const later = await refusalOf('(id int primary key, status varchar(10) collate utf8mb4_general_ci not null)', {
        states: { ...STATES, afterClaimed: ['Done', 'DONE'] },
      })
      expect(later).toContain('"Done" and "DONE"')
    })

    it('knows the states not at all: ENUM, too short, of another kind', async () => {
      expect(await refusalOf(`(id int primary key, status enum('Wait', 'Yes') not null)`)).toContain(
        'knows only: Wait, Yes',
      )
      expect(await refusalOf('(id int primary key, status varchar(3) not null)')).toContain('is too short for it')
      expect(await refusalOf('(id int primary key, status int not null)')).toContain('write the state as a number')
      const numbers = { states: { waiting: 0, claimed: 1 } }
      expect(await refusalOf('(id int primary key, status varchar(10) not null)', numbers)).toContain(
        'write the state as a string',
      )
      expect(await refusalOf('(id int primary key, status datetime not null)')).toContain(
        'holds neither text nor integers',
      )
    })

    it('has a column that must not be NULL and has to be emptied', async () => {
      const columns = { ...COLUMNS, paymentId: 'txn' }
      const ddl = '(id int primary key, status varchar(10) not null, txn int not null)'
      expect(await refusalOf(ddl, { columns })).toContain('which is NOT NULL')
    })

    it('has no room for the token, or no integer for the version', async () => {
      const token = '(id int primary key, status varchar(10) not null, token char(20) null)'
      expect(await refusalOf(token, { columns: { ...COLUMNS, token: 'token' } })).toContain('It must be char(36)')
      const version = '(id int primary key, status varchar(10) not null, version varchar(20) null)'
      expect(await refusalOf(version, { columns: { ...COLUMNS, version: 'version' } })).toContain(
        'It must be an integer',
      )
    })
  })
})
