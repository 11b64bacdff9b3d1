/**
 * node test/support/servers/cli.ts <lane> -- <command> [argument…]
 *
 * Runs a command with a server of that lane, its URL in DATABASE_URL, and exits with the command's exit code.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { startServers } from './index.ts'
import { LANE_NAMES, laneNamed } from './lanes.ts'

async function main(args: readonly string[]): Promise<number> {
  const [name, separator, program, ...programArguments] = args
  if (name === undefined || separator !== '--' || program === undefined) {
    process.stderr.write(`Usage: node test/support/servers/cli.ts <${LANE_NAMES.join('|')}> -- <command> [argument…]\n`)
    return 2
  }
  const servers = await startServers([laneNamed(name, 'The first argument').name])
  try {
    const server = servers.lanes[0]?.server
    if (!server?.available) {
      process.stderr.write(`${name} did not start.\n${server?.reason ?? ''}\n`)
      return 1
    }
    process.stderr.write(`${name}: ${server.version} from ${server.source}, in ${server.startedInSeconds} s\n`)
    return await runToItsEnd(program, programArguments, server.url)
  } finally {
    await servers.stop()
  }
}

function runToItsEnd(program: string, args: readonly string[], url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, DATABASE_URL: url } })
    // Ctrl-C has reached the command itself; we only wait for it, so that the server outlives it.
    process.on('SIGINT', () => undefined)
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
    child.on('error', reject)
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
