import assert from 'node:assert/strict'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Subject } from '../contract/subject.ts'
import { claimsOn } from '../contract/subject.ts'
import { mysqlSubject, sqliteSubject } from '../contract/subjects.ts'
import { lanes } from '../support/lanes.ts'
import { CLOCK, counted, DELIVERIES } from './deliveries.ts'

interface IdCase {
  readonly name: string
  /** The columns of the id, and their types. */
  readonly columns: Readonly<Record<string, Readonly<Record<'mysql' | 'sqlite', string>>>>
  /** As SQL has it, and as a caller names it. */
  readonly ids: readonly { readonly sql: readonly string[]; readonly id: unknown }[]
}

const HEX = '0f8fad5bd9cb469fa16570867728950e'
const CASES: readonly IdCase[] = [
  {
    name: 'beyond 2^53',
    columns: { no: { mysql: 'bigint', sqlite: 'integer' } },
    ids: ['9007199254740993', '9007199254740992', '9007199254740994'].map((id) => ({ sql: [id], id })),
  },
  {
    name: 'filled with zeros',
    columns: { no: { mysql: 'int(8) unsigned zerofill', sqlite: 'integer' } },
    ids: [
      { sql: ['7'], id: 7 },
      { sql: ['70'], id: 70 },
    ],
  },
  {
    name: 'sixteen bytes',
    columns: { no: { mysql: 'binary(16)', sqlite: 'blob' } },
    ids: [
      { sql: [`x'${HEX}'`], id: Buffer.from(HEX, 'hex') },
      { sql: [`x'${HEX.replaceAll('f', '0')}'`], id: Buffer.from(HEX.replaceAll('f', '0'), 'hex') },
    ],
  },
  {
    name: 'text that differs in its case, or in a blank',
    columns: { no: { mysql: 'varchar(20) collate utf8mb4_bin', sqlite: 'text' } },
    ids: [`'A-1'`, `'a-1'`, `' A-1'`, `'Ä-1'`].map((sql) => ({ sql: [sql], id: sql.slice(1, -1) })),
  },
  {
    name: 'of two columns',
    columns: {
      merchant: { mysql: 'varchar(10)', sqlite: 'text' },
      no: { mysql: 'bigint', sqlite: 'integer' },
    },
    ids: [
      ['m1', '1'],
      ['m1', '2'],
      ['m2', '1'],
    ].map(([merchant, no]) => ({ sql: [`'${merchant}'`, String(no)], id: { merchant, no } })),
  },
]

function identities(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())

    test.each(CASES)('ids $name: each order is worked for once, with the key that a callback has', async (given) => {
      const { family } = subject
      if (family === 'mssql') throw new Error('There are no types for it.')
      const names = Object.keys(given.columns)
      const [time, length] = family === 'mysql' ? ['datetime(6)', 'varchar(200)'] : ['text', 'text']
      await subject.query(
        `create table identified (
           ${names.map((column) => `${column} ${given.columns[column]?.[family]} not null`).join(', ')},
           status varchar(10) not null default 'Wait', claim_token char(36) null, claimed_at ${time} null,
           lease_until ${time} null, due_at ${time} null, attempts int not null default 0, last_error ${length} null,
           primary key (${names.join(', ')})
         )`,
      )
      try {
        const rows = given.ids.map(({ sql }) => `(${[...sql, CLOCK[family].fromNow(-1)].join(', ')})`)
        await subject.query(`insert into identified (${names.join(', ')}, due_at) values ${rows.join(', ')}`)
        const [only = ''] = names
        const columns = {
          id: names.length === 1 ? only : names,
          status: 'status',
          token: 'claim_token',
          claimedAt: 'claimed_at',
          leaseUntil: 'lease_until',
          attempts: 'attempts',
          lastError: 'last_error',
        }
        for (const dueAt of [true, false]) {
          const config = {
            table: 'identified',
            columns: dueAt ? { ...columns, dueAt: 'due_at' } : columns,
            states: DELIVERIES.states,
          }
          const claims = claimsOn(subject, { strategy: 'conditional', config })
          const keys = new Set<string>()
          const count = given.ids.length
          const fail = (): never => {
            throw new Error('not now')
          }
          const work = (_order: unknown, { idempotencyKey }: { idempotencyKey: string }): never => {
            keys.add(idempotencyKey)
            return fail()
          }
          // Callbacks first, whose work fails.
          for (const { id } of given.ids)
            await assert.rejects(claims.leaseOnce(id, { leaseMs: 30_000, work }), /not now/)
          assert.equal(keys.size, count)
          const seen: string[] = []
          const result = await claims.drain(
            {
              work: (_order, { idempotencyKey }) => {
                seen.push(idempotencyKey)
              },
            },
            { batchSize: 2 },
          )
          assert.deepEqual(counted(result), { outcome: 'drained', taken: count, done: count })
          assert.deepEqual(new Set(seen), keys)
          const [left] = await subject.query(`select count(*) as number from identified where status <> 'Y'`)
          assert.equal(Number(left?.['number']), 0)
          await subject.query(`update identified set status = 'Wait', attempts = 0, claim_token = null`)
        }
      } finally {
        await subject.query('drop table identified')
      }
    })
  })
}

for (const { name, url } of lanes) {
  identities(`${name} through mysql2/promise`, () => mysqlSubject('mysql2/promise', url))
  identities(`${name} through kysely`, () => mysqlSubject('kysely', url))
}
identities('SQLite', () => sqliteSubject('better-sqlite3, own connection'))
identities('SQLite through kysely', () => sqliteSubject('kysely'))
