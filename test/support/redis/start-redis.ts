import { dirname, isAbsolute } from 'node:path'
import { tmpdir } from 'node:os'
import { startPrivateServer, type PrivateServer, type ServerPlace, type ServerPlan } from '../servers/private-server.ts'
import { assertServerCanEnter, SERVER_ACCOUNT } from '../servers/server-account.ts'
import { redisVersion } from './ask-version.ts'
import { findRedisServer, REDIS_VERSION } from './installation.ts'

const CONFIGURATION = 'redis.conf'

/** A line of redis.conf each: `{ appendonly: 'yes' }`. */
export type RedisSettings = Readonly<Record<string, string>>

/**
 * Starts a Redis of one's own, in a temporary folder, on a free port of 127.0.0.1, with a random password: for who wants to take
 * it down, restart it or set it up in a way of their own. It ends with this process at the latest.
 *
 * It keeps nothing on the disk, so that a restart empties it, unless the settings say otherwise.
 *
 * @param args further arguments of the program: `--sentinel`
 *
 * @example
 * const redis = await startRedis({ appendonly: 'yes', appendfsync: 'always' })
 * await redis.crash()
 * await redis.stop()
 */
export async function startRedis(settings: RedisSettings = {}, args: readonly string[] = []): Promise<PrivateServer> {
  const program = await findRedisServer()
  if (isAbsolute(program)) await assertServerCanEnter(dirname(program), 'CLAIM_ONCE_CACHE')
  await assertServerCanEnter(tmpdir(), 'TMPDIR')
  const withPassword = (place: ServerPlace): ServerPlace => ({
    ...place,
    password: settings['requirepass'] ?? place.password,
  })
  return startPrivateServer({
    ...REDIS_PLAN,
    askVersion: (place) => REDIS_PLAN.askVersion(withPassword(place)),
    url: (place) => REDIS_PLAN.url(withPassword(place)),
    prepareLimitMs: 10_000,
    job: (place) => ({
      folder: place.folder,
      files: { [CONFIGURATION]: configuration(place, settings) },
      ...(SERVER_ACCOUNT && { owner: SERVER_ACCOUNT }),
      prepare: [],
      // It runs in its folder, and keeps there what it keeps.
      server: { program, args: [CONFIGURATION, ...args], ...(SERVER_ACCOUNT && { account: SERVER_ACCOUNT }) },
    }),
  })
}

const url = ({ port, password }: ServerPlace): string => `redis://:${password}@127.0.0.1:${port}`

/** What is the same for every Redis of ours, wherever its program comes from. */
export const REDIS_PLAN = {
  name: 'redis',
  title: 'Redis',
  version: REDIS_VERSION,
  askVersion: (place) => redisVersion(url(place)),
  url,
} as const satisfies Partial<ServerPlan>

function configuration({ port, password }: ServerPlace, settings: RedisSettings): string {
  const lines = {
    bind: '127.0.0.1',
    port: String(port),
    requirepass: password,
    save: '""',
    ...settings,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name} ${value}\n`)
    .join('')
}
