import { inject } from 'vitest'
import type { ServerLane } from './servers/server-lane.ts'
import './servers/provided-lanes.ts'

export interface RunningLane {
  readonly name: ServerLane['name']
  readonly url: string
  readonly version: string
}

const running: readonly RunningLane[] = inject('lanes').flatMap(({ name, server }) =>
  server.available ? [{ name, url: server.url, version: server.version }] : [],
)

/** The servers of MySQL's family that run, to build tests over. Those that do not are told by the global set-up, loudly. */
export const lanes: readonly RunningLane[] = running.filter(({ name }) => name !== 'mssql')

/** The same for SQL Server, of which there is one at most. */
export const mssqlLanes: readonly RunningLane[] = running.filter(({ name }) => name === 'mssql')

export const isMariaDb = (lane: RunningLane): boolean => /mariadb/i.test(lane.version)
