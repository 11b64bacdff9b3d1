import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { LANE_NAMES } from '../support/servers/lanes.ts'
import type { ChaosLane } from './database.ts'
import { DEEDS, ORDER_KINDS } from './plan/fault-kinds.ts'
import { DEFAULTS } from './settings.ts'
import type { ChaosSettings } from './settings.ts'

export interface CommandLine {
  readonly lanes: readonly ChaosLane[]
  readonly settings: Omit<ChaosSettings, 'lane'>
  /** Where the report is written; `null`: nowhere. */
  readonly report: string | null
}

const CHAOS_LANES = LANE_NAMES.filter((name): name is ChaosLane => name !== 'mssql')

/** Throws for what is no such value, or an option that there is not. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      lane: { type: 'string', default: 'mariadb-10.11' },
      seed: { type: 'string', default: randomBytes(4).toString('hex') },
      orders: { type: 'string', default: String(DEFAULTS.orders) },
      faults: { type: 'string', default: String(DEFAULTS.faults) },
      first: { type: 'string', default: String(DEFAULTS.first) },
      minutes: { type: 'string' },
      without: { type: 'string', default: '' },
      kinds: { type: 'string', default: DEFAULTS.kinds.join(',') },
      workers: { type: 'string', default: String(DEFAULTS.workers) },
      'in-flight': { type: 'string', default: String(DEFAULTS.inFlight) },
      mutant: { type: 'string' },
      report: { type: 'string' },
      'no-binary-log': { type: 'boolean', default: false },
    },
  })
  const { seed, report = null, mutant } = values
  return {
    lanes: values.lane.split(',').map((name) => oneOf(CHAOS_LANES, 'lane', name)),
    report,
    settings: {
      ...DEFAULTS,
      seed,
      binaryLog: !values['no-binary-log'],
      orders: number('orders', values.orders),
      faults: number('faults', values.faults),
      first: number('first', values.first),
      minutes: values.minutes === undefined ? null : number('minutes', values.minutes),
      kinds: values.kinds.split(',').map((name) => oneOf(ORDER_KINDS, 'kinds', name)),
      without: values.without === '' ? [] : values.without.split(',').map((name) => oneOf(DEEDS, 'without', name)),
      workers: number('workers', values.workers),
      inFlight: number('in-flight', values['in-flight']),
      mutant: mutant === undefined ? null : mutantNamed(mutant),
      stopAtViolation: mutant !== undefined,
    },
  }
}

/** The URL of the module of that name in mutants/. */
export function mutantNamed(name: string): string {
  const url = new URL(`./mutants/${name}.ts`, import.meta.url)
  if (!existsSync(url)) throw new Error(`There is no mutant "${name}" in test/chaos/mutants/.`)
  return url.href
}

function number(name: string, value: string): number {
  const read = Number(value)
  if (value.trim() !== '' && Number.isInteger(read) && read >= 0) return read
  throw new Error(`--${name} is "${value}". It is a whole number.`)
}

function oneOf<Value extends string>(values: readonly Value[], name: string, value: string): Value {
  const found = values.find((known) => known === value.trim())
  if (found !== undefined) return found
  throw new Error(`--${name} has "${value}". It is of: ${values.join(', ')}.`)
}
