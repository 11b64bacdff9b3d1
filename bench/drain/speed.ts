import type { Pool } from 'mysql2/promise'
import { purged } from '../pool/purge.ts'
import { tableOf } from '../pool/report.ts'
import type { Target } from '../pool/targets.ts'
import { inTurns, median, ratioOf } from '../turns.ts'
import type { Rounds } from '../turns.ts'
import { createOrders, dropOrders, restoreOrders } from './order-table.ts'
import type { Server } from './server.ts'
import { DUE } from './settings.ts'
import type { Settings } from './settings.ts'
import { WayProcess } from './run-way.ts'
import type { Size, WayName } from './way.ts'

export interface Section {
  readonly text: string
  readonly targets: readonly Target[]
}

interface Slice {
  readonly done: number
  readonly perSecond: number
  /** Orders that were entered, and not claimed, recharged or counted, or the other way round. */
  readonly wrong: number
  /** What the program computed meanwhile, without the server, for each order, in microseconds. */
  readonly cpu: number
}

interface Compared {
  readonly size: Size
  readonly library: Rounds<Slice>
  readonly byHand: Rounds<Slice>
  readonly shortest: Rounds<Slice>
}

const NAMES = ['by hand', 'drain', 'the shortest'] as const satisfies readonly WayName[]

/**
 * Before its first slice each way has made so many transactions with an effect, or has worked for so many seconds: until
 * what it runs through is compiled. One worker with one order at a time needed 5 to 8 seconds for it.
 */
export const WARM_UP = { quick: { seconds: 1, effects: Infinity }, whole: { seconds: 10, effects: 4000 } } as const

/** What is measured in one table. */
export type Kind = Pick<Size, 'together' | 'effect'>

/** Orders a second by one effect for each order, or for each batch; by so many workers, in batches of so many. */
export async function measureSpeed(settings: Settings, server: Server, kind: Kind): Promise<Section> {
  await createOrders(server.aside, DUE)
  try {
    const compared: Compared[] = []
    // Those that are compared stand beside one another: the ways, and the numbers of workers.
    for (const batch of settings.batches) {
      const sizes = settings.workers.map((workers) => ({ workers, batch, ...kind }))
      compared.push(...(await compare(settings, server, sizes)))
    }
    return section(settings, kind, compared)
  } finally {
    await dropOrders(server.aside)
  }
}

async function compare(settings: Settings, { url, aside }: Server, sizes: readonly Size[]): Promise<Compared[]> {
  const ways: WayProcess[] = []
  try {
    // One by one: each records its statements on the same orders.
    for (const size of sizes) for (const name of NAMES) ways.push(await WayProcess.start({ url, name, size }))
    await warmUp(aside, ways, WARM_UP[settings.quick ? 'quick' : 'whole'])
    const slices = await inTurns(
      ways,
      settings,
      () => purged(aside),
      (way, seconds) => slice(aside, way, seconds),
    )
    return sizes.map((size) => {
      const of = (name: WayName): Rounds<Slice> => {
        const found = ways.find((way) => way.name === name && way.size === size)
        return (found && slices.get(found)) ?? new Map<number, Slice>()
      }
      return { size, library: of('drain'), byHand: of('by hand'), shortest: of('the shortest') }
    })
  } finally {
    for (const way of ways) await way.stop()
  }
}

async function warmUp(
  aside: Pool,
  ways: readonly WayProcess[],
  { seconds, effects }: (typeof WARM_UP)['quick' | 'whole'],
): Promise<void> {
  const made = new Map(ways.map((way) => [way, 0]))
  for (let second = 0; second < seconds; second += 1) {
    for (const way of ways) {
      const before = made.get(way) ?? 0
      if (before >= effects) continue
      const { done } = await slice(aside, way, 1)
      made.set(way, before + done / (way.size.together ? way.size.batch : 1))
    }
  }
}

async function slice(aside: Pool, way: WayProcess, seconds: number): Promise<Slice> {
  const { done, tookMs, cpuUs } = await way.workFor(seconds)
  const { claimed, delivered, off, left } = await restoreOrders(aside)
  return {
    done,
    perSecond: (done * 1000) / tookMs,
    wrong: Math.abs(claimed - done) + Math.abs(delivered - done) + off + left,
    cpu: cpuUs / done,
  }
}

function section({ ofByHand, ofFewer }: Settings, { together, effect }: Kind, all: readonly Compared[]): Section {
  const kind = `${effect}, ${together ? 'one effect for a batch' : 'one effect for an order'}`
  const named = ({ workers, batch }: Size): string => `${kind}, ${workers} workers, batches of ${batch}`
  const targets: Target[] = [
    {
      what: `${kind}: orders that were not done exactly once`,
      measured: all.reduce((sum, { library }) => sum + wrongOf(library), 0),
      most: 0,
    },
  ]
  for (const { size, library, byHand: hand } of all) {
    targets.push({ what: `${named(size)}: beside the loop by hand`, measured: ratioOf(library, hand), least: ofByHand })
    const fewer = fewerThan(size, all)
    if (fewer === undefined) continue
    const what = `${named(size)}: beside ${fewer.size.workers}`
    targets.push({ what, measured: ratioOf(library, fewer.library), least: ofFewer })
  }
  const lines = all.map(({ size, library, byHand: hand, shortest }) => [
    `${size.workers} × ${size.batch}`,
    rateOf(library),
    rateOf(hand),
    ratioOf(library, hand),
    rateOf(shortest),
    ratioOf(library, shortest),
    cpuOf(library),
    cpuOf(hand),
  ])
  const head = [
    'workers × batch',
    'drain, orders a second',
    'by hand',
    'of by hand',
    'the shortest',
    'of the shortest',
    'CPU µs an order',
    'by hand',
  ]
  return { text: `## ${kind}\n\n${tableOf(head, lines)}`, targets }
}

/** The next fewer workers, with batches of the same size. */
const fewerThan = ({ workers, batch }: Size, all: readonly Compared[]): Compared | undefined =>
  all.filter(({ size }) => size.batch === batch && size.workers < workers).at(-1)

const rateOf = (slices: Rounds<Slice>): number => median([...slices.values()].map(({ perSecond }) => perSecond))
const cpuOf = (slices: Rounds<Slice>): number => median([...slices.values()].map(({ cpu }) => cpu))
const wrongOf = (slices: Rounds<Slice>): number => [...slices.values()].reduce((sum, { wrong }) => sum + wrong, 0)
