/**
 * Compiles what the documentation promises against the package as users get it (the tarball, with its own types):
 * every ```ts block of README.md and docs/, each as a module of its own, and everything under examples/.
 * Run after `npm run build`. The comments that may stand before a block are described in doc-blocks.ts.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import ts from 'typescript'
import { findDocBlocks } from './doc-blocks.ts'
import { entryPoints, installPackedPackage, linkDevDependencies, root } from './packed-package.ts'

const { folder } = installPackedPackage()
linkDevDependencies(folder)
for (const [from, to] of [
  ['examples', 'examples'],
  ['scripts/docs-context', 'docs-context'],
] as const) {
  if (existsSync(join(root, from))) cpSync(join(root, from), join(folder, to), { recursive: true })
}

// An importer of each kind, so that the types hold for CommonJS users too.
const importAll = entryPoints.map((name, n) => `import * as entry${n} from '${name}'\nvoid entry${n}`).join('\n')
for (const kind of ['mts', 'cts']) writeFileSync(join(folder, `importer.${kind}`), importAll)

/** Where a generated module came from, to report its faults there. */
const origins = new Map<string, { readonly doc: string; readonly line: number }>()
let skipped = 0
mkdirSync(join(folder, 'blocks'))
for (const doc of globSync(['README.md', 'docs/**/*.md'], { cwd: root })) {
  for (const block of findDocBlocks(readFileSync(join(root, doc), 'utf8'), doc)) {
    if (block.skip !== undefined) {
      skipped++
      console.log(`${doc}:${block.line} skipped: ${block.skip}`)
      continue
    }
    const module = join(folder, 'blocks', `${doc.replaceAll(/\W/g, '-')}-${block.line}.ts`)
    // One line before the block and one after: `export {}` makes it a module also where it imports nothing.
    writeFileSync(
      module,
      `${importContext(block.context, block.code, `${doc}:${block.line}`)}\n${block.code}\nexport {}\n`,
    )
    origins.set(module, { doc, line: block.line })
  }
}

const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, folder)
const program = ts.createProgram({
  rootNames: globSync(['*.{mts,cts}', 'blocks/*.ts', 'examples/**/*.ts', 'docs-context/*.ts'], { cwd: folder }).map(
    (file) => join(folder, file),
  ),
  options: {
    ...options,
    // Our own .d.ts files are checked as well.
    skipLibCheck: false,
    // An excerpt names results that it does not go on to use, and imports of a context may be types.
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
  },
})
// Only the folder's own files: the drivers' types are links out of it, and their faults are not ours.
const faults = ts
  .getPreEmitDiagnostics(program)
  .filter(({ file }) => file === undefined || file.fileName.startsWith(`${folder}/`))
for (const fault of faults) console.error(describe(fault))
console.log(`${origins.size} blocks compiled, ${skipped} skipped, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

/** Imports from the context what the block does not declare itself, so that a block may show its own `orders`. */
function importContext(context: string | undefined, code: string, where: string): string {
  if (context === undefined) return ''
  const file = join(folder, 'docs-context', `${context}.ts`)
  if (!existsSync(file)) throw new Error(`${where}: there is no scripts/docs-context/${context}.ts`)
  const own = new Set(topLevelNames(code))
  const names = topLevelNames(readFileSync(file, 'utf8'), 'exported').filter((name) => !own.has(name))
  return `import { ${names.join(', ')} } from '../docs-context/${basename(file)}'`
}

function topLevelNames(code: string, which: 'all' | 'exported' = 'all'): string[] {
  const names: string[] = []
  const add = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text)
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name)
  }
  for (const statement of ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest).statements) {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
    if (which === 'exported' && modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) continue
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name)
    else if (ts.isImportDeclaration(statement)) {
      const { name, namedBindings } = statement.importClause ?? {}
      if (name) add(name)
      if (namedBindings && ts.isNamespaceImport(namedBindings)) add(namedBindings.name)
      else if (namedBindings) for (const element of namedBindings.elements) add(element.name)
    } else if ('name' in statement && ts.isIdentifier(statement.name as ts.Node)) add(statement.name as ts.Identifier)
  }
  return names
}

function describe({ file, start, code, messageText }: ts.Diagnostic): string {
  const text = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  if (file === undefined) return text
  const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0)
  const origin = origins.get(file.fileName)
  // The generated module has one line before the block, so its line 1 (counted from 0) is the block's first.
  if (origin) return `${origin.doc}:${origin.line + line - 1}:${character + 1} ${text}`
  return `${relative(folder, file.fileName)}:${line + 1}:${character + 1} ${text}`
}
