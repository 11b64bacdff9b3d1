import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mssqlDialect } from '../../src/dialects/mssql.ts'
import { mysqlDialect } from '../../src/dialects/mysql.ts'
import { sqliteDialect } from '../../src/dialects/sqlite.ts'
import { CANDIDATE_CALLS, DRAIN_CALLS } from './drain-calls.ts'
import { recordDrain } from './recorded-drain.ts'
import { titled } from './recorded.ts'
import type { Recording } from './recorded.ts'

const MYSQL_COLUMNS = {
  order_id: 'bigint unsigned',
  status: 'varchar(10)',
  row_version: 'int',
  claim_token: 'char(36)',
  claimed_at: 'datetime(6)',
  gateway_txn: 'varchar(64)',
  account_id: 'int',
  note: 'text',
  lease_until: 'datetime(6)',
  due_at: 'datetime(6)',
  attempts: 'int',
  last_error: 'varchar(200)',
  result: 'text',
}

const TIMES = ['claimed_at', 'lease_until', 'due_at']
const timesAs = (type: string): Record<string, string> => Object.fromEntries(TIMES.map((name) => [name, type]))

const DATABASES: Readonly<Record<string, Recording>> = {
  mariadb: { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: { isMariaDb: true, version: '10.11.6' } },
  mysql: { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: { version: '8.4.0' } },
  mssql: {
    dialect: mssqlDialect,
    columns: {
      ...MYSQL_COLUMNS,
      ...timesAs('datetime2(6)'),
      order_id: 'bigint',
      row_version: 'timestamp',
      note: 'nvarchar(64)',
      result: 'nvarchar(max)',
    },
    characters: { characterSet: 'cp1252', collation: 'Latin1_General_CI_AS', maxLength: 64 },
    server: {},
  },
  sqlite: {
    dialect: sqliteDialect,
    columns: { ...MYSQL_COLUMNS, ...timesAs('text'), order_id: 'integer', status: 'text' },
    server: {},
  },
}

// How long an order waits after a failure, and which candidates are taken, is random.
beforeAll(() => void vi.spyOn(Math, 'random').mockReturnValue(0.5))
afterAll(() => vi.restoreAllMocks())

/** Every statement of a worker stands in a file, so that a change to SQL shows in review. */
describe.each(Object.entries(DATABASES))('the statements of a worker on %s', (name, database) => {
  test('of drain', async () => {
    const parts = []
    for (const { name: title, backlog = {}, call } of DRAIN_CALLS) {
      parts.push(titled(title, await recordDrain(database, backlog, call)))
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(`sql/${name}.drain.sql`)
  })
})

test.each(CANDIDATE_CALLS)(
  'the statements of a worker on MySQL 5.7: $name',
  async ({ name: title, backlog = {}, call }) => {
    const old: Recording = { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: { version: '5.7.44' } }
    const sent = titled(title, await recordDrain(old, backlog, call))
    await expect(sent).toMatchFileSnapshot('sql/mysql-5.7.drain.sql')
  },
)
