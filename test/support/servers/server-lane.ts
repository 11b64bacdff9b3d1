import type { LaneName } from './lanes.ts'

/** What became of a server in this run, a lane's or Redis. Plain data: it travels to vitest's workers. */
export interface ReportedServer {
  readonly name: string
  /** Without it the tests do not run at all. */
  readonly required: boolean
  readonly server: AvailableServer | UnavailableServer
}

export interface ServerLane extends ReportedServer {
  readonly name: LaneName
}

export interface AvailableServer {
  readonly available: true
  /** mysql://user:password@host:port/database, mssql://…?encrypt=…, or redis://:password@host:port. Except for a URL from the environment the user is `claim`, who may do everything. */
  readonly url: string
  /** What `select version()` or `INFO` answers; of `@@version` the lines that name the server. */
  readonly version: string
  readonly source: 'environment' | 'docker' | 'debian packages'
  readonly startedInSeconds: number
}

export interface UnavailableServer {
  readonly available: false
  readonly reason: string
  /** Somebody asked for it to be left out, by CLAIM_ONCE_LANES or CLAIM_ONCE_REDIS. */
  readonly leftOut: boolean
}
