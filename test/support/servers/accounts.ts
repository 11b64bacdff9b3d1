import { createConnection, type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise'

export const DATABASE = 'claim_once'

/** The administrator of a private server, as which the tests run; the grant option lets them make accounts that may do less. */
export function administratorSql(password: string): readonly string[] {
  return [
    `create user if not exists 'claim'@'%' identified by '${password}'`,
    `grant all privileges on *.* to 'claim'@'%' with grant option`,
  ]
}

/** The ordinary user of a shop: everything on databases named shop…, nothing on the server itself. */
const SHOP_SQL = {
  account: `create user if not exists 'shop'@'%' identified by 'shop'`,
  rights: "grant all privileges on `shop%`.* to 'shop'@'%'",
} as const

/** Makes the database and the account every lane has. Answers with how to undo what was not there before. */
export async function setUpForTests(connection: Connection): Promise<readonly string[]> {
  const undo: string[] = []
  // `if not exists` answers with a warning (1007, 1973, 3163) when there was nothing to do.
  const created = async (sql: string) => (await connection.query<ResultSetHeader>(sql))[0].warningStatus === 0
  if (await created(`create database if not exists ${DATABASE}`)) undo.push(`drop database if exists ${DATABASE}`)
  if (await created(SHOP_SQL.account)) undo.push(`drop user if exists 'shop'@'%'`)
  await connection.query(SHOP_SQL.rights)
  return undo
}

export async function withConnection<Value>(
  url: string,
  work: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const connection = await createConnection({ uri: url, connectTimeout: 5_000 })
  try {
    return await work(connection)
  } finally {
    await connection.end().catch(() => connection.destroy())
  }
}

export function serverVersion(url: string): Promise<string> {
  return withConnection(url, async (connection) => {
    const [rows] =
      await connection.query<(RowDataPacket & { readonly version: string })[]>('select version() as version')
    return rows[0]?.version ?? 'unknown'
  })
}
