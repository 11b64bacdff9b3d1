/**
 * node test/support/servers/cli.ts [<lane>] [--redis] -- <command> [argument…]
 *
 * Runs a command with a server of that lane, its URL in DATABASE_URL, or a Redis, its URL in REDIS_URL, or both, and exits with
 * the command's exit code.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { startSharedRedis } from '../redis/shared-redis.ts'
import { startServers } from './index.ts'
import { LANE_NAMES, laneNamed, type LaneName } from './lanes.ts'
import type { ReportedServer } from './server-lane.ts'

const REDIS_OPTION = '--redis'

interface Started {
  readonly variable: 'DATABASE_URL' | 'REDIS_URL'
  readonly reported: ReportedServer
  readonly stop: () => Promise<unknown>
}

async function main(args: readonly string[]): Promise<number> {
  const end = args.indexOf('--')
  const wanted = args.slice(0, Math.max(end, 0))
  const [program, ...programArguments] = args.slice(end + 1)
  const lanes = wanted.filter((name) => name !== REDIS_OPTION)
  if (wanted.length === 0 || lanes.length > 1 || program === undefined) {
    process.stderr.write(
      `Usage: node test/support/servers/cli.ts [<${LANE_NAMES.join('|')}>] [${REDIS_OPTION}] -- <command> [argument…]\n`,
    )
    return 2
  }
  const named = lanes.map((name) => laneNamed(name, 'The first argument'))
  const started = await Promise.all([
    ...named.map(({ name }) => startDatabase(name)),
    ...(wanted.includes(REDIS_OPTION) ? [startRedisBeside()] : []),
  ])
  try {
    const urls: Record<string, string> = {}
    for (const { variable, reported } of started) {
      const { name, server } = reported
      if (!server.available) {
        process.stderr.write(`${name} did not start.\n${server.reason}\n`)
        return 1
      }
      process.stderr.write(`${name}: ${server.version} from ${server.source}, in ${server.startedInSeconds} s\n`)
      urls[variable] = server.url
    }
    return await runToItsEnd(program, programArguments, urls)
  } finally {
    await Promise.all(started.map(({ stop }) => stop()))
  }
}

async function startDatabase(name: LaneName): Promise<Started> {
  const { lanes, stop } = await startServers([name])
  return { variable: 'DATABASE_URL', reported: lanes[0]!, stop }
}

async function startRedisBeside(): Promise<Started> {
  const { redis, stop } = await startSharedRedis()
  return { variable: 'REDIS_URL', reported: redis, stop }
}

function runToItsEnd(program: string, args: readonly string[], urls: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...urls } })
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
