import { Kysely } from 'kysely'
import type { ConnectionPool } from 'mssql'
import { mssqlDialectFrom } from '../../../src/adapters/kysely-mssql-dialect.ts'
import { lendFromKysely, lendFromPool, openMssqlPool } from '../../support/mssql-pool.ts'
import type { Lend } from '../../support/mssql-pool.ts'
import type { ShopTables } from '../../support/orders.ts'

export interface MssqlClient<Pool> {
  readonly pool: Pool
  readonly lend: Lend
  readonly close: () => Promise<void>
}

export async function openPool(url: string, max: number): Promise<MssqlClient<ConnectionPool>> {
  const pool = await openMssqlPool(url, max)
  return { pool, lend: lendFromPool(pool), close: () => pool.close() }
}

export function openKysely(url: string, max: number): MssqlClient<Kysely<ShopTables>> {
  const db = new Kysely<ShopTables>({ dialect: mssqlDialectFrom(url, { max }) })
  return { pool: db, lend: lendFromKysely(db), close: () => db.destroy() }
}
