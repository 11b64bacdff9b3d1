import { inTurns, median, ratioOf } from '../turns.ts'
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

/** The ways of a pool, in turns. */
export async function takeTurns(
  subjects: readonly Subject[],
  settings: Pick<Settings, 'slices' | 'seconds'>,
  beforeEach: () => Promise<void>,
): Promise<readonly Measured[]> {
  const slices = await inTurns(subjects, settings, beforeEach, drawFor)
  return subjects.map((subject) => summary(subject, slices.get(subject) ?? new Map<number, Slice>()))
}

/** The median of how many times as many cards a second `first` gave. */
export const ratio = (first: Measured, second: Measured): number => ratioOf(first.slices, second.slices)

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
