import { defineConfig } from 'vitest/config'

// The tests need no build: by the export condition "claim-once-source" in package.json, 'claim-once' (as the examples
// import it) is src/, both for Vite and, through NODE_OPTIONS, for the Node processes that tests start.
const sourceCondition = 'claim-once-source'
const nodeOptions = [process.env['NODE_OPTIONS'], `--conditions=${sourceCondition}`]

export default defineConfig({
  // The three after it are Vite's defaults, which a list of one's own replaces.
  ssr: { resolve: { conditions: [sourceCondition, 'module', 'node', 'development|production'] } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    env: { NODE_OPTIONS: nodeOptions.filter(Boolean).join(' ') },
    // Two, however many cores there are: more test files at once would only lengthen the races inside each of them.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test of races that passes on the second try has failed.
    retry: 0,
    reporters: ['default'],
  },
})
