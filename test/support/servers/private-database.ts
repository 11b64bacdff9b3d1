import { administratorSql, DATABASE, serverVersion, setUpForTests, withConnection } from './accounts.ts'
import type { Lane } from './lanes.ts'
import { startPrivateServer, type PrivateServer, type ServerPlace, type ServerPlan } from './private-server.ts'

export interface DatabasePlan extends Pick<ServerPlan, 'prepareLimitMs' | 'job'> {
  /** The account that can log in by TCP from the first moment. */
  readonly firstUser: 'claim' | 'root'
}

/** Starts a database server of our own, with the database and the accounts every lane has. */
export function startPrivateDatabase(lane: Lane, plan: DatabasePlan): Promise<PrivateServer> {
  const url = (user: string, { port, password }: ServerPlace) => `mysql://${user}:${password}@127.0.0.1:${port}`
  return startPrivateServer({
    name: lane.name,
    title: lane.title,
    version: lane.version,
    prepareLimitMs: plan.prepareLimitMs,
    job: plan.job,
    askVersion: (place) => serverVersion(url(plan.firstUser, place)),
    setUp: (place) =>
      withConnection(url(plan.firstUser, place), async (connection) => {
        if (plan.firstUser !== 'claim') {
          for (const sql of administratorSql(place.password)) await connection.query(sql)
        }
        await setUpForTests(connection)
      }),
    url: (place) => `${url('claim', place)}/${DATABASE}`,
  })
}
