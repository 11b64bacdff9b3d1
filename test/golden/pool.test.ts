import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mssqlDialect } from '../../src/dialects/mssql.ts'
import { mysqlDialect } from '../../src/dialects/mysql.ts'
import { sqliteDialect } from '../../src/dialects/sqlite.ts'
import { PICK_STRATEGIES } from '../../src/pool/pool-config.ts'
import { DRAWS, OTHER_CALLS, together } from './pool-calls.ts'
import { recordPool } from './recorded-pool.ts'
import { titled } from './recorded.ts'
import type { Recording } from './recorded.ts'

const MYSQL_COLUMNS = {
  card_id: 'bigint',
  campaign: 'varchar(20)',
  status: 'varchar(10)',
  owner: 'varchar(40)',
  slot: 'int',
  taken_at: 'datetime(6)',
  draw_token: 'char(36)',
  reserved_until: 'datetime(6)',
  card_number: 'varchar(30)',
  worth: 'int',
}

const DATABASES: Readonly<Record<string, Recording>> = {
  mariadb: { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: { isMariaDb: true, version: '10.11.6' } },
  mysql: { dialect: mysqlDialect, columns: MYSQL_COLUMNS, server: { version: '8.4.0' } },
  mssql: {
    dialect: mssqlDialect,
    columns: { ...MYSQL_COLUMNS, taken_at: 'datetime2(6)', reserved_until: 'datetime2(6)' },
    characters: { characterSet: 'cp1252', collation: 'Latin1_General_CI_AS', maxLength: 64 },
    server: {},
  },
  sqlite: {
    dialect: sqliteDialect,
    columns: {
      ...MYSQL_COLUMNS,
      card_id: 'integer',
      campaign: 'text',
      status: 'text',
      taken_at: 'text',
      reserved_until: 'text',
    },
    server: {},
  },
}

/** Every statement of a pool stands in a file, so that a change to SQL shows in review. */
describe.each(Object.entries(DATABASES))('the statements of a pool on %s', (name, database) => {
  // The order of candidates is random.
  beforeAll(() => void vi.spyOn(Math, 'random').mockReturnValue(0.999))
  afterAll(() => vi.restoreAllMocks())

  test.each(PICK_STRATEGIES)('of claimNext by %s', async (strategy) => {
    const parts = []
    for (const { name: title, stock = {}, options } of DRAWS) {
      const drawn = recordPool(database, stock, (pool) =>
        pool.claimNext('anna', { scope: 'spring', ...options, strategy }),
      )
      parts.push(titled(title, await drawn))
    }
    parts.push(titled('three owners together', await recordPool(database, {}, (pool) => together(pool, strategy))))
    await expect(parts.join('\n')).toMatchFileSnapshot(`sql/${name}.pool.${strategy}.sql`)
  })

  test('of the other calls', async () => {
    const parts = []
    for (const { name: title, stock = {}, call } of OTHER_CALLS) {
      parts.push(titled(title, await recordPool(database, stock, call)))
    }
    await expect(parts.join('\n')).toMatchFileSnapshot(`sql/${name}.pool.other.sql`)
  })
})
