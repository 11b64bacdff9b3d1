import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { MSSQL_ORDER_COLUMNS } from '../support/mssql-shop.ts'
import type { MssqlSubject, OneSession } from './mssql-subject.ts'
import type { Rows, Subject } from './subject.ts'

/** The subject of a case that is for SQL Server only. */
export function onMssql(subject: Subject): MssqlSubject {
  assert.equal(subject.family, 'mssql')
  return subject as MssqlSubject
}

export const newName = (what: string): string => `${what}_${randomBytes(6).toString('hex')}`

/** A batch of its own, as `create trigger` must be. */
export async function batch(subject: Subject, ...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await onMssql(subject).shop.pool.request().batch(statement)
}

/** Another table of orders, with triggers if need be, and one order that waits. */
export async function ordersTable(subject: Subject, ...triggers: readonly string[]): Promise<string> {
  const table = newName('orders')
  await batch(subject, `create table ${table} (${MSSQL_ORDER_COLUMNS})`)
  await batch(subject, `insert into ${table} (status, amount, currency, account_id) values ('Wait', 42, 'CNY', 1)`)
  for (const body of triggers) await batch(subject, `create trigger ${newName('trigger')} on ${table} ${body}`)
  return table
}

/** The first row. */
export async function rowOf(query: Subject['query'] | OneSession['batch'], sql: string): Promise<Rows[number]> {
  const [row] = await query(sql)
  assert(row !== undefined, sql)
  return row
}

/** Lends a session in a state of its own. */
export async function withSession(
  subject: Subject,
  batches: readonly string[],
  use: (session: OneSession) => Promise<void>,
): Promise<void> {
  const session = await onMssql(subject).oneSession(...batches)
  try {
    await use(session)
  } finally {
    await session.close()
  }
}
