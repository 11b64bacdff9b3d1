import { startFromDebian } from './debian-server.ts'
import { dockerWorks, startInDocker } from './docker-server.ts'
import { useServerFromEnvironment } from './environment-server.ts'
import type { AnyLane } from './lanes.ts'
import { useMssqlFromEnvironment } from './mssql-server.ts'
import type { RunningServer } from './private-server.ts'
import type { AvailableServer, ServerLane } from './server-lane.ts'

export interface StartedLane {
  readonly lane: ServerLane
  readonly stop: () => Promise<void>
}

interface Attempt {
  readonly source: AvailableServer['source']
  readonly start: () => Promise<RunningServer>
}

/** Never rejects: a lane that cannot be had says why. */
export async function startLane(lane: AnyLane): Promise<StartedLane> {
  const begun = performance.now()
  const failures: string[] = []
  for (const { source, start } of await attempts(lane)) {
    try {
      const { url, version, stop } = await start()
      const startedInSeconds = Math.round((performance.now() - begun) / 100) / 10
      return { lane: about(lane, { available: true, url, version, source, startedInSeconds }), stop }
    } catch (error) {
      failures.push(`By ${source}: ${(error as Error).message}`)
    }
  }
  const reason = [...failures, howToRun(lane)].join('\n')
  return { lane: about(lane, { available: false, reason, leftOut: false }), stop: nothingToStop }
}

export function leaveOut(lane: AnyLane): Promise<StartedLane> {
  const server = { available: false, reason: 'left out by CLAIM_ONCE_LANES', leftOut: true } as const
  return Promise.resolve({ lane: about(lane, server), stop: nothingToStop })
}

/** A URL that does not work is never replaced by another server: whoever set it means that one. */
async function attempts(lane: AnyLane): Promise<readonly Attempt[]> {
  const url = process.env[lane.variable]
  if (lane.product === 'mssql') {
    return url ? [{ source: 'environment', start: () => useMssqlFromEnvironment(lane, url) }] : []
  }
  if (url) return [{ source: 'environment', start: () => useServerFromEnvironment(lane, url) }]
  const debian: Attempt = { source: 'debian packages', start: () => startFromDebian(lane) }
  return (await dockerWorks()) ? [{ source: 'docker', start: () => startInDocker(lane) }, debian] : [debian]
}

function howToRun(lane: AnyLane): string {
  if (lane.product === 'mssql')
    return `${lane.variable} names no server that can be used. To run this lane: ${lane.command}`
  const url = `${lane.variable}=mysql://user:password@host:port to a ${lane.title} test server, as a user with all privileges.`
  return process.env[lane.variable]
    ? `To run this lane unset ${lane.variable} (a server is then started), or set ${url}`
    : `To run this lane start a Docker engine, or set ${url}`
}

const nothingToStop = () => Promise.resolve()

function about(lane: AnyLane, server: ServerLane['server']): ServerLane {
  return { name: lane.name, required: lane.required, server }
}
