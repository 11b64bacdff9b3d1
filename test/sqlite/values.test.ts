import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Value } from './support/driver.ts'
import { createShopFile } from './support/shop-file.ts'
import type { ShopFile } from './support/shop-file.ts'
import { WAYS } from './support/ways.ts'
import type { OpenWay, TestClaims, TestConfig } from './support/ways.ts'

describe.each(WAYS)('values, $name', (way) => {
  let shop: ShopFile
  let opened: OpenWay

  beforeEach(() => {
    shop = createShopFile(way.driver)
    opened = way.open(shop.file)
  })
  afterEach(() => shop.close())

  /** A table with one column more, and orders that hold the given values in it. */
  function table(type: string, values: readonly Value[], columns: TestConfig['columns'] = {}): TestClaims {
    shop.run(`create table t (id integer primary key, status text, x ${type})`)
    for (const value of values) shop.run("insert into t (status, x) values ('Wait', ?)", value)
    return opened.configured({
      table: 't',
      columns: { id: 'id', status: 'status', ...columns },
      states: { waiting: 'Wait', claimed: 'Y' },
    })
  }
  const x = (id = 1): Value => shop.run('select x from t where id = ?', id)[0]!['x']!
  const status = (id = 1): Value => shop.run('select status from t where id = ?', id)[0]!['status']!

  const met: [type: string, stored: Value, expected: Value][] = [
    ['decimal(12, 2)', '42.00', '42.00'],
    ['decimal(12, 2)', '42.00', '42'],
    ['decimal(12, 2)', '42.00', 42],
    ['decimal(12, 2)', '42.00', 42n],
    ['numeric', '42.10', '42.1'],
    ['numeric', '0.30', '0.3'],
    ['numeric', '-0.07', '-0.07'],
    ['decimal(15, 2)', '1234567890123.45', '1234567890123.45'],
    ['decimal(12, 2)', null, null],
    ['integer', 42, '42'],
    ['integer', null, null],
    ['text', '42.00', '42.00'],
    ['text', 'é', 'é'],
    ['text', null, null],
    ['blob', Buffer.from([0, 255]), Buffer.from([0, 255])],
  ]
  test.each(met)('%s: %o is what expects %o', async (type, stored, expected) => {
    const claims = table(type, [stored])
    expect(await claims.claimOnce(1, { expect: { x: expected } })).toMatchObject({ outcome: 'claimed' })
    expect(status()).toBe('Y')
  })

  const missed: [type: string, stored: Value, expected: Value, shown: [string | null, string | null]][] = [
    ['decimal(12, 2)', '42.00', '42.01', ['42.01', '42']],
    ['decimal(12, 2)', '42.00', '420', ['420', '42']],
    ['decimal(12, 2)', '42.10', '42', ['42', '42.1']],
    ['decimal(12, 2)', null, '0', ['0', null]],
    ['decimal(12, 2)', '0', null, [null, '0']],
    ['decimal(15, 2)', '1234567890123.45', '1234567890123.44', ['1234567890123.44', '1234567890123.45']],
    ['integer', 42, 43, ['43', '42']],
    ['text', '42.00', '42', ['42', '42.00']],
    ['text', '42', '42.00', ['42.00', '42']],
    ['text collate nocase', 'CNY', 'cny', ['cny', 'CNY']],
    ['text', null, '', ['', null]],
    ['text', '', null, [null, '']],
    ['blob', Buffer.from([0, 255]), Buffer.from([0]), ['00', '00ff']],
  ]
  test.each(missed)('%s: %o is a mismatch to %o', async (type, stored, expected, [shown, actual]) => {
    const claims = table(type, [stored])
    for (const strategy of ['conditional', 'pessimistic'] as const) {
      expect(await claims.claimOnce(1, { strategy, expect: { x: expected } })).toMatchObject({
        outcome: 'mismatch',
        reply: 'review',
        columns: [{ column: 'x', expected: shown, actual }],
      })
    }
    expect(status()).toBe('Wait')
  })

  const refused: [type: string, expected: Value | object][] = [
    ['real', 42],
    ['double precision', '42'],
    ['float', '42.00'],
    ['decimal(12, 2)', 42.5],
    ['decimal(12, 2)', 0.1 + 0.2],
    ['decimal(12, 2)', NaN],
    ['decimal(12, 2)', '4.2e1'],
    ['decimal(12, 2)', ' 42'],
    ['decimal(12, 2)', '42 or 1=1'],
    ['decimal(18, 2)', '1234567890123456.78'],
    ['decimal(18, 2)', '12345678901234567'],
    ['integer', '42.0'],
    ['integer', 42.5],
    ['integer', 2 ** 53],
    ['text', 2 ** 53],
    ['text', ['42']],
    ['blob', 'text'],
  ]
  test.each(refused)('%s: to expect %o is refused', async (type, expected) => {
    const claims = table(type, [42])
    const fails = claims.claimOnce(1, { expect: { x: expected as never } })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_INPUT', reply: 'review' })
    expect(status()).toBe('Wait')
  })

  test('an order with a status that nobody configured is a wrong status, with it', async () => {
    const claims = table('text', ['a', 'b'])
    shop.run("update t set status = 'wait' where id = 1")
    shop.run('update t set status = null where id = 2')
    expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'wrong_status', status: 'wait', reply: 'review' })
    expect(await claims.claimOnce(2)).toMatchObject({ outcome: 'wrong_status', status: null })
  })

  test('a status is an integer where the column is, and compared as one', async () => {
    shop.run('create table n (id integer primary key, status integer)')
    shop.run('insert into n values (1, 0), (2, 2), (3, 10), (4, 1)')
    const claims = opened.configured({
      table: 'n',
      columns: { id: 'id', status: 'status' },
      states: { waiting: 0, claimed: 1, afterClaimed: [2] },
    })
    expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    expect(await claims.claimOnce(2)).toMatchObject({ outcome: 'duplicate', status: 2 })
    const other = await claims.claimOnce(3)
    expect([other.outcome, other.outcome === 'wrong_status' && Number(other.status)]).toEqual(['wrong_status', 10])
    expect(shop.run('select status from n order by id').map((row) => row['status'])).toEqual([1, 2, 10, 1])
  })

  test('an integer version counts claims and resets, also from NULL', async () => {
    const claims = table('integer', [null, 2n ** 53n], { version: 'x' })
    expect(await claims.claimOnce(1, { strategy: 'optimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(x()).toBe(1)
    expect(await claims.reset(1)).toEqual({ outcome: 'reset' })
    expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    expect(x()).toBe(3)
    expect(await claims.claimOnce(2, { strategy: 'optimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(shop.run('select cast(x as text) as x from t where id = 2')).toEqual([{ x: '9007199254740993' }])
  })

  test.each(['timestamp', 'TIMESTAMP(6)', 'datetime'])('a version may be a %s', async (type) => {
    const claims = table(type, ['2020-01-01 00:00:00.000', null], { version: 'x' })
    expect(await claims.claimOnce(1, { strategy: 'optimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(await claims.claimOnce(1, { strategy: 'optimistic' })).toMatchObject({ outcome: 'duplicate' })
    expect(x()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
    expect(Math.abs(Date.parse(`${String(x()).replace(' ', 'T')}Z`) - Date.now())).toBeLessThan(60_000)
    expect(await claims.claimOnce(2, { strategy: 'optimistic' })).toMatchObject({ outcome: 'claimed' })
    expect(status(2)).toBe('Y')
  })

  test.each([
    ['text', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
    ['varchar(30)', /Z$/],
    ['timestamp', /Z$/],
    ['integer', /^\d{10}$/],
  ])("claimedAt in %s is the database's time in UTC, and comes back as the same moment", async (type, format) => {
    const claims = table(type, [null], { claimedAt: 'x' })
    const before = Math.floor(Date.now() / 1000) * 1000
    expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'claimed' })
    const after = Date.now()
    expect(String(x())).toMatch(format)
    const stored = type === 'integer' ? Number(x()) * 1000 : Date.parse(String(x()))
    expect(stored).toBeGreaterThanOrEqual(before)
    expect(stored).toBeLessThanOrEqual(after)
    expect(await claims.claimOnce(1)).toMatchObject({ outcome: 'duplicate', claimedAt: new Date(stored) })
    expect(await claims.reset(1)).toEqual({ outcome: 'reset' })
    expect(x()).toBe(null)
  })

  test('claimedAt reads what other code wrote, and is null where that is no time', async () => {
    const claims = table('text', ['2024-02-29 23:59:59', '2024-02-29T23:59:59.25+08:00', 'yesterday'], {
      claimedAt: 'x',
    })
    shop.run("update t set status = 'Y'")
    const claimedAt = async (id: number): Promise<unknown> => {
      const result = await claims.claimOnce(id)
      return result.outcome === 'duplicate' ? result.claimedAt : result
    }
    expect(await claimedAt(1)).toEqual(new Date('2024-02-29T23:59:59Z'))
    expect(await claimedAt(2)).toEqual(new Date('2024-02-29T15:59:59.250Z'))
    expect(await claimedAt(3)).toBe(null)
  })

  test('a payment is told from a second one exactly, as text or number', async () => {
    const claims = table('text collate nocase', [null], { paymentId: 'x' })
    expect(await claims.claimOnce(1, { paymentId: 'Tx-1' })).toMatchObject({ outcome: 'claimed' })
    expect(await claims.claimOnce(1, { paymentId: 'Tx-1' })).toMatchObject({ outcome: 'duplicate' })
    expect(await claims.claimOnce(1, { paymentId: 'tx-1' })).toMatchObject({
      outcome: 'second_payment',
      claimedBy: 'Tx-1',
      paymentId: 'tx-1',
      reply: 'review',
    })
    expect(await claims.reset(1)).toEqual({ outcome: 'reset' })
    expect(await claims.claimOnce(1, { paymentId: 7 })).toMatchObject({ outcome: 'claimed' })
    expect(x()).toBe('7')
    expect(await claims.claimOnce(1, { paymentId: '7' })).toMatchObject({ outcome: 'duplicate' })
    await expect(claims.claimOnce(1, { paymentId: 2 ** 53 })).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
  })

  test.each<[string, Value | boolean, Value]>([
    ['text', 'paid', 'paid'],
    ['text', null, null],
    ['integer', 5, 5],
    ['integer', true, 1],
    ['integer', 2n ** 40n, 2 ** 40],
    ['decimal(12, 2)', '41.50', 41.5],
    ['real', 0.5, 0.5],
  ])('%s: set writes %o', async (type, value, stored) => {
    const claims = table(type, ['0'])
    expect(await claims.claimOnce(1, { set: { x: value } })).toMatchObject({ outcome: 'claimed' })
    expect(x()).toBe(stored)
  })

  test.each([new Date(), NaN, Infinity, {}, [1]])('set refuses %o', async (value) => {
    const claims = table('text', ['kept'])
    await expect(claims.claimOnce(1, { set: { x: value as never } })).rejects.toMatchObject({ code: 'CLAIM_INPUT' })
    expect([status(), x()]).toEqual(['Wait', 'kept'])
  })

  test('what a constraint refuses is CLAIM_REJECTED, and the order waits', async () => {
    const claims = table('text not null unique', ['a', 'b'])
    const fails = claims.claimOnce(1, { set: { x: 'b' } })
    await expect(fails).rejects.toMatchObject({ code: 'CLAIM_REJECTED', reply: 'review' })
    await expect(claims.claimOnce(1, { set: { x: null } })).rejects.toMatchObject({ code: 'CLAIM_REJECTED' })
    expect([status(), x()]).toEqual(['Wait', 'a'])
  })
})
