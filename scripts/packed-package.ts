import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const root = join(import.meta.dirname, '..')

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly devDependencies: Readonly<Record<string, string>>
}

export const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson

/** What users import: 'claim-once', 'claim-once/mysql', … */
export const entryPoints = Object.keys(packageJson.exports)
  .filter((path) => path !== './package.json')
  .map((path) => packageJson.name + path.slice(1))

/**
 * Packs dist/ as it stands (build first) the way npm publishes it, and installs the tarball in a new folder outside the
 * repository, where 'claim-once' can be nothing but that tarball. Its one dependency is installed with it, from npm's cache
 * where that knows it. The folder goes when the process ends.
 */
export function installPackedPackage(): { readonly folder: string; readonly tarball: string } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'claim-once-packed-')))
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true })
  })
  run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root)
  const tarball = join(folder, `${packageJson.name}-${packageJson.version}.tgz`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-package-lock', '--silent', tarball], folder)
  return { folder, tarball }
}

/** Makes the drivers and other packages of the repository importable in `folder`, as if a user had installed them. */
export function linkDevDependencies(folder: string): void {
  for (const name of Object.keys(packageJson.devDependencies)) {
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link)
  }
}

/** Runs a program and shows what it prints on stderr; throws when it fails. */
export function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
