import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'

/** What is run of the packages; mariadb-install-db, a shell script, runs my_print_defaults and mariadbd. */
const PROGRAMS = [
  'usr/sbin/mariadbd',
  'usr/sbin/mysqld',
  'usr/bin/my_print_defaults',
  'usr/bin/redis-server',
  'usr/bin/spin',
]

/**
 * Lets the unpacked programs run with the libc and loader they were built for: the machine's own may be older (trixie's server
 * does not start on bookworm's libc). Each program is renamed to `….elf`, and a script of its name calls it through the unpacked loader.
 * `place` is where the root folder will be when it is used.
 */
export function wrapPrograms(root: string, place: string): void {
  // bookworm's libc is in /lib, that of later suites in /usr/lib.
  const folders = ['usr/lib', 'lib']
    .map((lib) => join(root, lib))
    .filter((lib) => existsSync(lib))
    .flatMap((lib) =>
      readdirSync(lib)
        .filter((name) => name.endsWith('-linux-gnu'))
        .map((name) => join(lib, name)),
    )
  const loader = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .find((path) => /\/ld-linux[^/]*\.so\.\d+$/.test(path) && lstatSync(path).isFile())
  if (loader === undefined) throw new Error('The unpacked packages hold no loader (ld-linux…).')

  const later = (path: string) => join(place, relative(root, path))
  const libraries = folders.map(later).join(':')
  const programs = PROGRAMS.map((name) => join(root, name))
  for (const program of programs) {
    // mariadb's mysqld is a link to mariadbd.
    if (!existsSync(program) || isLinkToOneOf(programs, program)) continue
    moveProgram(program, `${program}.elf`)
    const script = `#!/bin/sh\nexec '${later(loader)}' --library-path '${libraries}' '${later(program)}.elf' "$@"\n`
    writeFileSync(program, script)
    chmodSync(program, 0o755)
  }
}

function isLinkToOneOf(programs: readonly string[], path: string): boolean {
  return lstatSync(path).isSymbolicLink() && programs.includes(realpathSync(path))
}

/** A link is followed: redis-server is one to redis-check-rdb, and knows by the name it is called by which of the two to be. */
function moveProgram(from: string, to: string): void {
  if (lstatSync(from).isSymbolicLink()) {
    copyFileSync(realpathSync(from), to)
    rmSync(from)
  } else {
    renameSync(from, to)
  }
}
