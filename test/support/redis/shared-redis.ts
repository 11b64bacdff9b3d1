import { dockerWorks } from '../servers/docker-server.ts'
import type { RunningServer } from '../servers/private-server.ts'
import type { AvailableServer, ReportedServer } from '../servers/server-lane.ts'
import { redisVersion } from './ask-version.ts'
import { startRedisInDocker } from './docker-redis.ts'
import { REDIS_VERSION } from './installation.ts'
import { startRedis } from './start-redis.ts'

export interface StartedRedis {
  readonly redis: ReportedServer
  readonly stop: () => Promise<void>
}

interface Attempt {
  readonly source: AvailableServer['source']
  readonly start: () => Promise<RunningServer>
}

/**
 * The Redis that the tests share, which nobody takes down. It is looked for in this order:
 *
 * 1. the URL in REDIS_URL: a test server, in which the tests make keys under names of their own and remove them;
 * 2. the machine's own `redis-server`, or the one of Debian's packages, unpacked into a cache folder: see `startRedis`;
 * 3. a container, where a Docker engine works.
 *
 * CLAIM_ONCE_REDIS=off leaves it out; the tests that need it then fail. Never rejects: where there is none, it says why.
 */
export async function startSharedRedis(): Promise<StartedRedis> {
  if (process.env['CLAIM_ONCE_REDIS'] === 'off') return noRedis('left out by CLAIM_ONCE_REDIS', true)
  const begun = performance.now()
  const failures: string[] = []
  for (const { source, start } of await attempts()) {
    try {
      const { url, version, stop } = await start()
      const startedInSeconds = Math.round((performance.now() - begun) / 100) / 10
      return { redis: about({ available: true, url, version, source, startedInSeconds }), stop }
    } catch (error) {
      failures.push(`By ${source}: ${(error as Error).message}`)
    }
  }
  return noRedis([...failures, HOW_TO_RUN].join('\n'), false)
}

const HOW_TO_RUN =
  'Install redis-server (6.2 or newer), start a Docker engine, or set REDIS_URL=redis://user:password@host:port to a test server.'

/** A URL that does not work is never replaced by another server: whoever set it means that one. */
async function attempts(): Promise<readonly Attempt[]> {
  const url = process.env['REDIS_URL']
  if (url) return [{ source: 'environment', start: () => useRedisFromEnvironment(url) }]
  const own: Attempt = { source: 'debian packages', start: () => startRedis() }
  return (await dockerWorks()) ? [own, { source: 'docker', start: startRedisInDocker }] : [own]
}

async function useRedisFromEnvironment(url: string): Promise<RunningServer> {
  if (!/^rediss?:$/.test(URL.parse(url)?.protocol ?? '')) {
    // The value may hold a password, so it is not repeated.
    throw new Error('REDIS_URL is not a URL of the form redis://user:password@host:port.')
  }
  const version = await redisVersion(url).catch((error: unknown) => {
    throw new Error(`The server of REDIS_URL did not answer: ${(error as Error).message}`, { cause: error })
  })
  if (!REDIS_VERSION.test(version)) throw new Error(`REDIS_URL leads to Redis ${version}; it must be 6.2 or newer.`)
  return { url, version, stop: () => Promise.resolve() }
}

function about(server: ReportedServer['server']): ReportedServer {
  return { name: 'redis', required: true, server }
}

function noRedis(reason: string, leftOut: boolean): StartedRedis {
  return { redis: about({ available: false, reason, leftOut }), stop: () => Promise.resolve() }
}
