import { IN_FLIGHT } from './settings.ts'
import type { Settings } from './settings.ts'
import { restore } from './way.ts'
import type { Subject } from './way.ts'

/** Draws of one subject, for a moment. */
interface Slice {
  readonly cards: number
  readonly perSecond: number
  /** Of each call that gave a card, in milliseconds. */
  readonly latencies: readonly number[]
  /** What the program computed meanwhile, without the server, in milliseconds. */
  readonly cpu: number
  /** Calls that gave none, by what they said. */
  readonly failed: ReadonlyMap<string, number>
  /** Cards that went to one owner, and then to another. */
  readonly twice: number
}

/** What was measured of one subject. */
export interface Measured {
  readonly subject: Subject
  readonly perSecond: number
  readonly p99: number
  /** What the program computes for one card, in microseconds: hardly another figure on a busy machine. */
  readonly cpuPerCard: number
  readonly failed: ReadonlyMap<string, number>
  readonly twice: number
  /** By the number of the round. */
  readonly slices: ReadonlyMap<number, Slice>
}

/** A way that needs so many times longer for a slice than it was given takes part in the first rounds only. */
const TOO_SLOW = 4
const ROUNDS_OF_SLOW = 2

/**
 * Lets the subjects take turns, slice by slice: the machine may be busy with other things, but then for all of them.
 * Those that are compared stand beside one another; every second round goes the other way round.
 */
export async function takeTurns(
  subjects: readonly Subject[],
  { slices: rounds, seconds: all }: Pick<Settings, 'slices' | 'seconds'>,
  beforeEach: () => Promise<void>,
): Promise<readonly Measured[]> {
  const seconds = all / rounds
  const slices = new Map(subjects.map((subject) => [subject, new Map<number, Slice>()]))
  const slow = new Set<Subject>()
  // Connections are opened and statements prepared.
  for (const subject of subjects) await drawFor(subject, Math.min(seconds, 0.25))
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      if (slow.has(subject) && round >= ROUNDS_OF_SLOW) continue
      await beforeEach()
      const start = performance.now()
      slices.get(subject)?.set(round, await drawFor(subject, seconds))
      if (performance.now() - start > TOO_SLOW * seconds * 1000) slow.add(subject)
    }
  }
  return subjects.map((subject) => summary(subject, slices.get(subject) ?? new Map<number, Slice>()))
}

/** The median, over the rounds in which both took part, of how many times as many cards a second `first` gave. */
export function ratio(first: Measured, second: Measured): number {
  const ratios = [...first.slices].flatMap(([round, slice]) => {
    const beside = second.slices.get(round)
    return beside === undefined || beside.perSecond === 0 ? [] : [slice.perSecond / beside.perSecond]
  })
  return median(ratios)
}

/** The table is afterwards what it was before. */
async function drawFor(subject: Subject, seconds: number): Promise<Slice> {
  const { way, table } = subject
  const latencies: number[] = []
  const failed = new Map<string, number>()
  const fail = (what: string): unknown => failed.set(what, (failed.get(what) ?? 0) + 1)
  const most = table.free / 2
  let owners = 0
  let cards = 0
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  const until = start + seconds * 1000
  await Promise.all(
    Array.from({ length: IN_FLIGHT / way.owners }, async () => {
      while (performance.now() < until && owners < most) {
        const these = Array.from({ length: way.owners }, () => `draw ${(owners += 1)}`)
        const asked = performance.now()
        try {
          const got = await way.draw(these)
          cards += got
          if (got > 0) latencies.push(performance.now() - asked)
          else fail('none')
        } catch (error) {
          fail(codeOf(error))
        }
      }
    }),
  )
  const perSecond = (cards * 1000) / (performance.now() - start)
  const { user, system } = process.cpuUsage(cpuBefore)
  const taken = await restore(subject, 'draw ')
  return { cards, perSecond, latencies, cpu: (user + system) / 1000, failed, twice: Math.max(0, cards - taken) }
}

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.message
}

function summary(subject: Subject, slices: ReadonlyMap<number, Slice>): Measured {
  const all = [...slices.values()]
  const failed = new Map<string, number>()
  for (const [what, times] of all.flatMap((slice) => [...slice.failed])) {
    failed.set(what, (failed.get(what) ?? 0) + times)
  }
  const latencies = all.flatMap((slice) => slice.latencies).toSorted((a, b) => a - b)
  return {
    subject,
    perSecond: median(all.map((slice) => slice.perSecond)),
    p99: latencies[Math.ceil(latencies.length * 0.99) - 1] ?? NaN,
    cpuPerCard: (1000 * sum(all.map((slice) => slice.cpu))) / sum(all.map((slice) => slice.cards)),
    failed,
    twice: sum(all.map((slice) => slice.twice)),
    slices,
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? NaN : (low + high) / 2
}
