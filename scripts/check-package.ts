/** Checks the package as users get it: the tarball, installed in a folder of its own. Run after `npm run build`. */
import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { entryPoints, installPackedPackage, linkDevDependencies, packageJson, root, run } from './packed-package.ts'

const { folder, tarball } = installPackedPackage()

const tool = (name: string, ...args: readonly string[]): void => {
  execFileSync(join(root, 'node_modules/.bin', name), args, { stdio: 'inherit' })
}
tool('publint', 'run', tarball, '--strict')
// "node16": without node10, which knows no `exports` and so cannot see the subpaths.
tool('attw', tarball, '--profile', 'node16')

// No driver is installed yet: the root entry point must load without any.
const ways = ['import', 'require'] as const
for (const way of ways) load(way, [packageJson.name])

linkDevDependencies(folder)
const [imported, required] = ways.map((way) => load(way, entryPoints))
assert.deepEqual(imported, required, 'ESM and CommonJS must export the same names')
console.log(`${packageJson.name} loads as ESM and as CommonJS: ${entryPoints.join(', ')}; the root without any driver`)

/**
 * Loads the entry points in a process of their own and returns what each exports. What two entry points both export
 * must be one and the same value, or `instanceof ClaimError` would depend on where the class came from.
 */
function load(way: 'import' | 'require', names: readonly string[]): unknown {
  const probe = `
    const modules = {}
    for (const name of ${JSON.stringify(names)}) modules[name] = await ${way}(name)
    const seen = new Map()
    for (const module of Object.values(modules)) {
      for (const [name, value] of Object.entries(module)) {
        if (seen.has(name) && seen.get(name) !== value) throw new Error('two different values are exported as ' + name)
        seen.set(name, value)
      }
    }
    const exported = Object.entries(modules).map(([name, module]) => [name, Object.keys(module).sort()])
    console.log(JSON.stringify(Object.fromEntries(exported)))`
  const kind = way === 'import' ? 'module' : 'commonjs'
  const script = way === 'import' ? probe : `void (async () => {${probe}})()`
  return JSON.parse(run(process.execPath, [`--input-type=${kind}`, '--eval', script], folder))
}
