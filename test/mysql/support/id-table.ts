import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { MysqlShop } from '../../support/mysql-shop.ts'
import type { Client } from './client.ts'
import { ordersOf } from './orders.ts'
import type { Config, Orders } from './orders.ts'

/** A table with nothing but an id and a status, of which every row waits. */
export interface IdTable {
  readonly name: string
  /** Claims on it, through a client. */
  readonly orders: (client: Client, config?: Config) => Orders
  /** The ids of the rows that do not wait, as the server writes them, in hexadecimal. */
  claimed(): Promise<string[]>
  /** Every row waits again. */
  putBack(): Promise<void>
}

/** `id` is the column's definition; ids are inserted as they are given. */
export async function makeIdTable(shop: MysqlShop, id: string, ids: readonly unknown[]): Promise<IdTable> {
  const name = `ids_${randomBytes(5).toString('hex')}`
  await shop.run(
    `create table ${name} (id ${id} not null primary key, status varchar(10) not null default 'Wait')
     engine = InnoDB default charset = utf8mb4`,
  )
  for (const value of ids) await shop.run(`insert into ${name} (id) values (?)`, [value])
  return {
    name,
    orders: (client, config = {}) =>
      ordersOf(client, {
        table: name,
        columns: { id: 'id', status: 'status' },
        states: { waiting: 'Wait', claimed: 'Y' },
        ...config,
      }),
    async claimed() {
      const rows = await shop.run(`select hex(cast(id as char)) as id from ${name} where status <> 'Wait' order by id`)
      return rows.map((row) => String(row['id']))
    },
    async putBack() {
      await shop.run(`update ${name} set status = 'Wait'`)
    },
  }
}

const hex = (id: string): string => Buffer.from(id, 'utf8').toString('hex').toUpperCase()

/** None of `crafted` is an order of the table, and none of them claims one. */
export async function expectNobody(table: IdTable, orders: Orders, crafted: readonly unknown[]): Promise<void> {
  for (const id of crafted) {
    const label = JSON.stringify(typeof id === 'bigint' ? `${id}n` : id)
    expect(await orders.claimOnce(id), label).toMatchObject({ outcome: 'not_found', reply: 'call_again' })
    expect(await table.claimed(), label).toEqual([])
  }
}

/** `id` claims the row that the server writes as `written`, and no other; afterwards every row waits again. */
export async function expectOnly(table: IdTable, orders: Orders, id: unknown, written: string): Promise<void> {
  const label = `${typeof id} ${String(id)}`
  expect(await orders.claimOnce(id), label).toMatchObject({ outcome: 'claimed' })
  expect(await table.claimed(), label).toEqual([hex(written)])
  expect(await orders.claimOnce(id), label).toMatchObject({ outcome: 'duplicate' })
  await table.putBack()
}

/** `id` is refused before any SQL is sent. */
export async function expectRefused(orders: Orders, sent: readonly unknown[], id: unknown): Promise<void> {
  const before = sent.length
  await expect(orders.claimOnce(id)).rejects.toMatchObject({ code: 'CLAIM_INPUT', reply: 'review' })
  expect(sent).toHaveLength(before)
}
