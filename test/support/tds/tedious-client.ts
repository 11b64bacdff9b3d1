import type { ConnectionConfiguration } from 'tedious'
import { Connection, Request } from 'tedious'
import { tediousConfig } from './clients.ts'
import type { TdsServer } from './server.ts'

/** A connection of tedious, logged in. What happens to it later is told by the requests on it. */
export function openTedious(server: TdsServer, options: ConnectionConfiguration['options'] = {}): Promise<Connection> {
  const connection = new Connection(tediousConfig(server, options))
  // Without a listener, a lost connection would end the process.
  connection.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error) reject(error)
      else resolve(connection)
    })
  })
}

export interface TediousResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly rowCount: number | undefined
}

/** Runs it by sp_executesql, or as a batch. `build` adds parameters, or keeps the request to cancel it. */
export function runTedious(
  connection: Connection,
  sql: string,
  { batch = false, build = () => undefined }: { readonly batch?: boolean; build?(request: Request): void } = {},
): Promise<TediousResult> {
  return new Promise((resolve, reject) => {
    const rows: Record<string, unknown>[] = []
    const request = new Request(sql, (error, rowCount) => {
      if (error) reject(error)
      else resolve({ rows, rowCount })
    })
    request.on('row', (columns: { metadata: { colName: string }; value: unknown }[]) => {
      rows.push(Object.fromEntries(columns.map(({ metadata, value }) => [metadata.colName, value])))
    })
    build(request)
    if (batch) connection.execSqlBatch(request)
    else connection.execSql(request)
  })
}

/** Calls one of the connection's methods that tell their end by a callback. */
export const done = (call: (callback: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    call((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
