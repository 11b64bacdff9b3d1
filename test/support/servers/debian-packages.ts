import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { arch } from 'node:os'
import { basename, join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { findMirrors, type Mirror } from './debian-mirror.ts'
import type { Lane } from './lanes.ts'
import { downloadPackages } from './private-apt.ts'
import { runCommand, tailOf } from './run-command.ts'
import { wrapPrograms } from './wrap-programs.ts'

/** What is fetched together, into a folder of this name. */
export interface PackageSet extends Pick<Lane, 'title' | 'packages' | 'suites'> {
  readonly name: string
}

const MARKER = 'complete.json'
const WORK_PREFIX = '.work-'
const WORK_IS_ABANDONED_MS = 3_600_000

/** Dependencies of scripts that no test runs; they would be half of what is unpacked. */
const NOT_NEEDED = /^(perl|libperl|libc-gconv)/

/**
 * The base folder of these packages, unpacked. From the cache when it is complete; otherwise:
 *
 * 1. download and unpack in a work folder that no other run knows;
 * 2. write the marker, with the number of files;
 * 3. rename the work folder to its place in the cache.
 *
 * A run that dies before 3 leaves only its work folder. Of two runs at once the slower finds the place taken, and uses what is there.
 */
export async function unpackedPackages(set: PackageSet): Promise<string> {
  const mirrors = findMirrors()
  const cache = cacheFolder()
  removeAbandoned(cache)
  const suite = mirrors[0] && set.suites[mirrors[0].distribution]
  const place = join(cache, `${set.name}-${suite ?? 'debian'}-${arch()}`)
  if (isComplete(place)) return join(place, 'usr')
  if (suite === undefined) throw new Error(whyNoPackages(set, mirrors))

  process.stderr.write(`${set.name}: fetching Debian packages into ${cache} (first run only) …\n`)
  const work = mkdtempSync(join(cache, `${WORK_PREFIX}${set.name}-`))
  try {
    const root = join(work, 'root')
    await fetchAndUnpack(set, mirrors, suite, work, root)
    wrapPrograms(root, place)
    writeFileSync(join(root, MARKER), JSON.stringify({ files: countFiles(root) }))
    moveIntoPlace(root, place, join(work, 'damaged'))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return join(place, 'usr')
}

function whyNoPackages(set: PackageSet, mirrors: readonly Mirror[]): string {
  return mirrors[0] === undefined
    ? 'This machine is not a Debian or Ubuntu with a package mirror in /etc/apt and its archive keyring.'
    : `No suite of ${mirrors[0].distribution} with ${set.title} is known.`
}

async function fetchAndUnpack(
  set: PackageSet,
  mirrors: readonly Mirror[],
  suite: string,
  work: string,
  root: string,
): Promise<void> {
  const failures: string[] = []
  for (const [index, mirror] of mirrors.entries()) {
    try {
      const archives = await downloadPackages(join(work, `apt-${index}`), mirror, suite, set.packages)
      await unpack(archives, root)
      return
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  throw new Error(
    `The packages of ${set.title} (${set.packages.join(', ')}; suite ${suite}) could not be fetched. ${failures.join('\n')}`,
  )
}

async function unpack(archives: readonly string[], root: string): Promise<void> {
  mkdirSync(root)
  for (const archive of archives) {
    if (NOT_NEEDED.test(basename(archive))) continue
    const { ok, output } = await runCommand('dpkg', ['--extract', archive, root], { timeoutMs: 120_000 })
    if (!ok) throw new Error(`${basename(archive)} could not be unpacked: ${tailOf(output)}`)
  }
  // Readable for the user the server runs as, whatever this process's umask.
  chmodSync(root, 0o755)
}

/** The number of files is compared because cleaners of temporary folders remove old files one by one, and leave the rest. */
function isComplete(place: string): boolean {
  const marker = join(place, MARKER)
  if (!existsSync(marker)) return false
  const { files } = JSON.parse(readFileSync(marker, 'utf8')) as { readonly files: number }
  return countFiles(place) === files
}

function countFiles(root: string): number {
  return readdirSync(root, { recursive: true }).filter((name) => name !== MARKER).length
}

function moveIntoPlace(root: string, place: string, damaged: string): void {
  // Another run may have been faster; what is there otherwise has lost files.
  if (isComplete(place)) return
  if (existsSync(place)) renameSync(place, damaged)
  try {
    renameSync(root, place)
  } catch (error) {
    if (!isComplete(place)) throw error
  }
}

function removeAbandoned(cache: string): void {
  for (const name of readdirSync(cache).filter((name) => name.startsWith(WORK_PREFIX))) {
    const path = join(cache, name)
    const since = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (since > WORK_IS_ABANDONED_MS) rmSync(path, { recursive: true, force: true })
  }
}
