import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { sqlite } from '../../src/adapters/sqlite.ts'
import { createClaims } from '../../src/claims.ts'

test.each([100, 1000, 1001, 30_000])(
  'a lease of %d ms that is kept in whole seconds lasts no shorter',
  async (leaseMs) => {
    const db = new Database(':memory:')
    db.exec(
      'create table orders (id integer primary key, status text, token text, lease_until integer, attempts integer)',
    )
    db.exec("insert into orders values (1, 'Wait', null, null, 0)")
    const orders = createClaims({
      database: sqlite(db),
      table: 'orders',
      columns: { id: 'id', status: 'status', token: 'token', leaseUntil: 'lease_until', attempts: 'attempts' },
      states: { waiting: 'Wait', claimed: 'Y', processing: 'Working' },
    })
    const before = Date.now()
    let until = 0
    await orders.leaseOnce(1, {
      leaseMs,
      work: () => {
        until = Number(db.prepare('select lease_until from orders').pluck().get()) * 1000
      },
    })
    expect(until).toBeGreaterThanOrEqual(before + leaseMs)
    expect(until).toBeLessThanOrEqual(Date.now() + leaseMs + 2000)
    db.close()
  },
)
