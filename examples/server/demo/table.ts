import { yuan } from '../shop/money.ts'
import { isRight, rechargedTwice } from './measurement.ts'
import type { Measurement } from './measurement.ts'

const HEADINGS = ['strategy', 'callbacks', 'winners', 'recharges', 'balance expected', 'balance found', 'verdict']

/** A line for each strategy. Numbers stand right, words left. */
export function table(measurements: readonly Measurement[]): string {
  const rows = [HEADINGS, ...measurements.map(cells)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const isText = (column: number): boolean => column === 0 || column === HEADINGS.length - 1
  return rows
    .map((row) =>
      row
        .map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

const cells = (measurement: Measurement): string[] => [
  measurement.strategy,
  String(measurement.callbacks),
  String(measurement.winners),
  String(measurement.recharges),
  yuan(measurement.expectedFen),
  yuan(measurement.foundFen),
  verdict(measurement),
]

function verdict(measurement: Measurement): string {
  if (isRight(measurement)) return 'right: each order recharged exactly once'
  if (rechargedTwice(measurement)) return 'WRONG: customers were credited more than they paid'
  return 'WRONG: not every order was recharged'
}
