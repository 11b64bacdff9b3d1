/** Prints `N passed, N failed` from the JSON report of a Vitest run; fails when a test failed or none ran. */
import { existsSync, readFileSync } from 'node:fs'

interface Report {
  readonly testResults: readonly {
    readonly status: 'passed' | 'failed'
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

const file = process.argv[2] ?? ''
// Vitest writes no report when it dies before the first test.
const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
const report: Report = text === '' ? { testResults: [] } : (JSON.parse(text) as Report)

let passed = 0
let failed = 0
for (const { status, assertionResults } of report.testResults) {
  const failedHere = assertionResults.filter((test) => test.status === 'failed').length
  passed += assertionResults.filter((test) => test.status === 'passed').length
  // A file that cannot be loaded, or whose hooks fail, has failed without any failed test: it counts as one.
  failed += status === 'failed' ? Math.max(1, failedHere) : failedHere
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
