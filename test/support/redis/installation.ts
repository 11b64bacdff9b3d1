import { join } from 'node:path'
import { unpackedPackages } from '../servers/debian-packages.ts'
import type { PackageSet } from '../servers/debian-packages.ts'
import { runCommand } from '../servers/run-command.ts'

/** `redis-server`, which is the program, and what it needs (redis-tools, which the program is a link into). */
const REDIS: PackageSet = {
  name: 'redis',
  title: 'Redis',
  packages: ['redis-server'],
  suites: { debian: 'bookworm', ubuntu: 'noble' },
}

/** 6.2 is the first whose LPOP takes several at once. */
export const REDIS_VERSION = /^(?:6\.(?:[2-9]|\d\d)|[7-9]\.|\d\d\.)/

/** What a Redis of our own is: the first whose port within a cluster can be chosen. */
const OWN_VERSION = /^(?:[7-9]|\d\d)\./

/** The program `redis-server`: the machine's own where it is new enough, or one unpacked into the cache folder. */
export async function findRedisServer(): Promise<string> {
  const { ok, stdout } = await runCommand('redis-server', ['--version'], { timeoutMs: 5_000 })
  if (ok && OWN_VERSION.test(/\bv=(\S+)/.exec(stdout)?.[1] ?? '')) return 'redis-server'
  return join(await unpackedPackages(REDIS), 'bin/redis-server')
}
