import { describe, expect, onTestFinished, test } from 'vitest'
import type { Adapter } from '../../src/adapters/adapter.ts'
import { sqlite } from '../../src/adapters/sqlite.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { mssqlDialect } from '../../src/dialects/mssql.ts'
import { mysqlDialect } from '../../src/dialects/mysql.ts'
import { sqliteDialect } from '../../src/dialects/sqlite.ts'
import { createClaims } from '../../src/index.ts'
import { assertHistory, createHistory, explain, checkHistory, inMemory, withFaults } from '../../src/testing/index.ts'
import type { Fault } from '../../src/testing/index.ts'
import { driverError } from '../../src/testing/faults/driver-errors.ts'

const config = {
  table: 'orders',
  columns: { id: 'order_id', status: 'status' },
  states: { waiting: 'Wait', claimed: 'Y' },
} as const

function shopOf() {
  const shop = inMemory({
    orders: { key: 'order_id', rows: [1, 2, 3, 4].map((id) => ({ order_id: id, status: 'Wait' })) },
    accounts: { key: 'id', rows: [{ id: 1, balance: 0 }] },
  })
  onTestFinished(shop.close)
  return shop
}

const credit = (tx: { exec(sql: string): unknown }): unknown => tx.exec('update accounts set balance = balance + 42')

describe('what is thrown is what the driver throws', () => {
  const DIALECTS: readonly (readonly [Dialect, Readonly<Record<string, readonly string[]>>])[] = [
    [mysqlDialect, { deadlock: ['conflict', 'conflict'], 'lock timeout': ['held', 'held'], lost: ['lost', 'lost'] }],
    [mssqlDialect, { deadlock: ['conflict', 'conflict'], 'lock timeout': ['held', 'lost'], lost: ['lost', 'lost'] }],
    [sqliteDialect, { deadlock: ['conflict', 'conflict'], 'lock timeout': ['held', 'held'], lost: ['other', 'lost'] }],
  ]
  test.each(DIALECTS)('for $name', (dialect, classes) => {
    for (const failing of ['deadlock', 'lock timeout', 'lost'] as const) {
      const error = driverError(dialect.name, failing)
      expect(error).toBeInstanceOf(Error)
      expect([dialect.classify(error), dialect.classifyCommit(error)], failing).toEqual(classes[failing])
      expect(driverError(dialect.name, failing)).not.toBe(error)
    }
    expect(dialect.endsTransaction(driverError(dialect.name, 'deadlock'))).toBe(true)
    expect(dialect.endsTransaction(driverError(dialect.name, 'lost'))).toBe(true)
  })

  test('with its numbers, codes and names', () => {
    expect(driverError('mysql', 'deadlock')).toMatchObject({ errno: 1213, code: 'ER_LOCK_DEADLOCK', sqlState: '40001' })
    expect(driverError('mysql', 'lost')).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true })
    expect(driverError('mssql', 'deadlock')).toMatchObject({ name: 'RequestError', code: 'EREQUEST', number: 1205 })
    expect(driverError('sqlite', 'lock timeout')).toMatchObject({ code: 'SQLITE_BUSY', errcode: 5 })
  })
})

describe('which statements are struck', () => {
  const faulty = async () => {
    const database = withFaults(shopOf().database)
    const orders = createClaims({ database, ...config })
    await orders.claimOnce(4) // describes the table
    return { database, orders }
  }

  test('the nth of its kind from when it was armed, so many times', async () => {
    const { database, orders } = await faulty()
    database.faults.arm({ fault: 'deadlock', on: 'update', at: 2, times: 2 })
    await orders.claimOnce(1)
    expect(database.faults.fired).toEqual([])
    await orders.claimOnce(2)
    expect(database.faults.fired.map(({ what }) => what)).toEqual([
      'deadlock: update: update "orders" set "status" = ? where "order_id" = ? and c…',
      'deadlock: update: update "orders" set "status" = ? where "order_id" = ? and c…',
    ])
    expect(database.faults.armed).toEqual([])
    await orders.claimOnce(3)
    expect(database.faults.fired).toHaveLength(2)
  })

  test('any statement, where none is named: also those that describe the table, and those of effects', async () => {
    const shop = shopOf()
    const seen: string[] = []
    const look: Fault = { fault: 'deadlock', on: ({ kind, sql }) => seen.push(`${kind} ${sql.slice(0, 6)}`) < 0 }
    const database = withFaults(shop.database, [look])
    const orders = createClaims({ database, ...config })
    await orders.claimOnce(1, { effect: credit })
    expect(seen.slice(0, 2)).toEqual(['read select', 'read select'])
    expect(seen.slice(-4)).toEqual(['begin begin ', 'update update', 'effect update', 'commit commit'])
    database.faults.disarm()
    expect(database.faults.armed).toEqual([])
    database.faults.arm({ fault: 'lock timeout' })
    await orders.claimOnce(2)
    expect(database.faults.fired).toMatchObject([{ fault: 'lock timeout' }])
  })

  test('those that a pattern matches, however it was used before', async () => {
    const { database, orders } = await faulty()
    const pattern = /accounts/g
    pattern.lastIndex = 100
    database.faults.arm({ fault: 'deadlock', on: pattern, times: 2 })
    const result = await orders.claimOnce(1, { effect: (tx, _order, { attempt }) => (credit(tx), attempt) })
    expect(result).toMatchObject({ outcome: 'claimed', value: 3 })
    expect(database.faults.fired.map(({ statement }) => statement.kind)).toEqual(['effect', 'effect'])
  })

  test('one fault after the other, where several wait for the same statement', async () => {
    const { database, orders } = await faulty()
    database.faults.arm({ fault: 'deadlock', on: 'commit' }, { fault: 'lost after', on: 'commit' })
    await expect(orders.claimOnce(1, { effect: credit })).rejects.toMatchObject({ code: 'CLAIM_UNKNOWN' })
    expect(database.faults.fired.map(({ fault }) => fault)).toEqual(['deadlock', 'lost after'])
    const [, { error } = {}] = database.faults.fired
    expect(error).toMatchObject({ code: 'SQLITE_IOERR' })
  })
})

describe('a fault that cannot strike is refused', () => {
  const REFUSED: readonly (readonly [string, object, string])[] = [
    ['an unknown one', { fault: 'explosion' }, 'fault is "explosion". It is one of: deadlock, '],
    ['an unknown key', { fault: 'deadlock', when: 1 }, 'A fault has no "when". It knows: fault, on, at, '],
    ['an unknown statement', { fault: 'deadlock', on: 'COMMIT' }, 'on is "COMMIT". It is one of: begin, '],
    ['at the 0th', { fault: 'deadlock', at: 0 }, 'at is 0. It is a whole number, 1 or more.'],
    ['half a time', { fault: 'deadlock', times: 0.5 }, 'times is 0.5. It is a whole number, 1 or more.'],
    [
      'slow by nothing',
      { fault: 'slow' },
      'beforeMs is 0, afterMs 0. One of them is a number of milliseconds above 0.',
    ],
    ['slow by less', { fault: 'slow', beforeMs: -5, afterMs: 6 }, 'beforeMs is -5, afterMs 6.'],
    ['a deadlock that takes its time', { fault: 'deadlock', beforeMs: 5 }, 'beforeMs and afterMs are for "slow"'],
  ]
  test.each(REFUSED)('%s', (_name, fault, message) => {
    const { database } = shopOf()
    expect(() => withFaults(database, [fault as Fault])).toThrow(TypeError)
    expect(() => withFaults(database).faults.arm(fault as Fault)).toThrow(message)
  })

  test('slow, where every statement is answered at once', async () => {
    const shop = shopOf()
    const slow: Fault = { fault: 'slow', beforeMs: 5 }
    expect(() => withFaults(sqlite(shop.db), [slow])).toThrow(/could be slow only by stopping the whole program/)
    const database = withFaults(shop.database)
    const orders = createClaims({ database, ...config })
    await orders.claimOnce(1)
    database.faults.arm({ ...slow, on: 'effect' })
    await expect(orders.claimOnce(2, { effect: credit })).rejects.toThrow(
      'The effect of this driver is answered at once, and cannot be slowed down.',
    )
  })
})

describe('the adapter stays what it is', () => {
  test('a synchronous one answers at once, also with a fault in between', async () => {
    const shop = shopOf()
    const database = withFaults(sqlite(shop.db))
    const orders = createClaims({ database, ...config })
    await orders.claimOnce(4)
    database.faults.arm({ fault: 'deadlock', on: 'effect' }, { fault: 'deadlock', on: 'commit' })
    const session = database.open({ signal: AbortSignal.timeout(1000) })
    expect(session).not.toBeInstanceOf(Promise)
    expect(await orders.claimOnce(1, { effect: credit })).toMatchObject({ outcome: 'claimed' })
    expect(shop.rows('accounts')).toEqual([{ id: 1, balance: 42 }])
    expect(database.faults.fired).toHaveLength(2)
    database.close()
  })

  /** A driver that writes down what it is asked for. */
  function noted() {
    const asked: string[] = []
    const reply = { rows: [], affectedRows: 0 }
    const session = {
      send: ({ sql }: { readonly sql: string }) => (asked.push(sql), reply),
      handle: () => 'tx',
      release: () => asked.push('released'),
      destroy: () => asked.push('destroyed'),
    }
    const adapter: Adapter<string> = {
      dialect: sqliteDialect,
      synchronous: false,
      tellsSession: true,
      escapesOnClient: false,
      pool: session,
      open: () => session,
      join: () => session,
    }
    const database = withFaults(adapter)
    const opened = database.open({ signal: AbortSignal.abort() })
    if (opened instanceof Promise) throw new Error('It was to be opened at once.')
    return { database, asked, reply, session: opened }
  }
  const statement = { sql: 'select 1', parameters: [] }

  test('what no fault strikes goes to the driver as it is', () => {
    const { asked, reply, session } = noted()
    expect(session.send(statement)).toBe(reply)
    expect(asked).toEqual(['select 1'])
    session.release()
    session.release()
    session.destroy()
    expect(asked).toEqual(['select 1', 'released'])
    expect(() => session.send(statement)).toThrow('disk I/O error')
  })

  test('a deadlock rolls back what is really open, also for the caller, whose connection stays his', () => {
    const { database, asked, session } = noted()
    database.faults.arm({ fault: 'deadlock', times: 2 }, { fault: 'lost after' })
    expect(() => session.send(statement)).toThrow('database is locked')
    const joined = database.join('tx')
    expect(() => joined.send(statement)).toThrow('database is locked')
    expect(asked).toEqual(['rollback', 'rollback'])
    expect(() => joined.send(statement)).toThrow('disk I/O error')
    expect(asked).toEqual(['rollback', 'rollback', 'select 1', 'rollback'])
  })

  test('what is slow is not sent any more when nobody waits for it', async () => {
    const { database, asked, session } = noted()
    database.faults.arm({ fault: 'slow', beforeMs: 10 })
    const late = session.send(statement)
    session.destroy()
    await expect(late).rejects.toThrow('disk I/O error')
    expect(asked).toEqual(['destroyed'])
  })

  test('what a fault has closed is neither closed again nor given back', async () => {
    const { database, asked, session } = noted()
    database.faults.arm({ fault: 'lost after' })
    expect(() => session.send(statement)).toThrow('disk I/O error')
    session.destroy()
    session.release()
    expect(asked).toEqual(['select 1', 'destroyed'])
  })
})

test('a history shows the faults of an order', async () => {
  const shop = shopOf()
  const history = createHistory({ process: 'p' })
  const database = withFaults(shop.database, [{ fault: 'lost after', on: 'commit' }], {
    onFired: ({ what }) => history.record({ kind: 'fault', what }),
  })
  const orders = history.watch(createClaims({ database, ...config, onEvent: history.onEvent }))
  history.record({ kind: 'paid', order: 1 })
  await expect(orders.claimOnce(1, { effect: credit })).rejects.toMatchObject({ code: 'CLAIM_UNKNOWN' })
  expect((await orders.claimOnce(1, { effect: credit })).outcome).toBe('duplicate')
  history.record({ kind: 'final', order: 1, status: 'Y', claimed: true, effects: 1 })
  assertHistory(history)
  const lost = history.events.map((event) => (event.kind === 'final' ? { ...event, effects: 0 } : event))
  const text = explain(checkHistory(lost)[0]!)
  expect(text).toContain('effect_missing: order 1: claimed once, and its effect is there 0 times')
  expect(text).toMatch(/p#1 +fault: lost after: commit\n/)
})
