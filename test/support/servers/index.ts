/**
 * The database servers the tests run on, one for each lane. Each is looked for in this order:
 *
 * 1. the URL in the lane's environment variable (MARIADB_URL, MARIADB_11_URL, MYSQL_URL);
 * 2. a container, where a Docker engine works;
 * 3. Debian's packages: those installed, or unpacked into a cache folder. Nothing is installed, and root is not needed.
 *
 * SQL Server is only ever the one that MSSQL_URL names; compose.yaml starts it.
 *
 * CLAIM_ONCE_LANES=mariadb-10.11,mysql-9 leaves the other lanes out; CLAIM_ONCE_CACHE moves the cache folder.
 */
import { LANE_NAMES, LANES, laneNamed, type LaneName } from './lanes.ts'
import type { ServerLane } from './server-lane.ts'
import { leaveOut, startLane, type StartedLane } from './start-lane.ts'

export type { LaneName } from './lanes.ts'
export type { ServerLane } from './server-lane.ts'

export interface StartedServers {
  readonly lanes: readonly ServerLane[]
  /** The servers have ended and their folders are gone when this resolves. May be called more than once. */
  readonly stop: () => Promise<void>
}

/** Starts the servers of these lanes side by side. Without names: of all lanes, but for those CLAIM_ONCE_LANES leaves out. */
export async function startServers(names?: readonly LaneName[]): Promise<StartedServers> {
  const wanted = new Set(names ?? wantedByEnvironment())
  const started = await Promise.all(
    (names ?? LANE_NAMES).map((name) => (wanted.has(name) ? startLane(LANES[name]) : leaveOut(LANES[name]))),
  )
  let stopped: Promise<void> | undefined
  return {
    lanes: started.map(({ lane }) => lane),
    stop: () => (stopped ??= stopAll(started)),
  }
}

/** Waits for all, also when one fails: a server from the environment may be gone by now. */
async function stopAll(started: readonly StartedLane[]): Promise<void> {
  const results = await Promise.allSettled(started.map(({ stop }) => stop()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

function wantedByEnvironment(): readonly LaneName[] {
  const chosen = process.env['CLAIM_ONCE_LANES']
  if (!chosen) return LANE_NAMES
  return chosen.split(',').map((name) => laneNamed(name.trim(), 'CLAIM_ONCE_LANES').name)
}
