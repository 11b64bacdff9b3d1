import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where unpacked servers are kept between runs: CLAIM_ONCE_CACHE, or a folder of this user's under the temporary folder.
 * Removing it is always safe; the next run fetches the packages again.
 */
export function cacheFolder(): string {
  const chosen = process.env['CLAIM_ONCE_CACHE']
  const folder = chosen ? resolve(chosen) : join(tmpdir(), `claim-once-servers-${userInfo().uid}`)
  // mariadb-install-db, a shell script, splits its arguments at white space.
  if (/\s/.test(folder))
    throw new Error(`The cache folder "${folder}" must be a path without white space. Set CLAIM_ONCE_CACHE.`)
  mkdirSync(folder, { recursive: true })
  if (!chosen) assertOurs(folder)
  return folder
}

/** In a temporary folder shared by all users anybody can make a folder of this name and put programs into it, which we would run. */
function assertOurs(folder: string): void {
  const status = lstatSync(folder)
  if (!status.isDirectory() || status.uid !== userInfo().uid) {
    throw new Error(`${folder} belongs to another user. Set CLAIM_ONCE_CACHE to a folder of your own.`)
  }
  chmodSync(folder, 0o755)
}
