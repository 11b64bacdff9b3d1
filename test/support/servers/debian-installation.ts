import { existsSync } from 'node:fs'
import { unpackedPackages } from './debian-packages.ts'
import type { Lane } from './lanes.ts'
import { runCommand } from './run-command.ts'

/** The base folder (with bin/, sbin/ and share/mysql/) of this lane's server: the machine's own, or one unpacked into the cache. */
export async function findInstallation(lane: Lane): Promise<string> {
  return (await isInstalled(lane)) ? '/usr' : unpackedPackages(lane)
}

/** Only MariaDB: an installed MySQL may be confined by AppArmor to its own folders (Ubuntu). */
async function isInstalled(lane: Lane): Promise<boolean> {
  if (lane.product !== 'mariadb' || !existsSync('/usr/bin/mariadb-install-db')) return false
  const { ok, stdout } = await runCommand('/usr/sbin/mariadbd', ['--version'], { timeoutMs: 5_000 })
  return ok && lane.version.test(stdout)
}
