import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createShopFile } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { COLUMNS, FIT, STATES, UNFIT } from './support/tables.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay, TestConfig } from './support/ways.ts'

describe.each(WAYS)('the table, $name', (way) => {
  let shop: ShopFile
  let opened: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    opened = way.open(shop.file)
  })
  afterEach(() => shop.close())

  const on = (config: Partial<TestConfig>) => opened.configured({ columns: COLUMNS, states: STATES, ...config })
  const statuses = (table: string): unknown[] =>
    shop.run(`select status from ${table} order by rowid`).map((row) => row['status'])

  test.each(UNFIT)('is refused: %s', async (_title, ddl, config, message) => {
    for (const statement of ddl.split(';')) shop.run(statement)
    const fails = on(config).claimOnce(1)
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_CONFIG', reply: 'call_again' })
    await expect(fails).rejects.toThrow(message)
  })

  test.each(FIT)('is taken: %s', async (_title, ddl, config, id, row) => {
    for (const statement of ddl.split(';')) shop.run(statement)
    const table = config.table ?? 't'
    shop.run(`insert into "${table}" values ${row}`)
    const claims = on({ table, ...config })
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    expect(await claims.claimOnce(id)).toMatchObject({ outcome: 'duplicate' })
    expect(await claims.reset(id)).toEqual({ outcome: 'reset' })
    expect(await claims.claimOnce(id, { strategy: 'pessimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(shop.run(`select count(*) as n from "${table}"`)).toEqual([{ n: 1 }])
  })

  test('in an attached schema is another table than the one of the same name in main', async () => {
    const own = opened.handle
    if (own === null) {
      // Its connections attach nothing.
      await expect(on({ table: 'aux.t' }).claimOnce(1)).rejects.toMatchObject({ code: 'CLAIM_CONFIG' })
      return
    }
    own.exec(`attach ':memory:' as aux;
              create table aux.t (id integer primary key, status text);
              create table t (id integer primary key, status text);
              insert into aux.t values (1, 'Wait'); insert into t values (1, 'Wait')`)
    expect(await on({ table: 'aux.t' }).claimOnce(1, { strategy: 'pessimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(statuses('t')).toEqual(['Wait'])
    expect(await on({ table: 'aux.t' }).claimOnce(1)).toMatchObject({ outcome: 'duplicate' })
    expect(await on({ table: 't' }).claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    expect(statuses('t')).toEqual(['Y'])
  })

  test('may be mended: a failed description is not remembered', async () => {
    const claims = on({ table: 't', columns: { ...COLUMNS, token: 'token' } })
    await expect(claims.claimOnce(1)).rejects.toThrow(/no table "t"/)
    shop.run('create table t (id integer, status text)')
    shop.run("insert into t values (1, 'Wait')")
    await expect(claims.claimOnce(1)).rejects.toThrow(/no unique key/)
    shop.run('create unique index t_id on t (id)')
    await expect(claims.claimOnce(1)).rejects.toThrow(/no column "token"/)
    shop.run('alter table t add column token text')
    expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    expect(statuses('t')).toEqual(['Y'])
  })

  test('may be altered later: columns come and go, and what is configured is asked for again', async () => {
    const id = shop.newOrder()
    expect(await opened.claimOnce(id)).toMatchObject({ outcome: 'claimed' })
    const next = shop.newOrder()
    shop.run('alter table orders add column paid_by text')
    expect(await opened.claimOnce(next, { expect: { note: null } })).toMatchObject({ outcome: 'claimed' })
    shop.run('alter table orders rename column claim_token to token')
    const last = shop.newOrder()
    const fails = () => opened.claimOnce(last, { strategy: 'pessimistic' })
    await expect(fails()).rejects.toMatchObject({ code: 'CLAIM_CONFIG' })
    await expect(fails()).rejects.toThrow(/no column "claim_token"/)
    expect(shop.state(last)).toMatchObject({ status: 'Wait' })
    shop.run('alter table orders rename column token to claim_token')
    expect(await opened.claimOnce(last)).toMatchObject({ outcome: 'claimed' })
  })

  test('a column that was added after the first use is for claims that are created after it', async () => {
    await opened.claimOnce(shop.newOrder())
    shop.run("alter table orders add column channel text default 'web'")
    const id = shop.newOrder()
    const fields = { expect: { channel: 'web' }, set: { channel: 'app' } }
    await expect(opened.claimOnce(id, fields)).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
    expect(shop.state(id)).toMatchObject({ status: 'Wait' })
    expect(await opened.configured({}).claimOnce(id, fields)).toMatchObject({ outcome: 'claimed' })
    expect(shop.run('select channel from orders where order_id = ?', id)).toEqual([{ channel: 'app' }])
  })
})
