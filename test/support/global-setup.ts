import type { TestProject } from 'vitest/node'
import { startServers } from './servers/index.ts'
import { laneTable, notRunLines } from './servers/lane-report.ts'
import './servers/provided-lanes.ts'

/** Starts every lane's server before the first test, and says at the very end which lanes did not run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { lanes, stop } = await startServers()
  process.stderr.write(`\n${laneTable(lanes)}\n\n`)

  const missing = lanes.filter(({ required, server }) => required && !server.available && !server.leftOut)
  if (missing.length > 0) {
    await stop()
    throw new Error(`A required lane could not be started:\n${notRunLines(missing).join('\n')}`)
  }
  project.provide('lanes', lanes)

  return async () => {
    try {
      await stop()
    } finally {
      const notRun = notRunLines(lanes)
      // Vitest tears down after its summary, so this is the last thing on the screen.
      if (notRun.length > 0) process.stderr.write(`\n${notRun.join('\n')}\n\n`)
    }
  }
}
