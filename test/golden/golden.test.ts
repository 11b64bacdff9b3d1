import { describe, expect, test } from 'vitest'
import type { Caller } from '../../src/caller.ts'
import { STRATEGIES } from '../../src/config.ts'
import { mssqlDialect } from '../../src/dialects/mssql.ts'
import { mysqlDialect } from '../../src/dialects/mysql.ts'
import { sqliteDialect } from '../../src/dialects/sqlite.ts'
import { LEASE_CALLS, OTHER_CALLS } from './lease-calls.ts'
import { CALLS, LEASES, record, SCRIPTS, titled } from './recorded.ts'
import type { Recording } from './recorded.ts'

const MYSQL_COLUMNS = {
  order_id: 'bigint unsigned',
  status: 'varchar(10)',
  row_version: 'int',
  claim_token: 'char(36)',
  claimed_at: 'datetime(6)',
  gateway_txn: 'varchar(64)',
  amount: 'decimal(12,2)',
  account_id: 'int',
  note: 'text',
  lease_until: 'datetime(6)',
  attempts: 'int',
  last_error: 'varchar(200)',
  result: 'text',
}

const DATABASES: Readonly<Record<string, Recording>> = {
  mariadb: { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: { isMariaDb: true } },
  mysql: { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: {} },
  'mysql-kysely': { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: {}, tellsSession: false },
  mssql: {
    dialect: mssqlDialect,
    columns: {
      ...MYSQL_COLUMNS,
      order_id: 'bigint',
      status: 'varchar(64)',
      row_version: 'timestamp',
      claimed_at: 'datetime2(6)',
      note: 'nvarchar(64)',
      lease_until: 'datetime2(6)',
      result: 'nvarchar(max)',
    },
    characters: { characterSet: 'cp1252', collation: 'Latin1_General_CI_AS', maxLength: 64 },
    server: {},
  },
  sqlite: {
    dialect: sqliteDialect,
    columns: { ...MYSQL_COLUMNS, order_id: 'integer', status: 'text', claimed_at: 'text', lease_until: 'text' },
    server: {},
  },
}

/** Every statement of every strategy stands in a file, so that a change to SQL shows in review. */
describe.each(Object.entries(DATABASES))('the statements on %s', (name, database) => {
  test.each(STRATEGIES)('of %s', async (strategy) => {
    const parts = []
    for (const { name: title, script, options } of CALLS) {
      const call = (caller: Caller): Promise<unknown> => caller.claimOnce('1', { ...options, strategy })
      parts.push(titled(title, await record(database, SCRIPTS[script], call)))
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(`sql/${name}.${strategy}.sql`)
  })

  test.each(Object.entries({ lease: LEASE_CALLS, other: OTHER_CALLS }))('of %s calls', async (kind, calls) => {
    const parts = []
    for (const { name: title, script, call } of calls) {
      parts.push(titled(title, await record(database, script, call, LEASES)))
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(`sql/${name}.${kind}.sql`)
  })

  test('of reset', async () => {
    const done = await record(database, SCRIPTS['first callback'], (caller) => caller.reset('1', {}))
    await expect(done).toMatchFileSnapshot(`sql/${name}.reset.sql`)
  })
})
