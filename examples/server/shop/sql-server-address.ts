import { MSSQL_SCHEMA, parse } from '@tediousjs/connection-string'

const IS_URL = /^(?:mssql|sqlserver):/i

/** `mssql://…`, `sqlserver://…`, or what ADO.NET takes: `Server=…;Database=…`. */
export const isSqlServer = (connection: string): boolean => IS_URL.test(connection) || /^[a-z ]+=/i.test(connection)

/** Server and database, for people. Holds no password. */
export function sqlServerPlace(connection: string): string {
  if (IS_URL.test(connection)) {
    const { host, pathname } = new URL(connection)
    return `${host}${pathname}`
  }
  const settings = parse(connection).toSchema(MSSQL_SCHEMA)
  return [settings['data source'], settings['initial catalog']].filter(Boolean).join('/')
}
