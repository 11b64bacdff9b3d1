import { describe, expect, test } from 'vitest'
import { STRATEGIES } from '../../src/config.ts'
import { mssqlDialect } from '../../src/dialects/mssql.ts'
import { mysqlDialect } from '../../src/dialects/mysql.ts'
import { sqliteDialect } from '../../src/dialects/sqlite.ts'
import { CALLS, record } from './recorded.ts'
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
    },
    characters: { characterSet: 'cp1252', collation: 'Latin1_General_CI_AS', maxLength: 64 },
    server: {},
  },
  sqlite: {
    dialect: sqliteDialect,
    columns: { ...MYSQL_COLUMNS, order_id: 'integer', status: 'text', claimed_at: 'text' },
    server: {},
  },
}

/** Every statement of every strategy stands in a file, so that a change to SQL shows in review. */
describe.each(Object.entries(DATABASES))('the statements on %s', (name, database) => {
  test.each(STRATEGIES)('of %s', async (strategy) => {
    const parts = []
    for (const { name: title, script, options } of CALLS) {
      const statements = await record(database, script, (caller) => caller.claimOnce('1', { ...options, strategy }))
      parts.push(`-- ${title} ${'-'.repeat(Math.max(0, 90 - title.length))}\n\n${statements}`)
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(`sql/${name}.${strategy}.sql`)
  })

  test('of reset', async () => {
    const done = await record(database, 'first callback', (caller) => caller.reset('1', {}))
    await expect(done).toMatchFileSnapshot(`sql/${name}.reset.sql`)
  })
})
