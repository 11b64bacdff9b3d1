import { parseMssqlConnection } from '../../../src/adapters/mssql-connection-string.ts'
import { openMssqlPool } from '../mssql-pool.ts'
import type { Login } from '../mssql-pool.ts'
import type { NamedLane } from './lanes.ts'
import type { RunningServer } from './private-server.ts'

/** The server that the environment names. The tests make databases of their own on it, so it must be a test server. */
export async function useMssqlFromEnvironment(lane: NamedLane, given: string): Promise<RunningServer> {
  const url = asUrl(lane, given)
  const version = await versionOf(url).catch((error: unknown) => {
    throw new Error(`The server of ${lane.variable} did not answer: ${(error as Error).message}`, { cause: error })
  })
  if (!lane.version.test(version)) {
    throw new Error(`${lane.variable} leads to a server of version ${version}, but this lane is ${lane.title}.`)
  }
  return { url, version, stop: () => Promise.resolve() }
}

/** A connection string of either kind as a URL, in which the tests put the names of their databases. */
function asUrl(lane: NamedLane, given: string): string {
  const { config } = parseMssqlConnection(given)
  const { encrypt, trustServerCertificate, port, database, instanceName } = config.options ?? {}
  const { userName = '', password = '' } = (config.authentication?.options ?? {}) as Login
  if (instanceName !== undefined) throw new Error(`${lane.variable} names an instance. Name its port: host,1433.`)
  const account = `${encodeURIComponent(userName)}:${encodeURIComponent(password)}`
  const flags = `encrypt=${encrypt === true}&trustServerCertificate=${trustServerCertificate === true}`
  return `mssql://${account}@${config.server}:${port ?? 1433}/${database ?? 'master'}?${flags}`
}

async function versionOf(url: string): Promise<string> {
  const pool = await openMssqlPool(url, 1)
  try {
    const { recordset } = await pool.request().query<{ version: string }>('select @@version as version')
    const lines = (recordset[0]?.version ?? '').split('\n').map((line) => line.trim())
    // The lines between are build dates and copyrights; the last names the system, and PostgreSQL under Babelfish.
    return [lines[0], lines.at(-1)].filter(Boolean).join(', ')
  } finally {
    await pool.close()
  }
}
