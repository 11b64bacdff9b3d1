import { expect } from 'vitest'
import type { Tally } from './race.ts'
import { counts } from './referee.ts'

/** `CLAIM_ONCE_RACES_VERBOSE=1`: a line for each heat, and not only for each lane. */
const VERBOSE = process.env['CLAIM_ONCE_RACES_VERBOSE'] === '1'

const say = (line: string): void => void process.stderr.write(`${line}\n`)

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** One line. */
function summary(tallies: readonly Tally[]): string {
  const milliseconds = tallies.flatMap((tally) => tally.milliseconds).sort((a, b) => a - b)
  const median = milliseconds[Math.floor(milliseconds.length / 2)] ?? 0
  const slowest = milliseconds.at(-1) ?? 0
  const retries = counts(tallies.flatMap((tally) => tally.retries))
  return (
    `${milliseconds.length} races in ${(sum(milliseconds) / 1000).toFixed(1)} s, median ${median.toFixed(0)} ms, ` +
    `slowest ${slowest.toFixed(0)} ms: ${counts(tallies.flatMap((tally) => tally.outcomes))}` +
    (retries === '' ? '' : `; tried again: ${retries}`)
  )
}

/** Fails with the story of every round that went wrong. */
export function expectFair(tally: Tally): void {
  if (VERBOSE) say(`${tally.title}: ${summary([tally])}`)
  if (tally.stories.length > 0)
    expect.fail(
      `${tally.stories.length} of ${tally.milliseconds.length} races went wrong.\n${tally.stories.join('\n')}`,
    )
}

export function tellOf(name: string, tallies: readonly Tally[]): void {
  say(`${name}: ${summary(tallies)}`)
}
