import { parseArgs } from 'node:util'

export interface Settings {
  /** Fewer ways, shorter, and with lenient bounds: for machines that are shared. */
  readonly quick: boolean
  readonly workers: readonly number[]
  readonly batches: readonly number[]
  /** How long each way works, in seconds, over all its slices. */
  readonly seconds: number
  readonly slices: number
  /** Of the orders a second that the same statements give by hand. */
  readonly ofByHand: number
  /** Of the orders a second that fewer workers give. */
  readonly ofFewer: number
  /** Where to write the report as Markdown; `null`: it is printed only. */
  readonly report: string | null
  /** As the command was given. */
  readonly command: string
}

/** How many orders are due when a slice begins: more than any way can work off in it. */
export const DUE = 40_000

export function settingsOf(args: string[]): Settings {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      slices: { type: 'string' },
      report: { type: 'string' },
    },
  })
  const { quick } = values
  return {
    quick,
    workers: quick ? [1, 4] : [1, 4, 16],
    batches: quick ? [1, 10] : [1, 10, 100],
    seconds: positive('seconds', values.seconds ?? (quick ? '1' : '11')),
    slices: positive('slices', values.slices ?? (quick ? '5' : '11')),
    ofByHand: quick ? 0.4 : 0.9,
    ofFewer: quick ? 0.5 : 0.9,
    report: values.report ?? null,
    command: ['npm run bench:drain', ...(args.length === 0 ? [] : ['--', ...args])].join(' '),
  }
}

function positive(name: string, given: string): number {
  const number = Number(given)
  if (number > 0) return number
  throw new RangeError(`--${name} is "${given}". It is a number above 0.`)
}
