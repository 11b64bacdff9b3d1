import { describe, expect, it } from 'vitest'
import { lanes } from '../support/lanes.ts'
import { mutantNamed } from './command-line.ts'
import type { ChaosLane } from './database.ts'
import { summaryOf } from './report.ts'
import { MUTANTS } from './mutants/mutants.ts'
import { runChaos } from './run.ts'
import { DEFAULTS } from './settings.ts'

/** One server of each family: what a MariaDB of another version does differently is shown by the other tests. */
const LANES: readonly ChaosLane[] = ['mariadb-10.11', 'mysql-9']

/** `CLAIM_ONCE_CHAOS_SEED` gives the plan of a run that failed again. */
const SEED = process.env['CLAIM_ONCE_CHAOS_SEED'] ?? String(Date.now())

describe('while workers, lines and the database fail, each paid order is recharged once', () => {
  for (const lane of LANES.filter((name) => lanes.some((running) => running.name === name))) {
    it(`${lane} (seed ${SEED})`, { timeout: 600_000 }, async () => {
      const findings = await runChaos({ ...DEFAULTS, lane, seed: SEED })
      process.stderr.write(`${summaryOf(findings)}\n`)
      expect(findings.violations).toEqual([])
      const { verdict, journal, faults, leftOut } = findings
      expect(verdict).toMatchObject({ doubled: 0, lost: 0 })
      expect(journal.unknown.claims.left + journal.unknown.leases.left).toBe(0)
      // A run in which little went wrong would show little.
      const missing = [...faults].filter(([name, struck]) => struck < DEFAULTS.faults && !leftOut.includes(name))
      expect(missing).toEqual([])
    })
  }
})

describe('claims that are wrong in one respect are noticed', () => {
  for (const lane of LANES.slice(0, 1).filter((name) => lanes.some((running) => running.name === name))) {
    it.each(MUTANTS)(`${lane}: $name`, { timeout: 300_000 }, async ({ by, name, ...settings }) => {
      const mutant = mutantNamed(name)
      const { violations } = await runChaos({ ...DEFAULTS, faults: 0, ...settings, lane, seed: name, mutant })
      expect(violations.join('\n')).toMatch(by)
    })
  }
})
