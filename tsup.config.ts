import { glob, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    mysql: 'src/adapters/mysql2.ts',
    mssql: 'src/adapters/mssql.ts',
    sqlite: 'src/adapters/sqlite.ts',
    kysely: 'src/adapters/kysely.ts',
    'kysely-mssql': 'src/adapters/kysely-mssql-dialect.ts',
    redis: 'src/queues/redis.ts',
    testing: 'src/testing/index.ts',
  },
  format: ['esm', 'cjs'],
  target: ['es2023', 'node22'],
  dts: true,
  sourcemap: true,
  clean: true,
  // What two entry points share becomes a chunk of its own, in CommonJS too (where tsup leaves it off by default):
  // otherwise each would carry its own ClaimError, and `instanceof` would fail across them.
  splitting: true,
  // Nothing out of node_modules is copied into the package: a forgotten dependency shall fail check-package.ts.
  skipNodeModulesBundle: true,
  // tsup would shorten 'node:sqlite' to 'sqlite', which does not exist.
  removeNodeProtocol: false,
  // The package carries src/, so the two maps of each file need not carry it again.
  esbuildOptions: (options) => {
    options.sourcesContent = false
  },
  // tsup writes the absolute path of the build folder into the maps of split CommonJS.
  onSuccess: async () => {
    const folder = join(import.meta.dirname, 'dist')
    for await (const map of glob(join(folder, '*.map'))) {
      await writeFile(map, (await readFile(map, 'utf8')).replaceAll(`${folder}/`, ''))
    }
  },
})
