import { DATABASE, serverVersion, setUpForTests, withConnection } from './accounts.ts'
import type { Lane } from './lanes.ts'
import type { RunningServer } from './private-server.ts'

/**
 * Somebody else's server: used, not started. The tests make databases and accounts on it, so it must be a test server. What is
 * made here (the database when the URL names none, and the account `shop`) is removed at the end unless it was there before.
 */
export async function useServerFromEnvironment(lane: Lane, given: string): Promise<RunningServer> {
  const url = parse(lane, given)
  const version = await explain(lane, 'did not answer', serverVersion(url.href))
  if (!lane.version.test(version)) {
    throw new Error(`${lane.variable} leads to a server of version ${version}, but this lane is ${lane.title}.`)
  }
  // Without a database in the path, for what concerns the whole server.
  const serverUrl = new URL(url)
  serverUrl.pathname = '/'
  if (url.pathname.length <= 1) url.pathname = `/${DATABASE}`

  const undo = await explain(lane, 'refused to make what the tests need', withConnection(serverUrl.href, setUpForTests))
  return {
    url: url.href,
    version,
    async stop() {
      await withConnection(serverUrl.href, async (connection) => {
        for (const sql of undo) await connection.query(sql)
      })
    },
  }
}

function parse(lane: Lane, given: string): URL {
  const url = URL.parse(given.replace(/^mariadb:/, 'mysql:'))
  if (url?.protocol !== 'mysql:' || url.hostname === '') {
    // The value may hold a password, so it is not repeated.
    throw new Error(`${lane.variable} is not a URL of the form mysql://user:password@host:port.`)
  }
  return url
}

async function explain<Value>(lane: Lane, what: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work
  } catch (error) {
    throw new Error(`The server of ${lane.variable} ${what}: ${(error as Error).message}`, { cause: error })
  }
}
