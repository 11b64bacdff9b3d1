import type { LaneName } from './lanes.ts'

/** What became of a lane in this run. Plain data: it travels to vitest's workers. */
export interface ServerLane {
  readonly name: LaneName
  readonly required: boolean
  readonly server: AvailableServer | UnavailableServer
}

export interface AvailableServer {
  readonly available: true
  /** mysql://user:password@host:port/database, or mssql://…?encrypt=…. Except for a URL from the environment the user is `claim`, who may do everything. */
  readonly url: string
  /** What `select version()` answers; of `@@version` the lines that name the server. */
  readonly version: string
  readonly source: 'environment' | 'docker' | 'debian packages'
  readonly startedInSeconds: number
}

export interface UnavailableServer {
  readonly available: false
  readonly reason: string
  /** Somebody asked for it to be left out, by CLAIM_ONCE_LANES. */
  readonly leftOut: boolean
}
