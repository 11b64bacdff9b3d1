import { parseArgs } from 'node:util'

export interface Settings {
  /** Smaller, shorter, and with lenient bounds: for machines that are shared. */
  readonly quick: boolean
  /** The sizes of pools, in cards. */
  readonly cards: readonly number[]
  /** How long each way draws from each pool, in seconds, over all its slices. */
  readonly seconds: number
  readonly slices: number
  /** Where to write the report as Markdown; `null`: it is printed only. */
  readonly report: string | null
  /** As the command was given. */
  readonly command: string
}

/** How many requests are under way at once, and how many connections there are for them. */
export const IN_FLIGHT = 64

export function settingsOf(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      cards: { type: 'string' },
      seconds: { type: 'string' },
      slices: { type: 'string' },
      report: { type: 'string' },
    },
  })
  const { quick } = values
  return {
    quick,
    cards: (values.cards ?? (quick ? '10000' : '10000,1000000')).split(',').map((size) => positive('cards', size)),
    seconds: positive('seconds', values.seconds ?? (quick ? '1' : '6')),
    slices: positive('slices', values.slices ?? (quick ? '7' : '12')),
    report: values.report ?? null,
    command: ['npm run bench:pool', ...(args.length === 0 ? [] : ['--', ...args])].join(' '),
  }
}

function positive(name: string, given: string): number {
  const number = Number(given)
  if (number > 0) return number
  throw new RangeError(`--${name} is "${given}". It is a number above 0.`)
}
