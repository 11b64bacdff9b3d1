import type { TestProject } from 'vitest/node'
import { startSharedRedis } from './redis/shared-redis.ts'
import { startServers } from './servers/index.ts'
import { notRunLines, serverTable } from './servers/server-report.ts'
import './servers/provided-lanes.ts'

/** Starts every lane's server, and Redis, before the first test, and says at the very end which did not run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [{ lanes, stop: stopLanes }, { redis, stop: stopRedis }] = await Promise.all([
    startServers(),
    startSharedRedis(),
  ])
  const servers = [...lanes, redis]
  const stop = () => Promise.all([stopLanes(), stopRedis()])
  process.stderr.write(`\n${serverTable(servers)}\n\n`)

  const missing = servers.filter(({ required, server }) => required && !server.available && !server.leftOut)
  if (missing.length > 0) {
    await stop()
    throw new Error(`A required server could not be started:\n${notRunLines(missing).join('\n')}`)
  }
  project.provide('lanes', lanes)
  project.provide('redis', redis)

  return async () => {
    try {
      await stop()
    } finally {
      const notRun = notRunLines(servers)
      // Vitest tears down after its summary, so this is the last thing on the screen.
      if (notRun.length > 0) process.stderr.write(`\n${notRun.join('\n')}\n\n`)
    }
  }
}
