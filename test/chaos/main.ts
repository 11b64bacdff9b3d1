/**
 * npm run chaos -- --orders 20000 --faults 500 --seed 42 --lane mariadb-10.11,mysql-9 --report docs/chaos-report.md
 *
 * One run on each lane, one after the other. Exits with 1 where anything is wrong. The README beside this has the flags.
 */
import { writeFileSync } from 'node:fs'
import { readCommandLine } from './command-line.ts'
import { reportOf, summaryOf } from './report.ts'
import { runChaos } from './run.ts'
import type { Findings } from './run.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

async function main(args: readonly string[]): Promise<number> {
  const { lanes, settings, report } = readCommandLine(args)
  const runs: Findings[] = []
  for (const lane of lanes) {
    say(`${lane}: --seed ${settings.seed}`)
    const findings = await runChaos({ ...settings, lane }, (line) => say(`${lane}: ${line}`))
    say(summaryOf(findings))
    for (const violation of findings.violations) say(`\n${violation}`)
    runs.push(findings)
    // After each lane: what has run is not lost with a lane that fails.
    if (report !== null) writeFileSync(report, await reportOf(runs, args))
  }
  return runs.every(({ violations }) => violations.length === 0) ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  say((error as Error).stack ?? String(error))
  process.exitCode = 1
}
